// Pooling against plain loops over every cell.
#include "cornu/kernels/pooling.h"

#include <doctest/doctest.h>

#include <limits>

#include "cornu/base/error.h"
#include "numbers.h"
#include "run_kernel.h"

using namespace cornu;

namespace {

Shape x_shape(const PoolingShape& s) { return {s.batch, s.in[0], s.in[1], s.in[2], s.channels}; }
Shape y_shape(const PoolingShape& s) { return {s.batch, s.out[0], s.out[1], s.out[2], s.channels}; }

/// Calls f(index of the result, index of the cell, the cell's number) for every cell inside x of every window.
template <class F> void each_cell(const PoolingShape& s, const F& f) {
  const int64_t size = s.size[0] * s.size[1] * s.size[2];
  for (int64_t y = 0; y < y_shape(s).elements(); ++y)
    for (int64_t cell = 0; cell < size; ++cell) {
      int64_t rest = y / s.channels, of_cell = cell, index = y % s.channels, scale = s.channels;
      bool inside = true;
      for (size_t a = 3; a-- > 0;) {
        const int64_t i = rest % s.out[a] * s.stride[a] - s.before[a] + of_cell % s.size[a];
        rest /= s.out[a], of_cell /= s.size[a];
        inside = inside && i >= 0 && i < s.in[a];
        index += scale * i, scale *= s.in[a];
      }
      if (inside) f(y, index + rest * scale, cell);
    }
}

std::vector<PoolingShape> shapes() {
  return {
      {.batch = 2, .channels = 3, .in = {1, 1, 7}, .out = {1, 1, 3}, .size = {1, 1, 2}, .stride = {1, 1, 2}},
      {.batch = 2, .channels = 32, .in = {1, 8, 9}, .out = {1, 4, 4}, .size = {1, 2, 2}, .stride = {1, 2, 2}},
      {.batch = 1, .channels = 5, .in = {1, 5, 6}, .out = {1, 5, 3}, .size = {1, 3, 3}, .stride = {1, 1, 2}, .before = {0, 1, 0}},
      {.batch = 3, .channels = 1, .in = {4, 3, 5}, .out = {3, 2, 6}, .size = {2, 2, 4}, .stride = {1, 1, 1}, .before = {0, 0, 2}},
      {.batch = 0, .channels = 4, .in = {1, 2, 2}, .out = {1, 1, 1}, .size = {1, 2, 2}, .stride = {1, 1, 1}},
  };
}

Tensor run(Pooling what, DType dtype, const PoolingShape& s, const std::vector<Tensor>& in, const Shape& result) {
  std::vector<std::pair<DType, Shape>> outputs = {{dtype, result}};
  if (what == Pooling::max) outputs.emplace_back(DType::int32, result);
  return run_kernel(pooling_kernels(what, dtype, s)[0], in, outputs)[0];
}

}  // namespace

TEST_CASE("max pooling finds the first of the largest cells, and a NaN") {
  for (const DType dtype : {DType::float32, DType::float64})
    for (const PoolingShape& s : shapes()) {
      Tensor x = misaligned(normal_numbers(x_shape(s), dtype, 4, 2).cast(DType::int32).cast(dtype));  // many are equal
      if (x.size() > 8) {
        x = x.cast(DType::float64);
        x.mutable_values<double>()[7] = std::numeric_limits<double>::quiet_NaN();
        x = x.cast(dtype);
      }
      const auto got = run_kernel(pooling_kernels(Pooling::max, dtype, s)[0], {x}, {{dtype, y_shape(s)}, {DType::int32, y_shape(s)}});
      Tensor want(DType::float64, y_shape(s)), where(DType::int32, y_shape(s));
      std::vector<bool> met(static_cast<size_t>(want.size()));
      each_cell(s, [&](int64_t y, int64_t cell, int64_t number) {
        double& best = want.mutable_values<double>()[static_cast<size_t>(y)];
        const double v = x.at(cell);
        if (met[static_cast<size_t>(y)] && !(v > best) && !(std::isnan(v) && !std::isnan(best))) return;
        met[static_cast<size_t>(y)] = true, best = v;
        where.mutable_values<int32_t>()[static_cast<size_t>(y)] = static_cast<int32_t>(number);
      });
      check_near(got[0], want, 0);
      CHECK(got[1] == where);
    }
}

TEST_CASE("what max pooling chose can be picked, and numbers put there") {
  for (const PoolingShape& s : shapes()) {
    const Tensor x = normal_numbers(x_shape(s), DType::float64, 5), dy = normal_numbers(y_shape(s), DType::float64, 6);
    const auto chosen = run_kernel(pooling_kernels(Pooling::max, DType::float64, s)[0], {x}, {{DType::float64, y_shape(s)}, {DType::int32, y_shape(s)}});
    CHECK(run(Pooling::max_pick, DType::float64, s, {x, chosen[1]}, y_shape(s)) == chosen[0]);
    Tensor want(DType::float64, x_shape(s));
    each_cell(s, [&](int64_t y, int64_t cell, int64_t number) {
      if (static_cast<double>(number) == chosen[1].at(y)) want.mutable_values<double>()[static_cast<size_t>(cell)] += dy.at(y);
    });
    check_near(run(Pooling::max_put, DType::float64, s, {dy, chosen[1]}, x_shape(s)), want, 1e-15);
  }
}

TEST_CASE("average pooling divides by the cells that are inside, and so does its transpose") {
  for (const DType dtype : {DType::float32, DType::float64})
    for (const PoolingShape& s : shapes()) {
      const Tensor x = normal_numbers(x_shape(s), dtype, 7), dy = normal_numbers(y_shape(s), dtype, 8);
      std::vector<double> cells(static_cast<size_t>(dy.size()));
      each_cell(s, [&](int64_t y, int64_t, int64_t) { cells[static_cast<size_t>(y)] += 1; });
      Tensor y(DType::float64, y_shape(s)), dx(DType::float64, x_shape(s));
      each_cell(s, [&](int64_t to, int64_t cell, int64_t) {
        y.mutable_values<double>()[static_cast<size_t>(to)] += x.at(cell) / cells[static_cast<size_t>(to)];
        dx.mutable_values<double>()[static_cast<size_t>(cell)] += dy.at(to) / cells[static_cast<size_t>(to)];
      });
      const double precision = dtype == DType::float64 ? 1e-14 : 3e-6;
      check_near(run(Pooling::average, dtype, s, {x}, y_shape(s)), y, precision, precision);
      check_near(run(Pooling::average_transpose, dtype, s, {dy}, x_shape(s)), dx, precision, precision);
    }
}

TEST_CASE("only floats are pooled") {
  CHECK_THROWS_WITH_AS(pooling_kernels(Pooling::max, DType::int32, {}), "pooling of int32 has no kernel: cast it to float32", UnsupportedError);
}
