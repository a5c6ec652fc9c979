#include "cornu/train/store.h"

#include <cstring>

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

void Store::add(std::string name, Tensor value, bool transposed) {
  entries_[std::move(name)] = {transposed ? transpose_of(value) : own_copy(value), transposed};
}

const Store::Entry& Store::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  ensure(found != entries_.end(), "no state is called '", name, "'");
  return found->second;
}

void* Store::memory(const std::string& name) { return const_cast<void*>(entry(name).memory.data()); }

Tensor Store::get(const std::string& name) const {
  const Entry& e = entry(name);
  return e.transposed ? transpose_of(e.memory) : own_copy(e.memory);
}

void Store::set(const std::string& name, const Tensor& value) {
  const Entry& e = entry(name);
  const Shape& s = e.memory.shape();
  const Shape declared = e.transposed ? Shape{s[1], s[0]} : s;
  require<ShapeError>(value.shape() == declared, "'", name, "' has shape ", declared, ", but was given ", value.shape());
  const Tensor converted = value.cast(e.memory.dtype());
  const Tensor stored = e.transposed ? transpose_of(converted) : converted;
  if (stored.bytes() > 0) std::memcpy(memory(name), stored.data(), stored.bytes());
}

void Store::set_scalar(const std::string& name, double value) { set(name, Tensor::scalar(value).reshaped(entry(name).memory.shape())); }

void Store::clear(const std::string& name) { std::memset(memory(name), 0, entry(name).memory.bytes()); }

std::set<std::string> Store::transposed() const {
  std::set<std::string> names;
  for (const auto& [name, e] : entries_)
    if (e.transposed) names.insert(name);
  return names;
}

}  // namespace cornu
