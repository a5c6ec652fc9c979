// The element types of tensors.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cornu {

enum class DType : uint8_t { float32, float64, bfloat16, int32, int64, uint8, boolean };

/// The upper half of a float32: 8 bits of exponent, 7 of fraction. Storage only; arithmetic happens in float32.
struct bfloat16 {
  uint16_t bits = 0;
  bfloat16() = default;
  /// Rounds to nearest, ties to even; a NaN stays a NaN.
  explicit bfloat16(float f) {
    const auto u = std::bit_cast<uint32_t>(f);
    const bool nan = (u & 0x7fffffffu) > 0x7f800000u;
    bits = static_cast<uint16_t>(nan ? (u >> 16 | 0x40u) : (u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
  }
  explicit operator float() const { return std::bit_cast<float>(uint32_t{bits} << 16); }
  bool operator==(const bfloat16& o) const { return float(*this) == float(o); }
};

/// Keras's names: "float32", ..., "bool".
std::string_view name_of(DType dtype);
/// Throws ArgumentError for a name that no dtype has.
DType dtype_named(std::string_view name);
inline void append_text(std::string& to, DType dtype) { to += name_of(dtype); }

constexpr size_t bytes_of(DType dtype) {
  constexpr size_t bytes[] = {4, 8, 2, 4, 8, 1, 1};
  return bytes[static_cast<int>(dtype)];
}
constexpr bool is_float(DType d) { return d == DType::float32 || d == DType::float64 || d == DType::bfloat16; }
constexpr bool is_integer(DType d) { return d == DType::int32 || d == DType::int64 || d == DType::uint8; }

template <class T> struct dtype_of_type;
template <> struct dtype_of_type<float> { static constexpr DType value = DType::float32; };
template <> struct dtype_of_type<double> { static constexpr DType value = DType::float64; };
template <> struct dtype_of_type<bfloat16> { static constexpr DType value = DType::bfloat16; };
template <> struct dtype_of_type<int32_t> { static constexpr DType value = DType::int32; };
template <> struct dtype_of_type<int64_t> { static constexpr DType value = DType::int64; };
template <> struct dtype_of_type<uint8_t> { static constexpr DType value = DType::uint8; };
template <> struct dtype_of_type<bool> { static constexpr DType value = DType::boolean; };
template <class T> inline constexpr DType dtype_of = dtype_of_type<T>::value;

/// Calls f with a value of the C++ type that stores `dtype`.
template <class F> decltype(auto) with_type(DType dtype, F&& f) {
  switch (dtype) {
    case DType::float64: return f(double{});
    case DType::bfloat16: return f(bfloat16{});
    case DType::int32: return f(int32_t{});
    case DType::int64: return f(int64_t{});
    case DType::uint8: return f(uint8_t{});
    case DType::boolean: return f(bool{});
    case DType::float32: break;
  }
  return f(float{});
}

}  // namespace cornu
