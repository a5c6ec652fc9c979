#include "cornu/io/hdf5_write.h"

#include "cornu/io/hdf5_layout.h"
#include "cornu/io/json.h"

namespace cornu {
using namespace hdf5;

Hdf5Writer::Hdf5Writer() : nodes_(1) {}

size_t Hdf5Writer::add(std::string_view path, bool is_group) {
  size_t at = 0;
  require(is_group || !path.empty(), "an HDF5 dataset needs a path");
  for (size_t start = 0; start < path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    const std::string_view name = path.substr(start, end - start);
    require(!name.empty() && end + 1 != path.size() && name != "." && name != ".." && is_utf8(name) && name.find('\0') == std::string_view::npos, "'",
            printable(path), "' is not a path in an HDF5 file; write it like layers/dense/vars");
    require(nodes_[at].is_group, "the HDF5 path '", printable(path), "' leads through a dataset");
    const bool last = end == path.size();
    if (const auto child = nodes_[at].children.find(name); child != nodes_[at].children.end()) {
      at = child->second;
      require(!last || (is_group && nodes_[at].is_group), "the HDF5 path '", printable(path), "' is taken");
    } else {
      nodes_[at].children.emplace(name, nodes_.size());
      at = nodes_.size();
      nodes_.emplace_back();
      nodes_[at].is_group = !last || is_group;
    }
    start = end + 1;
  }
  return at;
}

void Hdf5Writer::add_group(std::string_view path, const TextAttributes& attributes) {
  Node& node = nodes_[add(path, true)];
  for (const auto& [name, value] : attributes) require(is_utf8(name) && is_utf8(value) && !name.empty(), "an HDF5 attribute of '", printable(path), "' is not UTF-8");
  node.attributes.insert(node.attributes.end(), attributes.begin(), attributes.end());
}

void Hdf5Writer::add_dataset(std::string_view path, Tensor tensor) {
  Node& node = nodes_[add(path, false)];
  require(tensor.shape().rank() <= 32, "an HDF5 dataset has at most 32 axes, but '", printable(path), "' has ", tensor.shape().rank());
  if (tensor.scale() != 1) tensor = tensor.cast(DType::float32);
  if (tensor.dtype() == DType::bfloat16) node.attributes.push_back({"dtype", "bfloat16"});
  node.tensor = std::move(tensor);
}

Parts Hdf5Writer::finish() const {
  constexpr uint64_t superblock_bytes = 96;
  // The numbers stand first, so that all addresses are known when the headers are written.
  const auto padding = [](uint64_t n) { return (8 - n % 8) % 8; };
  std::vector<uint64_t> data(nodes_.size(), UINT64_MAX);
  uint64_t end = superblock_bytes;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].is_group || nodes_[i].tensor.bytes() == 0) continue;
    data[i] = end;
    end += nodes_[i].tensor.bytes() + padding(nodes_[i].tensor.bytes());
  }
  GlobalHeaps heaps(end);
  std::vector<std::vector<Bytes>> attributes(nodes_.size());
  for (size_t i = 0; i < nodes_.size(); ++i)
    for (const auto& [name, value] : nodes_[i].attributes) attributes[i].push_back(text_attribute(name, value.size(), heaps.put(value)));
  Bytes heap_bytes = heaps.finish();
  Metadata metadata(end + heap_bytes.size());

  std::vector<Entry> written(nodes_.size());
  for (size_t i = nodes_.size(); i-- > 0;) {  // children before parents
    if (!nodes_[i].is_group) {
      written[i].header = put_dataset(metadata, nodes_[i].tensor, data[i], attributes[i]);
      continue;
    }
    std::vector<Entry> entries;
    for (const auto& [name, child] : nodes_[i].children) {
      entries.push_back(written[child]);
      entries.back().name = name;
    }
    written[i] = put_group(metadata, "", entries, attributes[i]);
  }

  Metadata superblock(0);
  superblock.put("\x89HDF\r\n\x1a\n");
  superblock.put<uint32_t>(0);           // versions
  superblock.put<uint32_t>(0x00080800);  // version of shared messages; addresses and lengths of 8 bytes
  superblock.put<uint16_t>(4);
  superblock.put<uint16_t>(16);
  superblock.put<uint32_t>(0);
  superblock.put<uint64_t>(0);           // base address
  superblock.put<uint64_t>(UINT64_MAX);  // free space
  superblock.put<uint64_t>(metadata.end());
  superblock.put<uint64_t>(UINT64_MAX);  // driver
  put_entry(superblock, 0, written[0]);

  Parts file;
  file.add(std::move(superblock.bytes));
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (data[i] == UINT64_MAX) continue;
    const auto kept = std::make_shared<const Tensor>(nodes_[i].tensor);
    file.add_view({static_cast<const std::byte*>(kept->data()), kept->bytes()}, kept);
    file.add(Bytes(static_cast<size_t>(padding(kept->bytes()))));
  }
  file.add(std::move(heap_bytes));
  file.add(std::move(metadata.bytes));
  return file;
}

}  // namespace cornu
