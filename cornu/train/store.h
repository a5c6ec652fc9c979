// The one owner of a model's state: weights, optimizer slots, metric totals, scalars. Programs borrow the memory.
#pragma once
#include <map>
#include <set>

#include "cornu/nn/scope.h"

namespace cornu {

class Store {
 public:
  /// Adds a state. `transposed` (matrices only) says that its memory holds the transpose: what its kernels read.
  void add(std::string name, Tensor value, bool transposed = false);
  bool contains(const std::string& name) const { return entries_.contains(name); }
  void remove(const std::string& name) { entries_.erase(name); }

  /// The memory that Programs read and write: it stays where it is until the state is removed.
  void* memory(const std::string& name);
  /// A copy, in the shape that the model declares.
  Tensor get(const std::string& name) const;
  /// Throws ShapeError unless the type is the state's; floats of other widths are converted.
  void set(const std::string& name, const Tensor& value);
  double scalar(const std::string& name) const { return entry(name).memory.at(0); }
  void set_scalar(const std::string& name, double value);
  /// All zeros.
  void clear(const std::string& name);

  std::set<std::string> transposed() const;

 private:
  struct Entry {
    Tensor memory;
    bool transposed = false;
  };
  const Entry& entry(const std::string& name) const;
  std::map<std::string, Entry> entries_;
};

}  // namespace cornu
