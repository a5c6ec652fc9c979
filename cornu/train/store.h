// A model's state: weights, optimizer slots, metric totals, scalars. Programs borrow the memory; weights share it with the
// layers that declared them, and so with every model that holds these.
#pragma once
#include <map>
#include <set>

#include "cornu/nn/layer_weights.h"

namespace cornu {

class Store {
 public:
  /// Adds a state. `transposed` (matrices only) says that its memory holds the transpose: what its kernels read.
  void add(std::string name, const Tensor& value, bool transposed = false) { entries_[std::move(name)] = std::make_shared<WeightMemory>(value, transposed); }
  /// Adds a state that others have too.
  void share(std::string name, std::shared_ptr<WeightMemory> memory) { entries_[std::move(name)] = std::move(memory); }
  bool contains(const std::string& name) const { return entries_.contains(name); }
  void remove(const std::string& name) { entries_.erase(name); }

  /// The memory that Programs read and write: it stays where it is until the state is removed.
  void* memory(const std::string& name) { return entry(name).data(); }
  const std::shared_ptr<WeightMemory>& shared(const std::string& name) const;
  /// A copy, in the shape that the model declares.
  Tensor get(const std::string& name) const { return entry(name).get(); }
  /// Throws ShapeError unless the type is the state's; floats of other widths are converted.
  void set(const std::string& name, const Tensor& value) { entry(name).set(name, value); }
  double scalar(const std::string& name) const { return entry(name).memory().at(0); }
  void set_scalar(const std::string& name, double value);
  /// All zeros.
  void clear(const std::string& name);

  std::set<std::string> transposed() const;

 private:
  WeightMemory& entry(const std::string& name) const { return *shared(name); }
  std::map<std::string, std::shared_ptr<WeightMemory>> entries_;
};

}  // namespace cornu
