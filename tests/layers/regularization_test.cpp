// Layers with noise: what their numbers look like, on what they depend, and what they say to options that mean nothing.
#include <doctest/doctest.h>

#include "trace.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

Tensor filled(Shape shape, double number) { return Constant{number}(shape, DType::float32, 0); }

struct Statistics {
  double mean = 0, deviation = 0, zeros = 0;
  explicit Statistics(const Tensor& t) {
    const auto n = static_cast<double>(t.size());
    double squares = 0;
    for (int64_t i = 0; i < t.size(); ++i) mean += t.at(i) / n, squares += t.at(i) * t.at(i) / n, zeros += (t.at(i) == 0) / n;
    deviation = std::sqrt(squares - mean * mean);
  }
};

/// One of each, while training.
const std::vector<Layer>& noisy() {
  static const std::vector<Layer> all = {Dropout{0.5}, GaussianNoise{0.5}, GaussianDropout{0.5}, AlphaDropout{0.5}, Dropout{.rate = 0.5, .seed = 3}};
  return all;
}

}  // namespace

TEST_CASE("Dropout keeps the mean: a rate of zeros, the others grown") {
  const Statistics s(output_of(Dropout{0.25}, filled({200, 100}, 1), true));
  CHECK(s.zeros == doctest::Approx(0.25).epsilon(0.05));
  CHECK(s.mean == doctest::Approx(1).epsilon(0.02));
  const Tensor y = output_of(Dropout{0.25}, filled({20, 10}, 3), true);
  for (int64_t i = 0; i < y.size(); ++i) CHECK((y.at(i) == 0 || y.at(i) == doctest::Approx(4)));
}

TEST_CASE("SpatialDropout drops a channel of a sample everywhere or nowhere") {
  const auto check = [](const Layer& layer, Shape shape) {
    const Tensor y = output_of(layer, filled(shape, 1), true);
    const int64_t batch = shape[0], channels = shape.dim(-1), places = shape.elements() / batch / channels;
    int dropped = 0;
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t c = 0; c < channels; ++c) {
        const double first = y.at(b * places * channels + c);
        dropped += first == 0;
        for (int64_t p = 0; p < places; ++p) CHECK(y.at((b * places + p) * channels + c) == first);
      }
    CHECK(dropped > batch * channels / 4);
    CHECK(dropped < batch * channels * 3 / 4);
  };
  check(SpatialDropout1D{0.5}, {20, 3, 10});
  check(SpatialDropout2D{0.5}, {20, 2, 2, 10});
  check(SpatialDropout3D{0.5}, {20, 2, 1, 2, 10});
}

TEST_CASE("noise_shape makes numbers share their fate, across the batch too") {
  const Tensor y = output_of(Dropout{.rate = 0.5, .noise_shape = {1, Shape::unknown}}, filled({10, 40}, 1), true);
  int zeros = 0;
  for (int64_t c = 0; c < 40; ++c) {
    zeros += y.at(c) == 0;
    for (int64_t b = 1; b < 10; ++b) CHECK(y.at(b * 40 + c) == y.at(c));
  }
  CHECK(zeros > 8);
  CHECK(zeros < 32);
  // What all samples share does not depend on which rows these are.
  CHECK(output_of(Dropout{.rate = 0.5, .noise_shape = {1, Shape::unknown}}, filled({10, 40}, 1), true, {1, 0, 50}) == y);
}

TEST_CASE("Gaussian noise is added or multiplied with the deviation that was asked for") {
  const Statistics added(output_of(GaussianNoise{0.5}, filled({200, 100}, 3), true));
  CHECK(added.mean == doctest::Approx(3).epsilon(0.01));
  CHECK(added.deviation == doctest::Approx(0.5).epsilon(0.03));
  const Statistics multiplied(output_of(GaussianDropout{0.2}, filled({200, 100}, 2), true));
  CHECK(multiplied.mean == doctest::Approx(2).epsilon(0.01));
  CHECK(multiplied.deviation == doctest::Approx(2 * 0.5).epsilon(0.03));
}

TEST_CASE("AlphaDropout keeps mean 0 and variance 1") {
  std::mt19937 rng(5);
  const Statistics s(output_of(AlphaDropout{0.3}, noise({DType::float32, {300, 100}}, rng), true));
  CHECK(std::abs(s.mean) < 0.03);
  CHECK(s.deviation == doctest::Approx(1).epsilon(0.03));
}

TEST_CASE("without training nothing happens") {
  std::mt19937 rng(1);
  const Tensor x = noise({DType::float32, {3, 4}}, rng);
  for (const Layer& layer : noisy()) CHECK(output_of(layer, x) == x);
}

TEST_CASE("a row's noise depends on its index, not on how the batch is cut") {
  std::mt19937 rng(1);
  const Tensor x = noise({DType::float32, {8, 5}}, rng);
  for (const Layer& layer : noisy()) {
    CAPTURE(layer.class_name());
    const Tensor all = output_of(layer, x, true, {7, 2, 0}), rest = output_of(layer, x.rows(3, 8), true, {7, 2, 3});
    CHECK(all.rows(3, 8) == rest);
    CHECK_FALSE(output_of(layer, x, true, {7, 3, 0}) == all);  // the next step
  }
}

TEST_CASE("with a seed of its own a layer's noise does not depend on the model's") {
  const Tensor x = filled({4, 50}, 1);
  const Layer own = Dropout{.rate = 0.5, .seed = 3}, others = Dropout{.rate = 0.5};
  CHECK(output_of(own, x, true, {1, 0, 0}) == output_of(own, x, true, {2, 0, 0}));
  CHECK_FALSE(output_of(others, x, true, {1, 0, 0}) == output_of(others, x, true, {2, 0, 0}));
}

TEST_CASE("noise passes the gradient of what it keeps") {
  std::mt19937 rng(2);
  for (const Layer& layer : noisy()) {
    CAPTURE(layer.class_name());
    Tensor key({3}, std::vector<int64_t>{1, 0, 0});
    const auto value = [&](const Tensor& x, bool gradient) {
      Trace t(true, DType::float64);
      const Value in = t.input(x.shape(), DType::float64), y = sum(square(t(layer, {in})[0]));
      t.graph.output(gradient ? gradients(y, {in})[0] : y);
      Execution run(compile(t.graph));
      run.bind_input(0, x.data());
      run.bind_state(0, key.mutable_data());
      run.run();
      return run.output_tensor(0);
    };
    const Tensor x = noise({DType::float64, {2, 6}}, rng), v = noise({DType::float64, {2, 6}}, rng);
    Tensor up = x, down = x;
    for (size_t i = 0; i < 12; ++i) up.mutable_values<double>()[i] += 1e-6 * v.at(static_cast<int64_t>(i)), down.mutable_values<double>()[i] -= 1e-6 * v.at(static_cast<int64_t>(i));
    CHECK((value(up, false).at(0) - value(down, false).at(0)) / 2e-6 == doctest::Approx(dot({value(x, true)}, {v})).epsilon(1e-6));
  }
}

TEST_CASE("layers with noise say what they take") {
  CHECK(has(says(Dropout{1.5}, {{2, 3}}), "dropout: Dropout's rate is the fraction to drop, from 0 to 1, and was given as 1.5"));
  CHECK(has(says(Dropout{.rate = 0.5, .noise_shape = {2, 2}}, {{2, 3}}, true), "Dropout's noise_shape has, for each axis of [2, 3], its size, 1 or unknown, and was given as [2, 2]"));
  CHECK(has(says(AlphaDropout{.rate = 0.5, .noise_shape = {2}}, {{2, 3}}, true), "AlphaDropout's noise_shape"));
  CHECK(has(says(SpatialDropout1D{0.5}, {{2, 3}}), "spatial_dropout1d: SpatialDropout1D takes [batch, steps, channels] and was given [2, 3]"));
  CHECK(has(says(SpatialDropout2D{0.5}, {{2, 3}}), "[batch, rows, columns, channels]"));
  CHECK(has(says(SpatialDropout3D{-1}, {{2, 3}}), "from 0 to 1, and was given as -1"));
  CHECK(has(says(GaussianNoise{2}, {{2, 3}}), "GaussianNoise's stddev is the deviation of the noise, from 0 to 1, and was given as 2"));
  CHECK(has(says(GaussianDropout{1}, {{2, 3}}), "GaussianDropout's rate is below 1"));
  CHECK(has(says(AlphaDropout{1}, {{2, 3}}, true), "AlphaDropout's rate is below 1"));
  CHECK(has(error_of([] { layer_from_config("SpatialDropout2D", Config(Config::Dict{{"rate", 0.5}, {"data_format", "channels_first"}})); }), "'data_format' can only be \"channels_last\""));
}
