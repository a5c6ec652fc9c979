// The five architectures of tests/golden/whole_models, and the data that they are trained on: those of their generator.
#pragma once
#include "tests/train/small_model.h"

namespace cornu::testing {

struct WholeModel {
  static constexpr int64_t steps = 50, batch = 16, cycle = 5, samples = batch * cycle;
  std::string name;
  Tensor x, y;
  std::string path() const { return std::string(CORNU_SOURCE_DIR) + "/tests/golden/whole_models/" + name + ".keras"; }
};

/// 0..255, by the multiplicative hash of the index.
inline uint64_t hashed(int64_t i, uint64_t salt) {
  return (((static_cast<uint64_t>(i) + 1'000'003 * salt) * 2654435761) % (uint64_t{1} << 32)) >> 24;
}

inline Tensor numbers(const Shape& sample) {
  Tensor x(DType::float32, Shape{WholeModel::samples} + sample);
  int64_t i = 0;
  for (float& v : x.mutable_values<float>()) v = static_cast<float>(hashed(i++, 1)) / 128 - 1;
  return x;
}

/// 1..vocabulary-1, then zeros from a length on that differs from sample to sample.
inline Tensor tokens(int64_t length, uint64_t vocabulary) {
  Tensor x(DType::int32, {WholeModel::samples, length});
  int64_t i = 0;
  for (int32_t& v : x.mutable_values<int32_t>()) {
    const int64_t sample = i / length, t = i % length;
    v = t < 3 + sample % (length - 2) ? static_cast<int32_t>(1 + hashed(i, 2) % (vocabulary - 1)) : 0;
    ++i;
  }
  return x;
}

inline Tensor class_numbers(uint64_t classes) {
  Tensor y(DType::int32, {WholeModel::samples});
  int64_t i = 0;
  for (int32_t& v : y.mutable_values<int32_t>()) v = static_cast<int32_t>(hashed(i++, 3) % classes);
  return y;
}

inline std::vector<WholeModel> whole_models() {
  return {{"cnn", numbers({8, 8, 1}), class_numbers(10)},
          {"residual", numbers({8, 8, 2}), class_numbers(5)},
          {"lstm", tokens(10, 20), class_numbers(2)},
          {"bidirectional_gru", numbers({7, 3}), class_numbers(3)},
          {"transformer", tokens(10, 20), class_numbers(4)}};
}

}  // namespace cornu::testing
