#include "cornu/train/store.h"

#include <cstring>

#include "cornu/base/error.h"

namespace cornu {

const std::shared_ptr<WeightMemory>& Store::shared(const std::string& name) const {
  const auto found = entries_.find(name);
  ensure(found != entries_.end(), "no state is called '", name, "'");
  return found->second;
}

void Store::set_scalar(const std::string& name, double value) { set(name, Tensor::scalar(value).reshaped(entry(name).memory().shape())); }

void Store::clear(const std::string& name) { std::memset(memory(name), 0, entry(name).memory().bytes()); }

std::set<std::string> Store::transposed() const {
  std::set<std::string> names;
  for (const auto& [name, e] : entries_)
    if (e->transposed()) names.insert(name);
  return names;
}

}  // namespace cornu
