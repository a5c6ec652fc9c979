// Where the numbers of a dataset lie (sections IV.A.2.e, f, i and l).
#include <algorithm>
#include <cstring>

#include "cornu/io/hdf5_format.h"

namespace cornu::hdf5 {
namespace {

std::vector<Filter> read_filters(ByteReader body) {
  const uint8_t version = body.u8(), count = body.u8();
  require<UnsupportedError>(version == 1 || version == 2, "HDF5 filters of version ", version);
  check_limit(count, 32, "the number of HDF5 filters", "(fixed)");
  if (version == 1) body.skip(6);
  std::vector<Filter> filters;
  for (int i = 0; i < count; ++i) {
    Filter filter;
    filter.id = body.u16();
    const uint16_t name_size = version == 1 || filter.id >= 256 ? body.u16() : uint16_t{0};
    body.skip(2);
    const uint16_t values = body.u16();
    const uint64_t padding = version == 1 ? (8 - name_size % 8) % 8 : 0;
    const ByteView name = body.take(name_size);
    body.skip(padding);
    require<UnsupportedError>(filter.id >= 1 && filter.id <= 3, "HDF5 filter ", filter.id, " ('", printable(text_of(name)),
                              "'); only gzip, shuffle and fletcher32 are supported. Save the dataset with one of those.");
    for (int k = 0; k < values; ++k) {
      const uint32_t value = body.u32();
      if (k == 0) filter.client = value;
    }
    if (version == 1 && values % 2) body.skip(4);
    filters.push_back(filter);
  }
  return filters;
}

ByteView read_fill(const std::vector<Message>& messages, uint32_t element_bytes) {
  ByteView fill;
  if (const Message* m = find_message(messages, msg_fill)) {
    ByteReader body = m->body;
    const uint8_t version = body.u8();
    require<UnsupportedError>(version >= 1 && version <= 3, "HDF5 fill value of version ", version);
    bool given = false;
    if (version == 3) {
      given = body.u8() & 0x20;
    } else {
      body.skip(2);
      given = body.u8() != 0;
      given = given || version == 1;
    }
    if (given) fill = body.take(body.u32());
  } else if (const Message* old = find_message(messages, msg_fill_old)) {
    ByteReader body = old->body;
    fill = body.take(body.u32());
  }
  require<FormatError>(fill.empty() || fill.size() == element_bytes, "HDF5 fill value of ", fill.size(), " bytes for elements of ", element_bytes);
  return fill;
}

void read_chunked_layout(const Source& source, ByteReader& body, const Shape& shape, uint32_t element_bytes, Storage& storage) {
  const uint8_t rank_and_one = body.u8();
  storage.address = body.u64();
  require<FormatError>(rank_and_one == shape.rank() + 1 && rank_and_one > 1, "HDF5 chunks of rank ", rank_and_one - 1, " in a dataset of shape ", shape);
  uint64_t bytes = element_bytes, chunks = 1;
  for (const int64_t size : shape) {
    const uint32_t along = body.u32();
    require<FormatError>(along > 0, "HDF5 chunk: an axis of no length");
    storage.chunk.push_back(along);
    bytes = checked_mul(bytes, along, "the size of an HDF5 chunk");
    chunks = checked_mul(chunks, (static_cast<uint64_t>(size) + along - 1) / along, "the number of HDF5 chunks");
  }
  require<FormatError>(body.u32() == element_bytes, "HDF5 chunk: its elements are not those of the dataset");
  const LoadLimits& limits = source.budget.limits();
  check_limit(bytes, limits.hdf5_chunk_bytes, "the size of an HDF5 chunk", "hdf5_chunk_bytes");
  check_limit(chunks, limits.objects, "the number of HDF5 chunks", "objects");
  source.budget.take_memory(checked_mul(chunks, 64, "the number of HDF5 chunks") + 2 * bytes, "HDF5 chunks");
}

void fill_with(std::span<std::byte> to, ByteView element) {
  if (std::ranges::all_of(element, [](std::byte b) { return b == std::byte{0}; })) return;  // `to` is zero already
  for (size_t i = 0; i < to.size(); i += element.size()) std::memcpy(to.data() + i, element.data(), element.size());
}

}  // namespace

Storage read_storage(const Source& source, const std::vector<Message>& messages, const Shape& shape, uint32_t element_bytes) {
  require<UnsafeError>(!find_message(messages, msg_external), "HDF5: the dataset's numbers lie in other files (external storage)");
  const uint64_t bytes = checked_mul(checked_elements(shape, source.budget.limits()), element_bytes, "the size of an HDF5 dataset");
  const Message* layout = find_message(messages, msg_layout);
  require<FormatError>(layout, "HDF5 dataset without a layout");
  ByteReader body = layout->body;
  const uint8_t version = body.u8();
  require<UnsupportedError>(version == 3 || version == 4, "HDF5 layout of version ", version, ". Save the file again with HDF5 1.8 or later.");
  Storage storage;
  storage.fill = read_fill(messages, element_bytes);
  if (const Message* m = find_message(messages, msg_filters)) storage.filters = read_filters(m->body);
  const uint8_t kind = body.u8();
  switch (kind) {
    case 0:
      storage.kind = Storage::compact;
      storage.compact_data = body.take(body.u16());
      require<FormatError>(storage.compact_data.size() == bytes, "HDF5 compact dataset: ", storage.compact_data.size(), " bytes for ", bytes);
      break;
    case 1:
      storage.address = body.u64();
      storage.size = body.u64();
      require<FormatError>(storage.size == bytes, "HDF5 dataset of shape ", shape, " needs ", bytes, " bytes, its layout states ", storage.size);
      if (storage.address != undefined_address) source.file.part(storage.address, bytes, "HDF5 dataset");  // requires it to lie within
      break;
    case 2:
      require<UnsupportedError>(version == 3, "HDF5 chunk index of libver=\"latest\". Save the file with h5py's default libver.");
      storage.kind = Storage::chunked;
      read_chunked_layout(source, body, shape, element_bytes, storage);
      break;
    case 3: throw UnsafeError("HDF5: a virtual dataset, which reads other files");
    default: throw FormatError(text("HDF5 layout of an unknown class ", kind));
  }
  require<FormatError>(storage.filters.empty() || kind == 2, "HDF5: filters on a dataset without chunks");
  return storage;
}

void read_numbers(const Source& source, const Storage& storage, const Shape& shape, uint32_t element_bytes, std::span<std::byte> to) {
  if (to.empty()) return;
  ByteView from = storage.compact_data;
  if (storage.kind == Storage::contiguous && storage.address != undefined_address)
    from = source.file.part(storage.address, to.size(), "HDF5 dataset").take(to.size());
  if (!from.empty()) {
    require<FormatError>(from.size() == to.size(), "HDF5 dataset: ", from.size(), " bytes for ", to.size());
    std::memcpy(to.data(), from.data(), to.size());
    return;
  }
  fill_with(to, storage.fill);
  if (storage.kind == Storage::chunked && storage.address != undefined_address) read_chunks(source, storage, shape, element_bytes, to);
}

}  // namespace cornu::hdf5
