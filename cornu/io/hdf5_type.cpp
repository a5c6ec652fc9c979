// What an element is, and how many there are.
#include "cornu/io/hdf5_format.h"

namespace cornu::hdf5 {
namespace {

struct TypeHead {
  uint8_t version = 0, type_class = 0;
  uint32_t bits = 0, size = 0;
};

TypeHead read_head(ByteReader& reader) {
  const uint32_t first = reader.u32();
  TypeHead head{static_cast<uint8_t>((first >> 4) & 15), static_cast<uint8_t>(first & 15), first >> 8, reader.u32()};
  require<UnsupportedError>(head.version >= 1 && head.version <= 5, "HDF5 datatype of version ", head.version);
  require<FormatError>(head.size > 0, "HDF5 datatype without a size");
  return head;
}

void refuse_big_endian(bool big) {
  require<UnsupportedError>(!big, "HDF5: big-endian numbers are not supported. Save them little-endian (\"<f4\").");
}

Datatype::Kind read_integer(ByteReader& reader, const TypeHead& head) {
  refuse_big_endian(head.bits & 1);
  const uint16_t offset = reader.u16(), precision = reader.u16();
  require<UnsupportedError>(offset == 0 && precision == 8 * uint64_t{head.size} && (head.size == 1 || head.size == 2 || head.size == 4 || head.size == 8),
                            "HDF5: an integer of ", precision, " bits in ", head.size, " bytes");
  return head.bits & 8 ? Datatype::signed_integer : Datatype::unsigned_integer;
}

Datatype::Kind read_real(ByteReader& reader, const TypeHead& head) {
  refuse_big_endian((head.bits & 0x41) != 0);
  struct Layout {
    uint32_t size, sign, precision, exponent_at, exponent, mantissa_at, mantissa, bias;
    bool operator==(const Layout&) const = default;
  };
  Layout layout{head.size, (head.bits >> 8) & 0xff, 0, 0, 0, 0, 0, 0};
  const uint16_t offset = reader.u16();
  layout.precision = reader.u16();
  layout.exponent_at = reader.u8();
  layout.exponent = reader.u8();
  layout.mantissa_at = reader.u8();
  layout.mantissa = reader.u8();
  layout.bias = reader.u32();
  const bool implied_one = ((head.bits >> 4) & 3) == 2;
  if (offset == 0 && implied_one) {
    if (layout == Layout{4, 31, 32, 23, 8, 0, 23, 127}) return Datatype::real32;
    if (layout == Layout{8, 63, 64, 52, 11, 0, 52, 1023}) return Datatype::real64;
    if (layout == Layout{2, 15, 16, 10, 5, 0, 10, 15}) return Datatype::real16;
    if (layout == Layout{2, 15, 16, 7, 8, 0, 7, 127}) return Datatype::brain16;
  }
  throw UnsupportedError(text("HDF5: floating-point numbers of ", head.size, " bytes that are not IEEE 754's. Save them as float32."));
}

/// h5py's bool: an enumeration of one byte with FALSE = 0 and TRUE = 1.
Datatype::Kind read_enumeration(ByteReader& reader, const TypeHead& head) {
  const TypeHead base = read_head(reader);
  if (base.type_class != 0 || base.size != 1 || head.size != 1 || (head.bits & 0xffff) != 2) return Datatype::other;
  read_integer(reader, base);
  for (const std::string_view name : {"FALSE", "TRUE"}) {
    if (text_of(reader.take(name.size())) != name || reader.u8() != 0) return Datatype::other;
    const uint64_t used = name.size() + 1;
    if (head.version < 3) reader.skip((8 - used % 8) % 8);
  }
  return reader.u8() == 0 && reader.u8() == 1 ? Datatype::boolean : Datatype::other;
}

}  // namespace

Datatype read_datatype(ByteReader& reader) {
  const TypeHead head = read_head(reader);
  Datatype type;
  type.size = head.size;
  switch (head.type_class) {
    case 0: type.kind = read_integer(reader, head); break;
    case 1: type.kind = read_real(reader, head); break;
    case 3:
      type.kind = Datatype::text;
      type.space_padded = (head.bits & 15) == 2;
      break;
    case 5: type.kind = Datatype::opaque; break;
    case 7: type.kind = Datatype::reference; break;
    case 8: type.kind = read_enumeration(reader, head); break;
    case 9:
      if ((head.bits & 15) == 1) {
        type.kind = Datatype::vlen_text;
        require<FormatError>(head.size == 16, "HDF5: a string reference of ", head.size, " bytes; 16 expected");
      }
      break;
    default: break;
  }
  return type;
}

Shape read_dataspace(ByteReader& reader, const LoadLimits& limits) {
  const uint8_t version = reader.u8(), rank = reader.u8(), flags = reader.u8();
  require<UnsupportedError>(version == 1 || version == 2, "HDF5 dataspace of version ", version);
  check_limit(rank, limits.rank, "the rank of an HDF5 dataspace", "rank");
  const uint8_t kind = reader.u8();  // version 2 only
  if (version == 1) reader.skip(4);
  if (version == 2 && kind == 2) return Shape{0};
  require<FormatError>(version == 1 || (kind == 0) == (rank == 0), "HDF5 dataspace: kind ", kind, " with rank ", rank);
  Shape shape;
  for (int i = 0; i < rank; ++i) {
    const uint64_t size = reader.u64();
    check_limit(size, limits.dimension, "an HDF5 dimension", "dimension");
    shape.push_back(static_cast<int64_t>(size));
  }
  if (flags & 1) reader.skip(8 * uint64_t{rank});  // maximal sizes: only a writer needs them
  return shape;
}

uint64_t checked_elements(const Shape& shape, const LoadLimits& limits) {
  uint64_t n = 1;
  for (const int64_t size : shape) n = checked_mul(n, static_cast<uint64_t>(size), "the number of elements of an HDF5 dataspace");
  check_limit(n, limits.elements, "the number of elements of an HDF5 dataspace", "elements");
  return n;
}

}  // namespace cornu::hdf5
