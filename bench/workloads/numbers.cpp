// Numbers that any language can make: rivals/data.py has the same.
#include <cmath>

#include "workloads/workload.h"

namespace bench {

using namespace cornu;

float uniform(uint64_t i, uint64_t seed) {
  uint64_t z = i + (seed << 32);
  z = (z + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return static_cast<float>(z >> 40) / static_cast<float>(1 << 24);
}

Tensor classes(Shape shape, int64_t classes, uint64_t seed) {
  std::vector<int32_t> numbers(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<int32_t>(uniform(i, seed) * static_cast<float>(classes));
  return Tensor(std::move(shape), numbers);
}

namespace {

/// Glorot and Bengio's limit, with Keras's fans.
float limit_of(const Shape& s) {
  int64_t in = s.dim(-2), out = s.dim(-1);
  for (int a = 0; a + 2 < s.rank(); ++a) in *= s[a], out *= s[a];
  return static_cast<float>(std::sqrt(6.0 / static_cast<double>(in + out)));
}

}  // namespace

void set_initial_weights(const Built& built) {
  uint64_t seed = 0;  // counts what is drawn
  for (const Layer& layer : built.layers) {
    bool after_recurrent = false;
    for (const auto& [path, memory] : layer.weights()->entries) {
      const std::string name = path.substr(path.rfind('/') + 1);
      const Shape shape = memory->type().shape;
      std::vector<float> values(static_cast<size_t>(shape.elements()), name == "gamma" || name == "moving_variance" ? 1.0f : 0.0f);
      if (name == "kernel" || name == "recurrent_kernel" || name == "embeddings") {
        const float limit = name == "embeddings" ? 0.05f : limit_of(shape);
        for (size_t i = 0; i < values.size(); ++i) values[i] = (2 * uniform(i, seed) - 1) * limit;
        ++seed;
      } else if (name == "bias" && after_recurrent) {  // an LSTM's forget gate is open
        for (size_t i = values.size() / 4; i < values.size() / 2; ++i) values[i] = 1;
      }
      after_recurrent = name == "recurrent_kernel";
      memory->set(path, Tensor(shape, values));
    }
  }
}

}  // namespace bench
