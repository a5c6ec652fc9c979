#include "cornu/io/hdf5_layout.h"

#include <algorithm>

namespace cornu::hdf5 {
namespace {

constexpr uint64_t undefined = UINT64_MAX;
constexpr size_t leaf_entries = 8, tree_children = 32;  // 2 x the K of the superblock: 4 and 16

struct Message {
  uint16_t type;
  Bytes body;
  uint8_t flags = 0;
};

/// A version 1 object header; its address.
uint64_t put_header(Metadata& to, std::vector<Message> messages) {
  uint64_t size = 0;
  for (Message& m : messages) {
    m.body.resize((m.body.size() + 7) / 8 * 8);
    require(m.body.size() < 65536, "an HDF5 attribute or message has ", m.body.size(), " bytes; it can have 65535");
    size += 8 + m.body.size();
  }
  const uint64_t address = to.end();
  to.put<uint16_t>(1);
  to.put<uint16_t>(static_cast<uint16_t>(messages.size()));
  to.put<uint32_t>(1);  // links to the object
  to.put<uint64_t>(size);
  for (const Message& m : messages) {
    to.put<uint16_t>(m.type);
    to.put<uint16_t>(static_cast<uint16_t>(m.body.size()));
    to.put<uint32_t>(m.flags);
    to.put(m.body);
  }
  return address;
}

void put_attributes(std::vector<Message>& messages, const std::vector<Bytes>& attributes) {
  for (const Bytes& a : attributes) messages.push_back({12, a});
}

template <class... T> Bytes integers(T... values) {
  Bytes b;
  (store_le(b, values), ...);
  return b;
}

/// A child of a B-tree node: its address, and where the last name below it stands in the heap.
struct Child {
  uint64_t address, last_name;
};

/// Nodes over `children`, 32 each, level upon level until one is left; its address.
uint64_t put_tree(Metadata& to, std::vector<Child> children) {
  constexpr uint64_t node_bytes = 24 + 8 * (tree_children + 1) + 8 * tree_children;
  for (uint8_t level = 0;; ++level) {
    std::vector<Child> above;
    const size_t nodes = std::max<size_t>(1, (children.size() + tree_children - 1) / tree_children);
    const uint64_t first = to.end();
    for (size_t n = 0; n < nodes; ++n) {
      const size_t from = n * tree_children, count = std::min(tree_children, children.size() - from);
      const uint64_t address = to.end();
      to.put("TREE");
      to.put<uint8_t>(0);
      to.put<uint8_t>(level);
      to.put<uint16_t>(static_cast<uint16_t>(count));
      to.put<uint64_t>(n == 0 ? undefined : address - node_bytes);
      to.put<uint64_t>(n + 1 == nodes ? undefined : address + node_bytes);
      to.put<uint64_t>(from == 0 ? 0 : children[from - 1].last_name);
      for (size_t i = from; i < from + count; ++i) {
        to.put<uint64_t>(children[i].address);
        to.put<uint64_t>(children[i].last_name);
      }
      to.zeros(16 * (tree_children - count));
      above.push_back({address, count ? children[from + count - 1].last_name : 0});
    }
    if (nodes == 1) return first;
    children = std::move(above);
  }
}

Bytes datatype(DType dtype) {
  switch (dtype) {
    case DType::float32: return integers(uint32_t{0x001f2011}, 4u, uint16_t{0}, uint16_t{32}, uint8_t{23}, uint8_t{8}, uint8_t{0}, uint8_t{23}, 127u);
    case DType::float64: return integers(uint32_t{0x003f2011}, 8u, uint16_t{0}, uint16_t{64}, uint8_t{52}, uint8_t{11}, uint8_t{0}, uint8_t{52}, 1023u);
    case DType::bfloat16: return integers(uint32_t{0x15}, 2u);  // opaque, as h5py writes NumPy's V2
    case DType::int32: return integers(uint32_t{0x0810}, 4u, uint16_t{0}, uint16_t{32});
    case DType::int64: return integers(uint32_t{0x0810}, 8u, uint16_t{0}, uint16_t{64});
    case DType::uint8: return integers(uint32_t{0x10}, 1u, uint16_t{0}, uint16_t{8});
    case DType::boolean: break;
  }
  Bytes b = integers(uint32_t{0x0218}, 1u, uint32_t{0x0810}, 1u, uint16_t{0}, uint16_t{8});  // an enumeration over int8
  for (const char* name : {"FALSE\0\0", "TRUE\0\0\0"}) b.insert(b.end(), view_of({name, 8}).begin(), view_of({name, 8}).end());
  store_le<uint16_t>(b, 0x0100);  // the values 0 and 1
  return b;
}

}  // namespace

void put_entry(Metadata& to, uint64_t name_offset, const Entry& entry) {
  to.put<uint64_t>(name_offset);
  to.put<uint64_t>(entry.header);
  to.put<uint64_t>(entry.is_group ? 1 : 0);  // 1: the tree and the heap follow
  to.put<uint64_t>(entry.tree);
  to.put<uint64_t>(entry.heap);
}

Entry put_group(Metadata& to, std::string_view name, std::span<const Entry> entries, const std::vector<Bytes>& attributes) {
  Entry group{name, 0, true, 0, 0};
  // The local heap: an empty string, then the names.
  std::vector<uint64_t> offsets;
  Metadata names(0);
  names.zeros(8);
  for (const Entry& entry : entries) {
    offsets.push_back(names.end());
    names.put(entry.name);
    names.zeros(1);
    names.align();
  }
  group.heap = to.end();
  to.put("HEAP");
  to.put<uint32_t>(0);
  to.put<uint64_t>(names.bytes.size());
  to.put<uint64_t>(1);  // no free space
  to.put<uint64_t>(group.heap + 32);
  to.put(names.bytes);

  std::vector<Child> leaves;
  for (size_t from = 0; from < entries.size(); from += leaf_entries) {
    const size_t count = std::min(leaf_entries, entries.size() - from);
    leaves.push_back({to.end(), offsets[from + count - 1]});
    to.put("SNOD");
    to.put<uint16_t>(1);
    to.put<uint16_t>(static_cast<uint16_t>(count));
    for (size_t i = from; i < from + count; ++i) put_entry(to, offsets[i], entries[i]);
    to.zeros(40 * (leaf_entries - count));
  }
  group.tree = put_tree(to, std::move(leaves));
  std::vector<Message> messages{{17, integers(group.tree, group.heap)}};
  put_attributes(messages, attributes);
  group.header = put_header(to, std::move(messages));
  return group;
}

uint64_t put_dataset(Metadata& to, const Tensor& tensor, uint64_t data_address, const std::vector<Bytes>& attributes) {
  Bytes space = integers(uint8_t{1}, static_cast<uint8_t>(tensor.shape().rank()), uint8_t{0}, uint8_t{0}, uint32_t{0});
  for (const int64_t size : tensor.shape()) store_le(space, static_cast<uint64_t>(size));
  std::vector<Message> messages;
  messages.push_back({1, std::move(space)});
  messages.push_back({3, datatype(tensor.dtype()), 1});                                         // 1: never changes
  messages.push_back({5, integers(uint8_t{2}, uint8_t{2}, uint8_t{2}, uint8_t{1}, 0u), 1});      // fill: zeros, when late
  messages.push_back({8, integers(uint8_t{3}, uint8_t{1}, data_address, uint64_t{tensor.bytes()})});
  put_attributes(messages, attributes);
  return put_header(to, std::move(messages));
}

GlobalHeaps::Place GlobalHeaps::put(std::string_view s) {
  const uint64_t needed = 16 + (s.size() + 7) / 8 * 8;
  if (capacity_ > 0 && out_.bytes.size() - start_ + needed > capacity_) close();
  if (capacity_ == 0) {
    start_ = out_.bytes.size();
    capacity_ = std::max<uint64_t>(4096, 16 + needed);  // small heaps: a reader looks through one for each string
    out_.put("GCOL");
    out_.put<uint32_t>(1);
    out_.put<uint64_t>(capacity_);
    count_ = 0;
  }
  ++count_;
  const uint64_t address = out_.end() - (out_.bytes.size() - start_);
  out_.put<uint64_t>(count_);
  out_.put<uint64_t>(s.size());
  out_.put(s);
  out_.align();
  return {address, count_};
}

void GlobalHeaps::close() {
  if (capacity_ == 0) return;
  const uint64_t left = capacity_ - (out_.bytes.size() - start_);
  if (left >= 16) {  // the free space is object 0, its header included
    out_.put<uint64_t>(0);
    out_.put<uint64_t>(left);
    out_.zeros(left - 16);
  } else {
    out_.zeros(left);
  }
  capacity_ = 0;
}

Bytes GlobalHeaps::finish() {
  close();
  return std::move(out_.bytes);
}

Bytes text_attribute(std::string_view name, uint64_t length, GlobalHeaps::Place place) {
  Metadata m(0);
  m.put<uint16_t>(1);
  m.put<uint16_t>(static_cast<uint16_t>(name.size() + 1));
  m.put<uint16_t>(20);  // the datatype below
  m.put<uint16_t>(8);   // a scalar dataspace
  m.put(name);
  m.zeros(1);
  m.align();
  m.put(integers(uint32_t{0x00010119}, 16u, uint32_t{0x10}, 1u, uint16_t{0}, uint16_t{8}));  // UTF-8 of any length, over uint8
  m.align();
  m.put(integers(uint64_t{1}));
  m.put<uint32_t>(static_cast<uint32_t>(length));
  m.put<uint64_t>(place.address);
  m.put<uint32_t>(place.index);
  return std::move(m.bytes);
}

}  // namespace cornu::hdf5
