#include "cornu/nn/layer_weights.h"

#include <cstring>

#include "cornu/base/error.h"

namespace cornu {
namespace {

Tensor transpose_of(const Tensor& t) {
  const int64_t rows = t.shape()[0], columns = t.shape()[1];
  Tensor out(t.dtype(), {columns, rows});
  const size_t size = bytes_of(t.dtype());
  const auto* from = static_cast<const std::byte*>(t.data());
  auto* to = static_cast<std::byte*>(out.mutable_data());
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j)
      std::memcpy(to + static_cast<size_t>(j * rows + i) * size, from + static_cast<size_t>(i * columns + j) * size, size);
  return out;
}

// Memory that no other tensor shares, so that Programs may write to it.
Tensor own_copy(const Tensor& t) {
  Tensor copy(t.dtype(), t.shape());
  if (t.bytes() > 0) std::memcpy(copy.mutable_data(), t.data(), t.bytes());
  return copy;
}

}  // namespace

WeightMemory::WeightMemory(const Tensor& value, bool transposed) : memory_(transposed ? transpose_of(value) : own_copy(value)), transposed_(transposed) {}

TensorType WeightMemory::type() const {
  const Shape& s = memory_.shape();
  return {memory_.dtype(), transposed_ ? Shape{s[1], s[0]} : s};
}

Tensor WeightMemory::get() const { return transposed_ ? transpose_of(memory_) : own_copy(memory_); }

void WeightMemory::set(std::string_view name, const Tensor& value) {
  const Shape declared = type().shape;
  require<ShapeError>(value.shape() == declared, "'", name, "' has shape ", declared, ", but was given ", value.shape());
  const Tensor converted = value.cast(memory_.dtype());
  const Tensor stored = transposed_ ? transpose_of(converted) : converted;
  // mutable_data() would part from a copy that shares the memory; Programs point at this one.
  if (stored.bytes() > 0) std::memcpy(const_cast<void*>(memory_.data()), stored.data(), stored.bytes());
}

std::shared_ptr<WeightMemory> LayerWeights::find(std::string_view path) const {
  for (const Entry& e : entries)
    if (e.path == path) return e.memory;
  return nullptr;
}

void LayerWeights::add(const std::string& path, const std::shared_ptr<WeightMemory>& memory) {
  for (const Entry& e : entries)
    if (e.memory == memory || e.path == path) return;
  entries.push_back({path, memory});
}

}  // namespace cornu
