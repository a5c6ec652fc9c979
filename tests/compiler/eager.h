// What the tests of direct computation compute with.
#pragma once
#include <memory>
#include <vector>

#include "cornu/compiler/lazy.h"
#include "cornu/ops/ops.h"

namespace cornu::testing {

inline Lazy plus(Eager& eager, const Lazy& x, const Lazy& y) {
  return eager.apply({x, y}, [](Graph&, Values v) { return std::vector{v[0] + v[1]}; })[0];
}
inline Lazy times(Eager& eager, const Lazy& x, const Lazy& y) {
  return eager.apply({x, y}, [](Graph&, Values v) { return std::vector{v[0] * v[1]}; })[0];
}
inline Lazy total(Eager& eager, const Lazy& x) {
  return eager.apply({x}, [](Graph&, Values v) { return std::vector{sum(v[0])}; })[0];
}

/// A vector that ops may read and write.
inline std::shared_ptr<LazyVariable> variable(std::vector<float> numbers) {
  const auto memory = std::make_shared<std::vector<float>>(std::move(numbers));
  auto v = std::make_shared<LazyVariable>();
  v->type = {DType::float32, {static_cast<int64_t>(memory->size())}};
  v->data = memory->data();
  v->owner = memory;
  return v;
}

}  // namespace cornu::testing
