// Initializers: moments, seeds, and matrices with structure.
#include <doctest/doctest.h>

#include <cmath>

#include "cornu/nn/initializers.h"
#include "tests/messages.h"

using namespace cornu;

namespace {
struct Moments {
  double mean = 0, deviation = 0, least = 1e30, most = -1e30;
};
Moments moments(const Tensor& t) {
  Moments m;
  double squares = 0;
  for (int64_t i = 0; i < t.size(); ++i) {
    const double x = t.at(i);
    m.mean += x;
    squares += x * x;
    m.least = std::min(m.least, x);
    m.most = std::max(m.most, x);
  }
  m.mean /= static_cast<double>(t.size());
  m.deviation = std::sqrt(squares / static_cast<double>(t.size()) - m.mean * m.mean);
  return m;
}
/// Within five standard errors: sd / sqrt(n) for the mean, sd sqrt((kurtosis - 1) / 4n) for the deviation, kurtosis at most 3.
void check_moments(const Tensor& t, double mean, double deviation) {
  const Moments m = moments(t);
  const double error = deviation / std::sqrt(static_cast<double>(t.size()));
  CHECK(std::abs(m.mean - mean) < 5 * error);
  CHECK(std::abs(m.deviation - deviation) < 5 * error / std::sqrt(2.0));
}
Tensor make(const Initializer& init, Shape shape, uint64_t seed = 1, uint64_t stream = 0, DType dtype = DType::float32) { return init(shape, dtype, seed, stream); }
}  // namespace

TEST_CASE("variance scaling in its named forms has the deviation that the fans ask for") {
  const Shape shape = {300, 200};
  const double glorot = std::sqrt(2.0 / 500), he = std::sqrt(2.0 / 300), lecun = std::sqrt(1.0 / 300);
  check_moments(make("glorot_uniform", shape), 0, glorot);
  check_moments(make("glorot_normal", shape), 0, glorot);
  check_moments(make("he_uniform", shape), 0, he);
  check_moments(make("he_normal", shape), 0, he);
  check_moments(make("lecun_uniform", shape), 0, lecun);
  check_moments(make("lecun_normal", shape), 0, lecun);
  check_moments(make(VarianceScaling{.scale = 3, .mode = "fan_out", .distribution = "untruncated_normal"}, shape), 0, std::sqrt(3.0 / 200));
}

TEST_CASE("uniform numbers stay inside their limits and come near them") {
  const double limit = std::sqrt(6.0 / 500);
  const Moments m = moments(make("glorot_uniform", {300, 200}));
  CHECK(m.least >= -limit);
  CHECK(m.most <= limit);
  CHECK(m.least < -0.999 * limit);
  CHECK(m.most > 0.999 * limit);
  check_moments(make(RandomUniform{2, 4}, {50000}), 3, 2 / std::sqrt(12.0));
}

TEST_CASE("a truncated normal has nothing beyond two deviations, a normal has") {
  const Moments cut = moments(make(TruncatedNormal{1, 0.5}, {50000}));
  CHECK(cut.least >= 0);
  CHECK(cut.most <= 2);
  check_moments(make(TruncatedNormal{1, 0.5}, {50000}), 1, 0.5 * 0.87962566103423978);
  const Moments all = moments(make(RandomNormal{1, 0.5}, {50000}));
  CHECK(all.most > 2.5);
  check_moments(make(RandomNormal{1, 0.5}, {50000}), 1, 0.5);
}

TEST_CASE("fans of a convolution kernel count its receptive field") {
  CHECK(fans({3, 3, 16, 32}).in == 144);
  CHECK(fans({3, 3, 16, 32}).out == 288);
  CHECK(fans({10}).in == 10);
  CHECK(fans({}).out == 1);
}

TEST_CASE("the same seed gives the same numbers, another seed or stream gives others") {
  for (const char* name : {"glorot_uniform", "he_normal", "random_normal", "orthogonal"}) {
    const Tensor a = make(name, {20, 30});
    CHECK(a == make(name, {20, 30}));
    CHECK_FALSE(a == make(name, {20, 30}, 2));
    CHECK_FALSE(a == make(name, {20, 30}, 1, 1));
  }
}

TEST_CASE("an initializer with a seed of its own gives the same numbers in every call") {
  const Initializer own = GlorotUniform{.seed = 5};
  CHECK(make(own, {20, 30}) == make(own, {20, 30}, 2, 3));
  CHECK_FALSE(make(own, {20, 30}) == make(GlorotUniform{.seed = 6}, {20, 30}));
}

TEST_CASE("an orthogonal matrix is one, whichever side is longer, times its gain") {
  for (const Shape& shape : {Shape{6, 4}, Shape{4, 6}, Shape{5, 5}, Shape{3, 2, 4}}) {
    const Tensor q = make(Orthogonal{.gain = 2}, shape, 1, 0, DType::float64);
    const int64_t columns = shape.dim(-1), rows = q.size() / columns;
    const bool tall = rows >= columns;
    const int64_t m = std::min(rows, columns), n = std::max(rows, columns);
    const auto at = [&](int64_t unit, int64_t i) { return tall ? q.at(i * columns + unit) : q.at(unit * columns + i); };
    for (int64_t a = 0; a < m; ++a)
      for (int64_t b = 0; b < m; ++b) {
        double dot = 0;
        for (int64_t i = 0; i < n; ++i) dot += at(a, i) * at(b, i);
        CHECK(dot == doctest::Approx(a == b ? 4 : 0).epsilon(1e-12));
      }
  }
}

TEST_CASE("identity, constants and other dtypes") {
  const Tensor eye = make(Identity{.gain = 3}, {2, 3});
  for (int64_t i = 0; i < 6; ++i) CHECK(eye.at(i) == (i == 0 || i == 4 ? 3 : 0));
  CHECK(make(Constant{2.5}, {3}).at(2) == 2.5);
  CHECK(make("ones", {2}, 1, 0, DType::float64).at(1) == 1);
  CHECK(make(Constant{1}, {2}, 1, 0, DType::bfloat16).at(0) == 1);
}

TEST_CASE("a function is an initializer") {
  const Initializer own = [](const Shape& s, DType d, uint64_t) { return Constant{7}(s, d, 0); };
  CHECK(make(own, {2}).at(0) == 7);
  CHECK_THROWS_AS(to_config(own), UnsupportedError);
  const Initializer wrong = [](const Shape&, DType d, uint64_t) { return Tensor(d, {1}); };
  CHECK(testing::has(testing::error_of([&] { make(wrong, {2}); }), "was asked for float32[2] and returned float32[1]"));
}

TEST_CASE("an initializer says what it cannot do") {
  CHECK_THROWS_AS(make("orthogonal", {3}), ShapeError);
  CHECK_THROWS_AS(make("identity", {3}), ShapeError);
  CHECK_THROWS_AS(make(VarianceScaling{.scale = -1}, {3, 3}), ArgumentError);
  CHECK(testing::has(testing::error_of([&] { make(VarianceScaling{.mode = "fan"}, {3, 3}); }), "fan_in, fan_out or fan_avg"));
}
