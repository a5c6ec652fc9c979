// Writing HDF5 as Keras and h5py do by default: superblock 0, groups by symbol tables, contiguous little-endian datasets.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cornu/io/file.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

/// Collects groups and datasets, then lays them out. The same calls give the same bytes.
class Hdf5Writer {
 public:
  using TextAttributes = std::vector<std::pair<std::string, std::string>>;

  Hdf5Writer();
  /// Adds the group and those above it; attributes are scalar UTF-8 strings. A group that is there already gains them.
  /// Throws ArgumentError for a path with an empty part or through a dataset.
  void add_group(std::string_view path, const TextAttributes& attributes = {});
  /// Adds a dataset, and the groups above it. bfloat16 is written as Keras does (opaque, dtype="bfloat16"), bool as h5py's;
  /// a tensor with a scale as the float32 numbers that it stands for. Throws ArgumentError when the path is taken.
  void add_dataset(std::string_view path, Tensor tensor);
  /// The file, viewing the tensors, which it keeps alive.
  Parts finish() const;

 private:
  struct Node {
    bool is_group = true;
    Tensor tensor;
    TextAttributes attributes;
    std::map<std::string, size_t, std::less<>> children;  // by name, in the order of strcmp, as HDF5 sorts them
  };
  size_t add(std::string_view path, bool is_group);

  std::vector<Node> nodes_;  // [0] is the root; a parent stands before its children
};

}  // namespace cornu
