// Products with long sums, alone and several at once, against plain sums in double.
#include "cornu/kernels/gemm_tall.h"

#include <doctest/doctest.h>

#include "cornu/base/error.h"
#include "numbers.h"
#include "run_kernel.h"

using namespace cornu;

namespace {

/// x' y in double, for x [k, m] and y [k, n].
Tensor plain(const Tensor& x, const Tensor& y) {
  const int64_t k = x.shape()[0], m = x.shape()[1], n = y.shape()[1];
  const Tensor left = x.cast(DType::float64), right = y.cast(DType::float64);
  const double *a = left.values<double>().data(), *b = right.values<double>().data();
  std::vector<double> sums(static_cast<size_t>(m * n), 0.0);
  double* to = sums.data();
  for (int64_t p = 0; p < k; ++p)
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) to[i * n + j] += a[p * m + i] * b[p * n + j];
  return Tensor(Shape{m, n}, sums);
}
Tensor row_sums(const Tensor& y) {
  return plain(Tensor(Shape{y.shape()[0], 1}, std::vector<double>(static_cast<size_t>(y.shape()[0]), 1.0)), y).reshaped({y.shape()[1]});
}
/// Of k additions of products of normal numbers: partial sums seldom exceed 4 sqrt(k), and their roundings add up to 2 sqrt(k) of the largest.
double bound(int64_t k) { return 0x1p-24 * 8 * static_cast<double>(k); }

std::vector<Machine> machines() {
  std::vector<Machine> all = {Machine{}, this_machine()};
  if (this_machine().avx512) all.push_back({.avx2 = true});
  return all;
}

void check_one(int64_t m, int64_t n, int64_t k) {
  const Tensor x = misaligned(normal_numbers({k, m}, DType::float32, 1)), y = misaligned(normal_numbers({k, n}, DType::float32, 2));
  const Tensor want = plain(x, y);
  for (const Machine& machine : machines()) {
    CAPTURE(text(m, " x ", n, " over ", k, machine.avx2 ? "" : " for any processor"));
    const auto kernel = gemm_candidate("tall", {.m = m, .n = n, .k = k, .transpose_a = true}, machine);
    REQUIRE(kernel);
    check_near(run_kernel(*kernel, {x, y}, {{DType::float32, {m, n}}})[0], want, 0, bound(k));
  }
}

void check_many(std::vector<int64_t> rows, int64_t n, int64_t k, bool sums) {
  const Tensor y = misaligned(normal_numbers({k, n}, DType::float32, 9));
  gemm::TallProducts all{.products = {}, .sums = sums};
  std::vector<Tensor> in;
  std::vector<std::pair<DType, Shape>> out;
  for (const int64_t m : rows) {
    all.products.push_back({.m = m, .n = n, .k = k, .transpose_a = true});
    in.push_back(misaligned(normal_numbers({k, m}, DType::float32, static_cast<unsigned>(in.size() + 3))));
    out.push_back({DType::float32, {m, n}});
  }
  in.push_back(y);
  if (sums) out.push_back({DType::float32, {n}});
  for (const Machine& machine : machines()) {
    CAPTURE(text(Shape(rows), " x ", n, " over ", k, machine.avx2 ? "" : " for any processor"));
    const auto got = run_kernel(gemm::tall_products(all, machine), in, out);
    for (size_t i = 0; i < rows.size(); ++i) check_near(got[i], plain(in[i], y), 0, bound(k));
    if (sums) check_near(got.back(), row_sums(y), 0, bound(k));
  }
}

}  // namespace

TEST_CASE("long sums are cut into parts that are added up, in blocks of any size") {
  check_one(17, 18, 513);
  check_one(20, 40, 1600);
  check_one(7, 33, 2100);
  check_one(131, 19, 1025);
}

TEST_CASE("several products with one operand, and its sums, are those of the products by themselves") {
  check_many({17, 6, 31}, 35, 700, true);
  check_many({20}, 50, 1300, true);
  check_many({18, 19}, 16, 1700, false);
  check_many({270, 5}, 24, 260, true);
  check_many({3}, 300, 260, true);
  check_many({4, 2}, 5, 0, true);
}

TEST_CASE("results that are not float32, or that an epilogue reads, are parts added up first") {
  const int64_t m = 20, n = 24, k = 1600;
  const Tensor x = normal_numbers({k, m}, DType::float32, 1), y = normal_numbers({k, n}, DType::float32, 2);
  const auto twice = [](const TileSource* in, void* to, int64_t count) {
    for (int64_t i = 0; i < count; ++i) static_cast<float*>(to)[i] = 2 * static_cast<const float*>(in[0].data)[i & in[0].mask];
  };
  TileProgram program{.space = {m, n}, .inputs = {{.strides = dense_strides({m, n})}}, .code = {{.function = twice, .y = 1}}, .outputs = {1}, .output_types = {DType::float32}};
  program.code[0].operands[0] = 0;
  const Epilogue epilogue(program);
  Gemm g{.m = m, .n = n, .k = k, .transpose_a = true};
  const Tensor once = run_kernel(*gemm_candidate("tall", g, this_machine()), {x, y}, {{DType::float32, {m, n}}})[0];
  const Tensor doubled = run_kernel(*gemm_candidate("tall", g, this_machine(), &epilogue), {x, y}, {{DType::float32, {m, n}}})[0];
  g.y = DType::bfloat16;
  const Tensor rounded = run_kernel(*gemm_candidate("tall", g, this_machine()), {x, y}, {{DType::bfloat16, {m, n}}})[0];
  CHECK(rounded == once.cast(DType::bfloat16));
  for (int64_t i = 0; i < m * n; ++i) CHECK(doubled.at(i) == 2 * once.at(i));
}

TEST_CASE("products whose second operands differ are not one kernel") {
  gemm::TallProducts all{.products = {{.m = 3, .n = 4, .k = 5, .transpose_a = true}, {.m = 3, .n = 4, .k = 6, .transpose_a = true}}};
  CHECK_THROWS_AS(gemm::tall_products(all, this_machine()), InternalError);
}
