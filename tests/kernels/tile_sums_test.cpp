// Chains whose results are summed as they are made, against the chain and the sums by themselves.
#include "cornu/kernels/tile_sums.h"

#include <doctest/doctest.h>

#include "numbers.h"
#include "run_kernel.h"

using namespace cornu;

namespace {

void product(const TileSource* in, void* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    static_cast<float*>(y)[i] = static_cast<const float*>(in[0].data)[i & in[0].mask] * static_cast<const float*>(in[1].data)[i & in[1].mask];
}
void plus(const TileSource* in, void* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    static_cast<float*>(y)[i] = static_cast<const float*>(in[0].data)[i & in[0].mask] + static_cast<const float*>(in[1].data)[i & in[1].mask];
}

/// a b and a b + a, over [rows, columns], where b is one row.
TileProgram program(int64_t rows, int64_t columns) {
  return {.space = {rows, columns},
          .inputs = {{DType::float32, {columns, 1}}, {DType::float32, {0, 1}}},
          .code = {{product, {0, 1, -1, -1, -1}, 2, Lane::f32}, {plus, {2, 0, -1, -1, -1}, 3, Lane::f32}},
          .outputs = {2, 3},
          .output_types = {DType::float32, DType::float32}};
}

void check(int64_t rows, int64_t columns) {
  CAPTURE(rows);
  CAPTURE(columns);
  const Tensor a = misaligned(normal_numbers({rows, columns}, DType::float32, 1)), b = normal_numbers({columns}, DType::float32, 2);
  const auto both = run_kernel(tile_kernel(program(rows, columns)), {a, b}, {{DType::float32, {rows, columns}}, {DType::float32, {rows, columns}}});
  std::vector<Tensor> want;
  for (const Tensor& t : both) {
    std::vector<double> sums(static_cast<size_t>(columns), 0.0);
    for (int64_t i = 0; i < t.size(); ++i) sums[static_cast<size_t>(i % columns)] += t.at(i);
    want.emplace_back(Shape{columns}, sums);
  }
  const double bound = 0x1p-24 * 20 * std::sqrt(static_cast<double>(rows)) * 8;
  // The first result stored too, and both summed, the second first.
  const auto got = run_kernel(tile_sums_kernel(program(rows, columns), 1, {1, 0}), {a, b},
                              {{DType::float32, {rows, columns}}, {DType::float32, {columns}}, {DType::float32, {columns}}});
  CHECK(got[0] == both[0]);
  check_near(got[1], want[1], 1e-6, bound);
  check_near(got[2], want[0], 1e-6, bound);
  // Nothing stored.
  const auto sums = run_kernel(tile_sums_kernel(program(rows, columns), 0, {0, 1}), {a, b}, {{DType::float32, {columns}}, {DType::float32, {columns}}});
  CHECK(sums[0] == got[2]);
  CHECK(sums[1] == got[1]);
}

}  // namespace

TEST_CASE("results are summed over all axes but the last while they are made, stored or not") {
  check(1, 5);
  check(700, 3);
  check(5000, 16);
  check(999, 130);
  check(3, 3000);  // a row is larger than a block
}
