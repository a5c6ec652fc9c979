// Functions of Python's that were run once and written down.
#pragma once
#include <optional>

#include "eager.h"

namespace cornu::python {

class RecordedFunction {
 public:
  /// Runs f(list of tensors), which gives a list of tensors, on placeholders of these types, and compiles what it did: gradients,
  /// assignments to Variables, random numbers (others in each run). With the GIL. Throws what f throws.
  static RecordedFunction of(nb::handle f, const std::vector<TensorType>& inputs);

  RecordedFunction(RecordedFunction&&) = default;
  RecordedFunction& operator=(RecordedFunction&&) = default;

  /// With the GIL or without it. The numbers of each input, dense; `outputs` get copies.
  void run(std::span<const void* const> inputs, std::vector<Tensor>* outputs = nullptr);
  Tensor output(size_t i) const { return program_.output(i); }
  size_t outputs() const { return program_.outputs().size(); }

 private:
  explicit RecordedFunction(Recorded program) : program_(std::move(program)) {}
  Recorded program_;
  std::optional<int64_t> draws_;  // of random numbers in each run, if it has a key
  std::vector<const void*> inputs_ = {};
};

}  // namespace cornu::python
