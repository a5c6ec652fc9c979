// Regression on a table: Friedman's first function (Friedman 1991, "Multivariate adaptive regression splines"), generated here, so that
// the best possible answer is known: y = 10 sin(pi a b) + 20 (c - 1/2)^2 + 10 d + 5 e + noise of deviation 1; five more columns say nothing.
//   example_regression [--quick]
#include <cornu/cornu.h>

#include <cmath>
#include <numbers>
#include <random>

#include "quick.h"

using namespace cornu;

namespace {
Split friedman(int64_t rows, unsigned seed) {
  std::mt19937 rng(seed);
  std::uniform_real_distribution<float> uniform;
  std::normal_distribution<float> noise;
  std::vector<float> x, y;
  for (int64_t i = 0; i < rows; ++i) {
    float v[10];
    for (float& f : v) x.push_back(f = uniform(rng));
    y.push_back(10 * std::sin(std::numbers::pi_v<float> * v[0] * v[1]) + 20 * (v[2] - .5f) * (v[2] - .5f) + 10 * v[3] + 5 * v[4] + noise(rng));
  }
  return {Tensor({rows, 10}, x), Tensor({rows, 1}, y)};
}
}  // namespace

int main(int argc, char** argv) {
  const bool quick = asked_for_quick(argc, argv);
  const Split train = friedman(quick ? 2000 : 8000, 1), test = friedman(2000, 2);
  Normalization normalization;
  normalization.adapt(train.x);
  Sequential model{Input{10}, normalization, Dense{64, "relu"}, Dense{64, "relu"}, Dense{1}};
  model.compile({.optimizer = Adam{.learning_rate = 3e-3}, .loss = "mse", .metrics = {"mae", R2Score{}}});
  model.fit(train.x, train.y, {.batch_size = 64, .epochs = quick ? 60 : 40, .verbose = 2, .validation_data = test});
  // 24 of the variance of 25 can be explained: an R2 of 0.96.
  return expect("R2 on new rows", model.evaluate(test.x, test.y, {.batch_size = 500}).at("r2_score"), quick ? 0.8 : 0.93);
}
