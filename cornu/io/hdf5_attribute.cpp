// Attributes (section IV.A.2.m) and the global heap that long strings live in (section III.E).
#include "cornu/io/hdf5_format.h"
#include "cornu/io/json.h"

namespace cornu::hdf5 {
namespace {

ByteView global_heap_object(const Source& source, uint64_t address, uint32_t index) {
  ByteReader head = source.file.part(address, 16, "HDF5 global heap");
  head.expect("GCOL");
  require<FormatError>(head.u32() == 1, "HDF5 global heap of an unknown version");
  const uint64_t size = head.u64();
  require<FormatError>(size >= 16, "HDF5 global heap: too small");
  ByteReader heap = source.file.part(address, size, "HDF5 global heap");
  heap.skip(16);
  while (heap.remaining() >= 16) {
    const uint16_t id = heap.u16();
    heap.skip(6);
    const uint64_t length = heap.u64();
    source.budget.take_work(16);
    if (id == 0) break;  // the free space at the end
    const ByteView object = heap.take(length);
    if (id == index) return object;
    heap.skip(std::min<uint64_t>((8 - length % 8) % 8, heap.remaining()));
  }
  throw FormatError(text("HDF5 global heap at byte ", address, ": no object ", index));
}

std::string checked_text(const Source& source, std::string_view s) {
  require<FormatError>(is_utf8(s), "HDF5: the text '", printable(s), "' is not UTF-8");
  source.budget.take_memory(2 * sizeof(std::string) + s.size(), "HDF5 attributes");
  return std::string(s);
}

std::string read_text(const Source& source, ByteReader& data, const Datatype& type) {
  if (type.kind == Datatype::vlen_text) {
    const uint32_t length = data.u32();
    const uint64_t address = data.u64();
    const uint32_t index = data.u32();
    if (length == 0) return {};
    const ByteView object = global_heap_object(source, address, index);
    require<FormatError>(length <= object.size(), "HDF5: a string of ", length, " bytes in a heap object of ", object.size());
    const std::string_view s = text_of(object.first(length));
    return checked_text(source, s.substr(0, std::min(s.find('\0'), s.size())));
  }
  std::string_view s = text_of(data.take(type.size));
  s = s.substr(0, std::min(s.find('\0'), s.size()));
  if (type.space_padded) s = s.substr(0, s.find_last_not_of(' ') + 1);
  return checked_text(source, s);
}

}  // namespace

Attribute read_attribute(const Source& source, ByteReader body) {
  const uint8_t version = body.u8(), flags = body.u8();
  require<UnsupportedError>(version >= 1 && version <= 3, "HDF5 attribute of version ", version);
  require<UnsupportedError>(version == 1 || flags == 0, "HDF5 attribute with a committed datatype. Save the file again without named types.");
  const uint16_t name_size = body.u16(), type_size = body.u16(), space_size = body.u16();
  if (version == 3) body.skip(1);  // character set of the name
  const auto field = [&](uint16_t size) {
    const uint64_t at = body.offset();
    ByteReader part(body.take(size), "HDF5 attribute", at);
    if (version == 1) body.skip((8 - size % 8) % 8);
    return part;
  };
  ByteReader name = field(name_size), type_bytes = field(type_size), space_bytes = field(space_size);
  std::string_view chars = text_of(name.take(name_size));
  chars = chars.substr(0, std::min(chars.find('\0'), chars.size()));

  source.budget.take_object("the number of HDF5 links and attributes");
  Attribute attribute;
  check_limit(chars.size(), source.budget.limits().name_bytes, "the length of an HDF5 name", "name_bytes");
  attribute.name = checked_text(source, chars);
  return with_context(text("attribute '", printable(chars), "'"), [&] {
    const Datatype type = read_datatype(type_bytes);
    require<UnsafeError>(type.kind != Datatype::reference, "is a reference to another object");
    const uint64_t n = checked_elements(read_dataspace(space_bytes, source.budget.limits()), source.budget.limits());
    check_limit(checked_mul(n, type.size, "the size of an HDF5 attribute"), source.budget.limits().hdf5_attribute_bytes, "the size of an HDF5 attribute",
                "hdf5_attribute_bytes");
    attribute.is_text = type.kind == Datatype::text || type.kind == Datatype::vlen_text;
    const uint64_t at = body.offset();
    ByteReader data(body.take(n * type.size), "HDF5 attribute", at);
    if (!attribute.is_text) return attribute;
    source.budget.take_memory(2 * sizeof(std::string) * n, "HDF5 attributes");
    for (uint64_t i = 0; i < n; ++i) attribute.values.push_back(read_text(source, data, type));
    return attribute;
  });
}

}  // namespace cornu::hdf5
