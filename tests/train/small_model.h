// Models and data that the trainer's tests share: the mission's classifier, and an 8-6-3 one on the golden data.
#pragma once
#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "cornu/callbacks/callbacks.h"
#include "cornu/train/model.h"
#include "tests/io/failing_io.h"
#include "tests/nn_golden/golden.h"

namespace cornu::testing {

/// 784-10-10-10, as the mission has it.
inline Sequential seed_model() {
  Sequential model{Input{784}, Dense{10, "relu"}, Dense{10, "relu"}, Dense{10, "softmax"}};
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

/// 8-6-3 for class numbers.
inline Sequential small_model(uint64_t seed = 0) {
  Sequential model{Input{8}, Dense{6, "tanh"}, Dense{3, "softmax"}};
  model.set_seed(seed);
  model.compile({.optimizer = Adam{.learning_rate = 0.01}, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

/// Multiples of 1/64 around 0, the same in every run.
inline Tensor some_x(int64_t rows, int64_t columns = 8, unsigned seed = 1) {
  std::mt19937 rng(seed);
  Tensor t(DType::float32, {rows, columns});
  for (float& v : t.mutable_values<float>()) v = static_cast<float>(static_cast<int>(rng() % 256) - 128) / 64;
  return t;
}
/// A class that x decides: learnable.
inline Tensor some_y(const Tensor& x, int64_t classes = 3) {
  Tensor t(DType::int64, {x.shape()[0]});
  const int64_t width = x.size() / x.shape()[0];
  auto y = t.mutable_values<int64_t>();
  for (size_t i = 0; i < y.size(); ++i) {
    int64_t best = 0;
    for (int64_t c = 1; c < classes; ++c)
      if (x.at(static_cast<int64_t>(i) * width + c) > x.at(static_cast<int64_t>(i) * width + best)) best = c;
    y[i] = best;
  }
  return t;
}

/// The first of these rows, with memory of their own.
inline Tensor copy_of(const Tensor& t) {
  Tensor copy(t.dtype(), t.shape());
  std::memcpy(copy.mutable_data(), t.data(), t.bytes());
  return copy.with_scale(t.scale());
}

/// The text of the E that f throws; says what happened instead otherwise.
template <class E, class F> std::string text_of(F f) {
  try {
    f();
  } catch (const E& e) {
    return e.what();
  } catch (const std::exception& e) {
    return std::string("another exception: ") + e.what();
  }
  return "nothing was thrown";
}
inline bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// What f prints on standard output.
template <class F> std::string printed(F f) {
  TestFolder folder;
  const std::string path = folder.path / "out";
  const int to = open(path.c_str(), O_CREAT | O_RDWR, 0600), before = dup(STDOUT_FILENO);
  std::fflush(stdout);
  dup2(to, STDOUT_FILENO);
  const auto restore = [&] {
    dup2(before, STDOUT_FILENO);
    close(to), close(before);
  };
  try {
    f();
  } catch (...) {
    restore();
    throw;
  }
  restore();
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace cornu::testing
