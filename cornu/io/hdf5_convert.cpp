#include "cornu/io/hdf5_convert.h"

#include <bit>

#include "cornu/io/hdf5_read.h"

namespace cornu {
namespace hdf5 {

static_assert(std::endian::native == std::endian::little, "tensors are read as the little-endian bytes that they are in files");

DType tensor_dtype(const Datatype& type) {
  switch (type.kind) {
    case Datatype::real16:
    case Datatype::real32: return DType::float32;
    case Datatype::real64: return DType::float64;
    case Datatype::brain16: return DType::bfloat16;
    case Datatype::boolean: return DType::boolean;
    case Datatype::signed_integer: return type.size == 8 ? DType::int64 : DType::int32;
    case Datatype::unsigned_integer:
      if (type.size == 1) return DType::uint8;
      if (type.size == 2) return DType::int32;
      if (type.size == 4) return DType::int64;
      throw UnsupportedError("HDF5: uint64 numbers are not supported. Save them as int64.");
    default: break;
  }
  throw UnsupportedError("HDF5: the dataset's elements are neither integers, floats nor booleans");
}

bool needs_conversion(const Datatype& type) {
  return bytes_of(tensor_dtype(type)) != type.size || type.kind == Datatype::boolean;
}

namespace {
template <class From, class To, class F> void each(ByteView from, Tensor& to, F convert) {
  std::span<To> out = to.mutable_values<To>();
  for (size_t i = 0; i < out.size(); ++i) out[i] = convert(load_le<From>(from.subspan(i * sizeof(From), sizeof(From))));
}
}  // namespace

void convert_numbers(const Datatype& type, ByteView from, Tensor& to) {
  if (type.kind == Datatype::real16) return each<uint16_t, float>(from, to, half_to_float);
  if (type.kind == Datatype::boolean)
    return each<uint8_t, bool>(from, to, [](uint8_t b) {
      require<FormatError>(b <= 1, "HDF5: a boolean is ", b);
      return b == 1;
    });
  if (type.kind == Datatype::unsigned_integer) {
    if (type.size == 2) return each<uint16_t, int32_t>(from, to, [](uint16_t v) { return int32_t{v}; });
    return each<uint32_t, int64_t>(from, to, [](uint32_t v) { return int64_t{v}; });
  }
  if (type.size == 1) return each<uint8_t, int32_t>(from, to, [](uint8_t v) { return int32_t{static_cast<int8_t>(v)}; });
  return each<uint16_t, int32_t>(from, to, [](uint16_t v) { return int32_t{static_cast<int16_t>(v)}; });
}

}  // namespace hdf5

float half_to_float(uint16_t bits) {
  const uint32_t sign = uint32_t{bits & 0x8000u} << 16, exponent = (bits >> 10) & 31u, fraction = bits & 0x3ffu;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
  if (exponent > 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float magnitude = static_cast<float>(fraction) * 0x1p-24f;  // subnormal: exact in float32
  return sign ? -magnitude : magnitude;
}

}  // namespace cornu
