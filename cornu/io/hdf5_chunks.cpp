// Chunked datasets: the B-tree that finds the chunks (section III.A.1) and the filters that packed them.
#include <algorithm>
#include <cstring>

#include "cornu/io/hdf5_format.h"
#include "cornu/io/inflate.h"

namespace cornu::hdf5 {
namespace {

struct Chunk {
  uint64_t index;  // row-major among the dataset's chunks
  uint64_t address;
  uint32_t size, skip_mask;
};

/// The row-major index of the chunk that starts at `origin`. It must lie on the grid and within the dataset.
uint64_t chunk_index(const std::vector<uint64_t>& origin, const std::vector<uint64_t>& chunk, const Shape& shape) {
  uint64_t index = 0;
  for (size_t i = 0; i < chunk.size(); ++i) {
    const auto size = static_cast<uint64_t>(shape[static_cast<int>(i)]);
    require<FormatError>(origin[i] % chunk[i] == 0 && origin[i] < size, "HDF5 chunk at ", origin, " does not fit the dataset of shape ", shape);
    index = index * ((size + chunk[i] - 1) / chunk[i]) + origin[i] / chunk[i];
  }
  return index;
}

std::vector<Chunk> list_chunks(const Source& source, const Storage& storage, const Shape& shape) {
  const size_t rank = storage.chunk.size();
  struct Node {
    uint64_t address;
    int level;  // -1 for the root
  };
  std::vector<Node> todo{{storage.address, -1}};
  std::vector<Chunk> chunks;
  while (!todo.empty()) {
    const Node node = todo.back();
    todo.pop_back();
    ByteReader top = source.file.part(node.address, 24, "HDF5 chunk B-tree");
    top.expect("TREE");
    const uint8_t type = top.u8(), level = top.u8();
    const uint16_t used = top.u16();
    require<FormatError>(type == 1 && level < 64 && (node.level < 0 || level == node.level), "HDF5 chunk B-tree at byte ", node.address, ": type ", type,
                         ", level ", level, " do not fit");
    const uint64_t key_bytes = 8 + 8 * (rank + 1);
    ByteReader entries = source.file.part(node.address + 24, used * (key_bytes + 8), "HDF5 chunk B-tree");
    source.budget.take_work(24 + entries.size());
    source.budget.take_memory(sizeof(Node) * used + sizeof(Chunk) * used, "HDF5 chunks");
    for (int i = 0; i < used; ++i) {
      Chunk chunk{};
      chunk.size = entries.u32();
      chunk.skip_mask = entries.u32();
      std::vector<uint64_t> origin(rank);
      for (uint64_t& o : origin) o = entries.u64();
      entries.skip(8);  // the element's own axis
      chunk.address = entries.u64();
      if (level > 0) {
        todo.push_back({chunk.address, level - 1});
      } else {
        chunk.index = chunk_index(origin, storage.chunk, shape);
        chunks.push_back(chunk);
      }
    }
  }
  std::ranges::sort(chunks, {}, &Chunk::index);
  require<FormatError>(std::ranges::adjacent_find(chunks, {}, &Chunk::index) == chunks.end(), "HDF5: a chunk is given twice");
  return chunks;
}

/// Copies a chunk to its place; the parts of it beyond the dataset's edges are dropped.
void place(ByteView from, uint64_t index, const Storage& storage, const Shape& shape, uint32_t element_bytes, std::span<std::byte> to) {
  const size_t rank = storage.chunk.size();
  std::vector<uint64_t> origin(rank), count(rank), to_step(rank), from_step(rank);
  uint64_t to_elements = 1, from_elements = 1;
  for (size_t i = rank; i-- > 0;) {
    const auto size = static_cast<uint64_t>(shape[static_cast<int>(i)]);
    const uint64_t grid = (size + storage.chunk[i] - 1) / storage.chunk[i];
    origin[i] = index % grid * storage.chunk[i];
    index /= grid;
    count[i] = std::min(storage.chunk[i], size - origin[i]);
    to_step[i] = to_elements;
    from_step[i] = from_elements;
    to_elements *= size;
    from_elements *= storage.chunk[i];
  }
  const uint64_t run = count[rank - 1] * element_bytes;
  std::vector<uint64_t> at(rank);
  while (true) {
    uint64_t read = 0, write = 0;
    for (size_t i = 0; i < rank; ++i) {
      read += at[i] * from_step[i];
      write += (origin[i] + at[i]) * to_step[i];
    }
    const ByteView row = from.subspan(static_cast<size_t>(read * element_bytes), static_cast<size_t>(run));
    std::memcpy(to.subspan(static_cast<size_t>(write * element_bytes), static_cast<size_t>(run)).data(), row.data(), row.size());
    size_t axis = rank - 1;
    while (axis > 0 && ++at[axis - 1] == count[axis - 1]) at[--axis] = 0;
    if (axis == 0) return;
  }
}

Bytes unshuffle(const Bytes& planes, uint32_t element_bytes) {
  require<FormatError>(element_bytes > 0, "HDF5 shuffle filter: elements of no size");
  const size_t n = planes.size() / element_bytes, whole = n * element_bytes;
  Bytes out(planes.size());
  for (size_t b = 0; b < element_bytes && n > 0; ++b)
    for (size_t i = 0; i < n; ++i) out[i * element_bytes + b] = planes[b * n + i];
  std::copy(planes.begin() + static_cast<std::ptrdiff_t>(whole), planes.end(), out.begin() + static_cast<std::ptrdiff_t>(whole));
  return out;
}

void check_fletcher(Bytes& bytes) {
  require<FormatError>(bytes.size() >= 4, "HDF5 fletcher32: a chunk without its checksum");
  const auto data = ByteView(bytes).first(bytes.size() - 4);
  const auto stated = load_le<uint32_t>(ByteView(bytes).last(4));
  require<FormatError>(fletcher32(data) == stated, "HDF5 chunk: the checksum is wrong: the file was damaged after it was saved. Use a backup.");
  bytes.resize(data.size());
}

}  // namespace

void read_chunks(const Source& source, const Storage& storage, const Shape& shape, uint32_t element_bytes, std::span<std::byte> to) {
  uint64_t bytes = element_bytes;
  for (const uint64_t along : storage.chunk) bytes = checked_mul(bytes, along, "the size of an HDF5 chunk");
  for (const Chunk& chunk : list_chunks(source, storage, shape)) {
    const ByteView packed = source.file.part(chunk.address, chunk.size, "HDF5 chunk").take(chunk.size);
    source.budget.take_work(bytes);
    if (storage.filters.empty()) {
      require<FormatError>(packed.size() == bytes, "HDF5 chunk: ", packed.size(), " bytes where ", bytes, " belong");
      place(packed, chunk.index, storage, shape, element_bytes, to);
    } else {
      place(unfilter(packed, storage.filters, chunk.skip_mask, bytes, source.budget), chunk.index, storage, shape, element_bytes, to);
    }
  }
}

Bytes unfilter(ByteView packed, const std::vector<Filter>& filters, uint32_t skip_mask, uint64_t size, Budget& budget) {
  const uint64_t most = size + 4 * filters.size();  // checksums that a later filter packed
  Bytes bytes;
  bool owned = false;
  const auto own = [&] {
    require<FormatError>(packed.size() <= most, "HDF5 chunk: ", packed.size(), " bytes where ", size, " belong");
    if (!owned) bytes.assign(packed.begin(), packed.end());
    owned = true;
  };
  for (size_t i = filters.size(); i-- > 0;) {
    if (skip_mask >> i & 1) continue;
    if (filters[i].id == 1) {
      bytes = inflate(owned ? ByteView(bytes) : packed, most, 15, budget);
      owned = true;
      continue;
    }
    own();
    if (filters[i].id == 2) {
      bytes = unshuffle(bytes, filters[i].client);
    } else {
      check_fletcher(bytes);
    }
  }
  own();
  require<FormatError>(bytes.size() == size, "HDF5 chunk: ", bytes.size(), " bytes where ", size, " belong");
  return bytes;
}

uint32_t fletcher32(ByteView bytes) {
  uint32_t a = 0, b = 0;
  const auto fold = [](uint32_t s) { return (s & 0xffff) + (s >> 16); };
  for (size_t i = 0; i < bytes.size(); i += 2) {
    const auto word = static_cast<uint32_t>(bytes[i]) << 8 | (i + 1 < bytes.size() ? static_cast<uint32_t>(bytes[i + 1]) : 0u);
    a = fold(a + word);
    b = fold(b + a);
  }
  return fold(b) << 16 | fold(a);
}

}  // namespace cornu::hdf5
