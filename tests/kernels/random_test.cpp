#include "cornu/kernels/random.h"

#include <algorithm>

#include "cornu/base/random.h"
#include "numbers.h"
#include "run_kernel.h"

using namespace cornu;

namespace {

Tensor key(int64_t seed, int64_t step = 0, int64_t first_row = 0) { return Tensor({3}, std::vector<int64_t>{seed, step, first_row}); }

Tensor draw(DType dtype, const RandomFill& fill, const Tensor& with = key(1)) {
  return run_kernel(random_kernel(dtype, fill), {with}, {{dtype, {fill.rows, fill.row_elements}}})[0];
}

struct Moments {
  double mean = 0, variance = 0, fourth = 0, low = 1e300, high = -1e300;
};
Moments moments(const Tensor& x) {
  Moments m;
  const auto n = static_cast<double>(x.size());
  for (int64_t i = 0; i < x.size(); ++i) {
    m.mean += x.at(i) / n;
    m.low = std::min(m.low, x.at(i));
    m.high = std::max(m.high, x.at(i));
  }
  for (int64_t i = 0; i < x.size(); ++i) {
    const double d = x.at(i) - m.mean;
    m.variance += d * d / n;
    m.fourth += d * d * d * d / n;
  }
  return m;
}

constexpr Draw all_draws[] = {Draw::uniform, Draw::normal, Draw::truncated_normal, Draw::bernoulli};

}  // namespace

TEST_CASE("each number is the one that its key and its place name") {
  const RandomFill fill{Draw::uniform, 5, 7, 0, 1, 99};
  const Tensor y = draw(DType::float32, fill, key(3, 8, 100));
  for (int64_t r = 0; r < 5; ++r)
    for (int64_t i = 0; i < 7; ++i) {
      const auto block = random_block({.seed = 3, .stream = 99, .step = 8}, static_cast<uint64_t>(100 + r), static_cast<uint32_t>(i / 4));
      CHECK(y.at(r * 7 + i) == static_cast<double>(unit_float(block[static_cast<size_t>(i % 4)])));
    }
  const RandomFill one_zero{Draw::normal, 1, 4, 0, 1, 5};
  const auto block = random_block({.seed = 1, .stream = 5, .step = 0}, 0, 0);
  const auto low = normal_pair(block[0], block[1]), high = normal_pair(block[2], block[3]);
  check_near(draw(DType::float32, one_zero), Tensor({4}, std::vector<double>{low[0], low[1], high[0], high[1]}), 1e-6, 1e-6);
}

TEST_CASE("rows 16 to 32 of a batch are the rows that start at 16, for every distribution") {
  for (const Draw d : all_draws)
    for (const int64_t width : {1, 4, 9, 257}) {
      const Tensor whole = draw(DType::float32, {d, 48, width, 0.3, 0.8, 7}, key(5, 2, 0));
      CHECK(draw(DType::float32, {d, 16, width, 0.3, 0.8, 7}, key(5, 2, 16)) == whole.rows(16, 32));
    }
}

TEST_CASE("seed, step and stream each give other numbers") {
  const RandomFill fill{Draw::uniform, 1, 64};
  RandomFill other_stream = fill;
  other_stream.stream = 1;
  const Tensor y = draw(DType::float32, fill, key(1, 1));
  CHECK(y == draw(DType::float32, fill, key(1, 1)));
  CHECK(!(y == draw(DType::float32, fill, key(2, 1))));
  CHECK(!(y == draw(DType::float32, fill, key(1, 2))));
  CHECK(!(y == draw(DType::float32, other_stream, key(1, 1))));
}

TEST_CASE("the distributions have their moments, to five standard errors") {
  constexpr int64_t rows = 200, width = 1000;
  const double root = std::sqrt(static_cast<double>(rows * width));
  for (const DType dtype : {DType::float32, DType::float64}) {
    const Moments u = moments(draw(dtype, {Draw::uniform, rows, width, -1, 3}));
    CHECK(std::abs(u.mean - 1) < 5 * std::sqrt(16.0 / 12) / root);
    CHECK(std::abs(u.variance - 16.0 / 12) < 5 * 16 * std::sqrt(1.0 / 180) / root);
    CHECK(u.low >= -1);
    CHECK(u.high < 3);

    const Moments n = moments(draw(dtype, {Draw::normal, rows, width, 2, 0.5}));
    CHECK(std::abs(n.mean - 2) < 5 * 0.5 / root);
    CHECK(std::abs(n.variance - 0.25) < 5 * 0.25 * std::sqrt(2.0) / root);
    CHECK(std::abs(n.fourth - 3 * 0.0625) < 5 * 0.0625 * std::sqrt(96.0) / root);

    // Cut at two deviations: variance 1 - 4 phi(2) / (2 Phi(2) - 1) = 0.774.
    const Moments t = moments(draw(dtype, {Draw::truncated_normal, rows, width, 0, 1}));
    CHECK(std::abs(t.mean) < 5 * 0.88 / root);
    CHECK(std::abs(t.variance - 0.77374) < 5 * 0.8 / root);
    CHECK(t.low > -2);
    CHECK(t.high < 2);

    const Moments b = moments(draw(dtype, {Draw::bernoulli, rows, width, 0.3}));
    CHECK(std::abs(b.mean - 0.3) < 5 * std::sqrt(0.21) / root);
  }
}

TEST_CASE("bernoulli is never 1 with probability 0 and always with probability 1") {
  CHECK(moments(draw(DType::boolean, {Draw::bernoulli, 10, 1000, 0})).high == 0);
  CHECK(moments(draw(DType::boolean, {Draw::bernoulli, 10, 1000, 1})).low == 1);
}

TEST_CASE("uniform stays below its end where rounding would reach it, and whole numbers reach each of theirs") {
  CHECK(moments(draw(DType::float32, {Draw::uniform, 100, 1000, 1, 1 + 0x1p-23})).high == 1);
  CHECK(moments(draw(DType::bfloat16, {Draw::uniform, 10, 1000, 0, 1})).high < 1);
  const Moments whole = moments(draw(DType::int32, {Draw::uniform, 10, 1000, -3, 4}));
  CHECK(whole.low == -3);
  CHECK(whole.high == 3);
  CHECK(std::abs(whole.mean) < 0.1);
}
