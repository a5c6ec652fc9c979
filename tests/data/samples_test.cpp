#include "cornu/data/samples.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "cornu/base/error.h"

using namespace cornu;

namespace {
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
Samples counting(int64_t n) {
  Tensor x(DType::int32, {n, 2}), y(DType::uint8, {n});
  for (int64_t i = 0; i < n; ++i)
    x.mutable_values<int32_t>()[static_cast<size_t>(2 * i)] = static_cast<int32_t>(i),
                                                        y.mutable_values<uint8_t>()[static_cast<size_t>(i)] =
                                                            static_cast<uint8_t>(i);
  return {.x = {x}, .y = {y}, .sample_weight = {Tensor(DType::float32, {n})}};
}
}  // namespace

TEST_CASE("samples need the same number of rows everywhere") {
  CHECK(counting(5).rows() == 5);
  const Tensor a(DType::float32, {60000, 28, 28}), b(DType::uint8, {10000}), scalar(DType::float32, Shape{});
  CHECK_THROWS_WITH_AS((Samples{.x = {a}, .y = {b}}.rows()),
                       "x has 60000 samples but y has 10000 (shape [10000]); each sample needs a row in both", ArgumentError);
  CHECK_THROWS_WITH_AS((Samples{.x = {b, a}}.rows()),
                       "x[0] has 10000 samples but x[1] has 60000 (shape [60000, 28, 28]); each sample needs a row in both",
                       ArgumentError);
  CHECK_THROWS_WITH_AS((Samples{.x = {b}, .sample_weight = {a}}.rows()),
                       "x has 10000 samples but sample_weight has 60000 (shape [60000, 28, 28]); each sample needs a row in both",
                       ArgumentError);
  CHECK_THROWS_WITH_AS((Samples{.x = {scalar}}.rows()), "x is a scalar; its first axis must count the samples", ArgumentError);
  CHECK_THROWS_WITH_AS(Samples{}.rows(), "there is no x: give at least one input tensor", ArgumentError);
}

TEST_CASE("the last part of the samples is for validation, rounded as Keras does") {
  struct Case {
    int64_t rows;
    double split;
    int64_t training;
  };
  // floor(n * (1 - split)) in double, as in Python: 10 * (1 - 0.3) is 7, and 10 * (1 - 0.9) is below 1.
  for (const Case& c : {Case{10, 0.2, 8},
                        {10, 0.25, 7},
                        {10, 0.3, 7},
                        {3, 0.5, 1},
                        {60000, 0.1, 54000},
                        {2, 0.01, 1},
                        {100, 0.999, 0},
                        {10, 0.9, 0}}) {
    const auto rows = c.rows, training = c.training;
    const double split = c.split;
    CAPTURE(rows);
    CAPTURE(split);
    if (training == 0) {
      CHECK_THROWS_AS(split_validation(counting(rows), split), ArgumentError);
      continue;
    }
    const auto [train, validation] = split_validation(counting(rows), split);
    CHECK(train.rows() == training);
    CHECK(validation.rows() == rows - training);
    CHECK(train.x[0].at(0) == 0);
    CHECK(validation.x[0].at(0) == static_cast<double>(training));
    CHECK(validation.y[0].at(0) == static_cast<double>(training % 256));
    CHECK(validation.sample_weight[0].shape() == Shape{rows - training});
  }
  CHECK_THROWS_WITH_AS(
      split_validation(counting(1), 0.5),
      "validation_split 0.5 of 1 sample leaves 0 to train on and 1 to validate on; give more data or another split",
      ArgumentError);
  for (const double split : {0.0, 1.0, -0.1, 1.5, not_a_number})
    CHECK_THROWS_AS(split_validation(counting(10), split), ArgumentError);
}

TEST_CASE("a NaN or an infinity in the data is found and named") {
  check_finite(Tensor{1, -2, 3e38f}, "x");
  check_finite(Tensor(DType::uint8, {4}), "x");
  check_finite(Tensor(DType::float32, {0, 3}), "x");
  for (const double bad : {not_a_number, -not_a_number, inf, -inf}) {
    Tensor x(DType::float32, {600, 3, 4});
    x.mutable_values<float>()[599 * 12 + 7] = static_cast<float>(bad);
    CHECK_THROWS_AS(check_finite(x, "x"), ArgumentError);
    x.mutable_values<float>()[17 * 12 + 6] = static_cast<float>(inf);
    CHECK_THROWS_WITH_AS(check_finite(x, "x"),
                         "x holds inf (sample 17, at [1, 2], counting from 0); clean or drop such samples first", ArgumentError);
    CHECK_THROWS_AS(check_finite(x.cast(DType::bfloat16), "x"), ArgumentError);
    CHECK_THROWS_WITH_AS(check_finite(x.cast(DType::float64), "targets"),
                         "targets holds inf (sample 17, at [1, 2], counting from 0); clean or drop such samples first",
                         ArgumentError);
  }
  CHECK_THROWS_WITH_AS(check_finite(Tensor{1, static_cast<float>(inf)}, "y"),
                       "y holds inf (sample 1, counting from 0); clean or drop such samples first", ArgumentError);
}

TEST_CASE("labels must be classes") {
  check_labels(Tensor({3}, std::vector<uint8_t>{0, 9, 5}), 10);
  check_labels(Tensor({2, 1}, std::vector<float>{0, 9}), 10);
  check_labels(Tensor(DType::int64, {0}), 10);
  CHECK_THROWS_WITH_AS(check_labels(Tensor({3}, std::vector<uint8_t>{0, 10, 11}), 10),
                       "y holds the label 10 (sample 1, counting from 0), but the model has 10 classes, 0 to 9", ArgumentError);
  CHECK_THROWS_WITH_AS(check_labels(Tensor({2}, std::vector<int64_t>{0, -1}), 3, "validation y"),
                       "validation y holds the label -1 (sample 1, counting from 0), but the model has 3 classes, 0 to 2",
                       ArgumentError);
  CHECK_THROWS_AS(check_labels(Tensor({1}, std::vector<float>{0.5f}), 3), ArgumentError);
  CHECK_THROWS_AS(check_labels(Tensor({1}, std::vector<float>{static_cast<float>(not_a_number)}), 3), ArgumentError);
  CHECK(range_of(Tensor({3}, std::vector<int32_t>{4, -7, 2})) == std::pair<int64_t, int64_t>{-7, 4});
  CHECK_THROWS_AS(range_of(Tensor{1, 2}), ArgumentError);
}
