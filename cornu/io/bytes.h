// Reading untrusted bytes: every offset is a checked 64-bit number and no parser holds a raw pointer.
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "cornu/base/error.h"

namespace cornu {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

/// a + b and a * b for sizes that a file states; FormatError, naming `what`, when they overflow 64 bits.
inline uint64_t checked_add(uint64_t a, uint64_t b, std::string_view what) {
  uint64_t sum = 0;
  require<FormatError>(!__builtin_add_overflow(a, b, &sum), what, " overflows: ", a, " + ", b);
  return sum;
}
inline uint64_t checked_mul(uint64_t a, uint64_t b, std::string_view what) {
  uint64_t product = 0;
  require<FormatError>(!__builtin_mul_overflow(a, b, &product), what, " overflows: ", a, " * ", b);
  return product;
}

inline ByteView view_of(std::string_view s) { return std::as_bytes(std::span(s)); }
inline std::string_view text_of(ByteView b) { return {reinterpret_cast<const char*>(b.data()), b.size()}; }

/// A little-endian integer at the front of `bytes`, which must hold it.
template <std::unsigned_integral T> T load_le(ByteView bytes) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>(value | static_cast<T>(static_cast<T>(bytes[i]) << (8 * i)));
  return value;
}
template <std::unsigned_integral T> void store_le(Bytes& to, T value) {
  for (size_t i = 0; i < sizeof(T); ++i) to.push_back(static_cast<std::byte>(value >> (8 * i)));
}

/// A place in a span of bytes, moving forward. Whatever does not fit is a FormatError that names `what` and the offset.
class ByteReader {
 public:
  /// `what` must outlive the reader (a literal); `origin` is where the span starts in its file, for messages.
  ByteReader(ByteView bytes, std::string_view what, uint64_t origin = 0) : bytes_(bytes), what_(what), origin_(origin) {}

  uint64_t size() const { return bytes_.size(); }
  uint64_t position() const { return at_; }
  uint64_t remaining() const { return bytes_.size() - at_; }
  /// The position within the file.
  uint64_t offset() const { return origin_ + at_; }

  void seek(uint64_t position) {
    require<FormatError>(position <= bytes_.size(), what_, ": points to byte ", position, " of ", bytes_.size());
    at_ = position;
  }
  ByteView take(uint64_t n) {
    require<FormatError>(n <= remaining(), what_, ": truncated at byte ", offset(), ": ", n, " bytes expected, ", remaining(), " left");
    const ByteView part = bytes_.subspan(static_cast<size_t>(at_), static_cast<size_t>(n));
    at_ += n;
    return part;
  }
  void skip(uint64_t n) { take(n); }
  template <std::unsigned_integral T> T take_le() { return load_le<T>(take(sizeof(T))); }
  uint8_t u8() { return take_le<uint8_t>(); }
  uint16_t u16() { return take_le<uint16_t>(); }
  uint32_t u32() { return take_le<uint32_t>(); }
  uint64_t u64() { return take_le<uint64_t>(); }
  /// An unsigned number of 1 to 8 bytes.
  uint64_t number(unsigned width) {
    uint64_t value = 0;
    const ByteView part = take(width);
    for (unsigned i = 0; i < width; ++i) value |= static_cast<uint64_t>(part[i]) << (8 * i);
    return value;
  }
  /// Requires the next bytes to be `magic`.
  void expect(std::string_view magic) {
    const uint64_t where = offset();
    const std::string_view found = text_of(take(magic.size()));
    require<FormatError>(found == magic, what_, ": expected '", printable(magic), "' at byte ", where, ", found '", printable(found), "'");
  }
  /// The bytes [position, position + length), as a reader of their own.
  ByteReader part(uint64_t position, uint64_t length, std::string_view what) const {
    require<FormatError>(position <= bytes_.size() && length <= bytes_.size() - position, what, ": bytes ", position, " to ", position, " + ",
                         length, " lie outside the file of ", bytes_.size(), " bytes");
    return {bytes_.subspan(static_cast<size_t>(position), static_cast<size_t>(length)), what, origin_ + position};
  }

 private:
  ByteView bytes_;
  std::string_view what_;
  uint64_t origin_ = 0;
  uint64_t at_ = 0;
};

/// Runs f; an Error of it is thrown again, of the same type, with `where` and ": " before its text.
template <class F> decltype(auto) with_context(std::string_view where, F&& f) {
  try {
    return f();
  } catch (const LimitError& e) {
    throw LimitError(text(where, ": ", e.what()));
  } catch (const UnsafeError& e) {
    throw UnsafeError(text(where, ": ", e.what()));
  } catch (const FormatError& e) {
    throw FormatError(text(where, ": ", e.what()));
  } catch (const UnsupportedError& e) {
    throw UnsupportedError(text(where, ": ", e.what()));
  }
}

}  // namespace cornu
