// The pieces of a file that Hdf5Writer puts together. Not for users: see hdf5_write.h.
#pragma once
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cornu/io/bytes.h"
#include "cornu/tensor/tensor.h"

namespace cornu::hdf5 {

/// Bytes that will stand at `base` in the file, so that what is appended knows its address.
class Metadata {
 public:
  explicit Metadata(uint64_t base) : base_(base) {}
  uint64_t end() const { return base_ + bytes.size(); }
  template <std::unsigned_integral T> void put(T value) { store_le(bytes, value); }
  void put(std::string_view chars) { bytes.insert(bytes.end(), view_of(chars).begin(), view_of(chars).end()); }
  void put(const Bytes& more) { bytes.insert(bytes.end(), more.begin(), more.end()); }
  void zeros(uint64_t n) { bytes.resize(bytes.size() + static_cast<size_t>(n)); }
  void align() { zeros((8 - bytes.size() % 8) % 8); }

  Bytes bytes;

 private:
  uint64_t base_;
};

/// A link of a group to be written: where the child's header is and, when it is a group, its tree and heap.
struct Entry {
  std::string_view name;
  uint64_t header = 0;
  bool is_group = false;
  uint64_t tree = 0, heap = 0;
};
/// 40 bytes (section III.C).
void put_entry(Metadata& to, uint64_t name_offset, const Entry& entry);
/// Appends a group: local heap, symbol table nodes, B-tree and object header. `entries` are sorted by name.
Entry put_group(Metadata& to, std::string_view name, std::span<const Entry> entries, const std::vector<Bytes>& attributes);
/// Appends the object header of a contiguous dataset; the address of the header.
uint64_t put_dataset(Metadata& to, const Tensor& tensor, uint64_t data_address, const std::vector<Bytes>& attributes);

/// Strings gathered into global heaps (section III.E).
class GlobalHeaps {
 public:
  /// Appends a heap for the strings that follow when the present one is full.
  struct Place {
    uint64_t address;
    uint32_t index;
  };
  Place put(std::string_view s);
  explicit GlobalHeaps(uint64_t base) : out_(base) {}
  /// The heaps, the last one closed.
  Bytes finish();

 private:
  void close();
  Metadata out_;
  uint64_t start_ = 0, capacity_ = 0;  // of the open heap, within out_; capacity 0: none is open
  uint16_t count_ = 0;
};

/// The message body of a scalar UTF-8 attribute whose text stands at `place`.
Bytes text_attribute(std::string_view name, uint64_t length, GlobalHeaps::Place place);

}  // namespace cornu::hdf5
