// The numbers that layers own, whichever models they are part of.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "cornu/graph/op.h"

namespace cornu {

/// The memory of one state. Programs read and write it in place: it stays where it is as long as this lives.
class WeightMemory {
 public:
  /// `transposed` (matrices only) says that the memory holds the transpose: what its kernels read.
  explicit WeightMemory(const Tensor& value, bool transposed = false);

  void* data() { return const_cast<void*>(memory_.data()); }
  bool transposed() const { return transposed_; }
  const Tensor& memory() const { return memory_; }
  /// As the model declares it.
  TensorType type() const;
  /// A copy, in the shape that the model declares.
  Tensor get() const;
  /// Throws ShapeError, calling it `name`, unless the shape is this one's; floats of other widths are converted.
  void set(std::string_view name, const Tensor& value);

 private:
  Tensor memory_;
  bool transposed_;
};

/// Of one layer handle: its weights and those of the layers in it, by the path within it, in the order of files.
struct LayerWeights {
  struct Entry {
    std::string path;
    std::shared_ptr<WeightMemory> memory;
  };
  std::vector<Entry> entries = {};

  /// Null when it has none of that name.
  std::shared_ptr<WeightMemory> find(std::string_view path) const;
  void add(const std::string& path, const std::shared_ptr<WeightMemory>& memory);
};

}  // namespace cornu
