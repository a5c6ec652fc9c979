#include "cornu/data/idx.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "cornu/base/error.h"

namespace cornu {
namespace {

struct Type {
  unsigned char code;
  DType dtype;    // in the tensor
  size_t stored;  // bytes of an element in the file
};
constexpr std::array<Type, 6> types = {{{0x08, DType::uint8, 1},
                                        {0x09, DType::int32, 1},
                                        {0x0B, DType::int32, 2},
                                        {0x0C, DType::int32, 4},
                                        {0x0D, DType::float32, 4},
                                        {0x0E, DType::float64, 8}}};

std::string where(const ByteSource& file) { return text("IDX file '", printable(file.path()), "'"); }

const Type& type_of(unsigned char code, const ByteSource& file) {
  for (const Type& t : types)
    if (t.code == code) return t;
  throw FormatError(text(where(file), " has elements of unknown type ", int{code},
                         "; IDX knows 8 (uint8), 9 (int8), 11 (int16), 12 (int32), 13 (float32) and 14 (float64)"));
}

struct Header {
  const Type* type;
  Shape shape;
  uint64_t elements, bytes;  // bytes: of the whole file, unpacked
};

Header read_header(ByteSource& file) {
  std::array<unsigned char, 4 + 4 * 8> raw;
  size_t got = file.read(raw.data(), 4);
  require<FormatError>(got == 4 && raw[0] == 0 && raw[1] == 0, where(file),
                       " does not begin as IDX does, with the bytes 0 0 type rank; ",
                       got < 4 ? text("it holds ", got, " bytes")
                               : text("found ", int{raw[0]}, " ", int{raw[1]}, " ", int{raw[2]}, " ", int{raw[3]}));
  Header header{.type = &type_of(raw[2], file), .shape = {}, .elements = 1, .bytes = 0};
  const size_t rank = raw[3];
  require<LimitError>(rank <= 8, where(file), " has ", rank, " axes; at most 8 are read");
  got = file.read(raw.data() + 4, 4 * rank);
  require<FormatError>(got == 4 * rank, where(file), " ends within its header: ", 4 + 4 * rank, " bytes expected, ", 4 + got,
                       " found");
  bool fits = true;
  for (size_t i = 0; i < rank; ++i) {
    const unsigned char* b = raw.data() + 4 + 4 * i;
    const uint32_t size = uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 | uint32_t{b[3]};
    header.shape.push_back(size);
    fits = fits && !__builtin_mul_overflow(header.elements, uint64_t{size}, &header.elements);
  }
  fits = fits && header.elements < uint64_t{1} << 48;
  require<FormatError>(fits, where(file), " claims the shape ", header.shape, ", which no file can hold");
  header.bytes = 4 + 4 * rank + header.elements * header.type->stored;
  return header;
}

/// Refuses what cannot be right before any memory is asked for.
void check_sizes(const Header& header, const ByteSource& file) {
  if (!file.is_gzip()) {
    require<FormatError>(header.bytes == file.file_bytes(), where(file), " of shape ", header.shape, ": ", header.bytes,
                         " bytes expected, ", file.file_bytes(), " found",
                         header.bytes > file.file_bytes() ? "; the copy or download was interrupted?" : "");
  } else {
    require<LimitError>(header.bytes <= file.most_bytes(), where(file), " claims the shape ", header.shape, ": ", header.bytes,
                        " bytes expected, from a gzip file of ", file.file_bytes(),
                        "; DataLimits::compression_ratio raises the limit");
  }
  const uint64_t memory = header.elements * bytes_of(header.type->dtype);
  require<LimitError>(memory <= file.memory_limit(), where(file), " of shape ", header.shape, " needs ", memory,
                      " bytes of memory, above the limit of ", file.memory_limit(), " (DataLimits::memory_bytes)");
}

/// Big-endian elements of `Stored` bytes each to the tensor's own.
template <class T, size_t Stored>
void convert(const unsigned char* from, T* to, size_t n) {
  using Word = std::conditional_t<Stored == 8, uint64_t, uint32_t>;
  for (size_t i = 0; i < n; ++i) {
    Word word = 0;
    for (size_t k = 0; k < Stored; ++k) word = static_cast<Word>(word << 8) | from[Stored * i + k];
    if constexpr (Stored == sizeof(T))
      to[i] = std::bit_cast<T>(word);
    else
      to[i] = std::bit_cast<T>(word << (8 * (sizeof(T) - Stored))) >> (8 * (sizeof(T) - Stored));  // brings the sign down
  }
}

void convert(const Type& type, const unsigned char* from, void* to, size_t n) {
  switch (type.code) {
    case 0x09:
      return convert<int32_t, 1>(from, static_cast<int32_t*>(to), n);
    case 0x0B:
      return convert<int32_t, 2>(from, static_cast<int32_t*>(to), n);
    case 0x0C:
      return convert<int32_t, 4>(from, static_cast<int32_t*>(to), n);
    case 0x0D:
      return convert<float, 4>(from, static_cast<float*>(to), n);
    case 0x0E:
      return convert<double, 8>(from, static_cast<double*>(to), n);
  }
}

}  // namespace

Tensor read_idx(const std::string& path, const DataLimits& limits) {
  ByteSource file(path, limits);
  const Header header = read_header(file);
  check_sizes(header, file);
  Tensor tensor(header.type->dtype, header.shape);
  auto* to = static_cast<unsigned char*>(tensor.mutable_data());
  const size_t step = bytes_of(header.type->dtype);
  std::array<unsigned char, 1 << 14> block;
  for (uint64_t i = 0; i < header.elements;) {
    const bool as_is = header.type->code == 0x08;
    const auto n = static_cast<size_t>(as_is ? header.elements
                                             : std::min<uint64_t>(header.elements - i, block.size() / header.type->stored));
    unsigned char* const at = to + i * step;
    const size_t wanted = n * header.type->stored, got = file.read(as_is ? at : block.data(), wanted);
    require<FormatError>(got == wanted, where(file), " of shape ", header.shape, ": ", header.bytes, " bytes expected, ",
                         file.position(), " found; the copy or download was interrupted?");
    if (!as_is) convert(*header.type, block.data(), at, n);
    i += n;
  }
  unsigned char more;
  require<FormatError>(file.read(&more, 1) == 0, where(file), " of shape ", header.shape, ": ", header.bytes,
                       " bytes expected, more found");
  return tensor;
}

}  // namespace cornu
