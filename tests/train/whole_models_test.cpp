// Five architectures from Keras's files on Keras's batches: 50 losses each, and the evaluation afterwards.
// tests/golden/generator/whole_models.py made them, and says what they are.
#include <doctest/doctest.h>

#include "cornu/train/model.h"
#include "tests/nn_golden/golden.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

constexpr int64_t steps = 50, batch = 16, cycle = 5, samples = batch * cycle;

/// 0..255, by the multiplicative hash of the index.
uint64_t hashed(int64_t i, uint64_t salt) {
  return (((static_cast<uint64_t>(i) + 1'000'003 * salt) * 2654435761) % (uint64_t{1} << 32)) >> 24;
}

Tensor numbers(const Shape& sample) {
  Tensor x(DType::float32, Shape{samples} + sample);
  int64_t i = 0;
  for (float& v : x.mutable_values<float>()) v = static_cast<float>(hashed(i++, 1)) / 128 - 1;
  return x;
}

/// 1..vocabulary-1, then zeros from a length on that differs from sample to sample.
Tensor tokens(int64_t length, uint64_t vocabulary) {
  Tensor x(DType::int32, {samples, length});
  int64_t i = 0;
  for (int32_t& v : x.mutable_values<int32_t>()) {
    const int64_t sample = i / length, t = i % length;
    v = t < 3 + sample % (length - 2) ? static_cast<int32_t>(1 + hashed(i, 2) % (vocabulary - 1)) : 0;
    ++i;
  }
  return x;
}

Tensor labels(uint64_t classes) {
  Tensor y(DType::int32, {samples});
  int64_t i = 0;
  for (int32_t& v : y.mutable_values<int32_t>()) v = static_cast<int32_t>(hashed(i++, 3) % classes);
  return y;
}

void check(const std::string& name, const Tensor& x, const Tensor& y) {
  const Config keras = golden("whole_models/" + name + ".json");
  Model model = load_model(std::string(CORNU_SOURCE_DIR) + "/tests/golden/whole_models/" + name + ".keras");
  double worst = 0;
  for (int64_t s = 0; s < steps; ++s) {
    const int64_t first = s % cycle * batch;
    const double loss = model.train_on_batch(x.rows(first, first + batch), y.rows(first, first + batch)).at("loss");
    worst = std::max(worst, std::abs(loss / keras["losses"].as_list()[static_cast<size_t>(s)].as_double() - 1));
  }
  CHECK(worst < 1e-4);
  const Logs after = model.evaluate(x, y, {.batch_size = batch, .verbose = 0});
  CHECK(after.at("loss") == doctest::Approx(keras["evaluate"]["loss"].as_double()).epsilon(1e-4));
  CHECK(after.at("accuracy") == doctest::Approx(keras["evaluate"]["accuracy"].as_double()).epsilon(1e-4));
}

}  // namespace

TEST_CASE("a CNN with batch normalization learns as in Keras") { check("cnn", numbers({8, 8, 1}), labels(10)); }
TEST_CASE("a residual CNN learns as in Keras") { check("residual", numbers({8, 8, 2}), labels(5)); }
TEST_CASE("an LSTM over masked tokens learns as in Keras") { check("lstm", tokens(10, 20), labels(2)); }
TEST_CASE("a bidirectional GRU learns as in Keras") { check("bidirectional_gru", numbers({7, 3}), labels(3)); }
TEST_CASE("a transformer block learns as in Keras") { check("transformer", tokens(10, 20), labels(4)); }
