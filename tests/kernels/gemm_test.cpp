// Every candidate against the plainest product, on sizes and places chosen to be awkward.
#include "cornu/kernels/gemm.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <set>

#include "cornu/base/error.h"
#include "cornu/base/random.h"
#include "run_kernel.h"

using namespace cornu;

namespace {

/// Numbers in [-1, 1), or for uint8 all of 0..255.
Tensor numbers(DType dtype, const Shape& shape, uint64_t stream) {
  Tensor t(DType::float64, shape);
  auto values = t.mutable_values<double>();
  for (size_t i = 0; i < values.size(); ++i) {
    const double unit = unit_double(random_block({.seed = 7, .stream = stream}, i, 0)[0]);
    values[i] = dtype == DType::uint8 ? std::floor(unit * 256) : 2 * unit - 1;
  }
  return t.cast(dtype);
}

struct Product {
  Gemm gemm;
  Tensor a, b;
};

/// Batch axes of a and b that are 1 are stretched.
Product product(int64_t m, int64_t n, int64_t k, bool ta, bool tb, DType a = DType::float32, DType b = DType::float32, Shape a_batch = {},
                Shape b_batch = {}) {
  Product p;
  p.gemm = {.m = m, .n = n, .k = k, .transpose_a = ta, .transpose_b = tb, .a = a, .b = b};
  const Shape batch = broadcast(a_batch, b_batch);
  const auto of_a = broadcast_strides(a_batch, batch), of_b = broadcast_strides(b_batch, batch);
  for (int i = 0; i < batch.rank(); ++i) {
    const auto axis = static_cast<size_t>(i);
    p.gemm.batch.push_back({batch[i], of_a[axis] * m * k, of_b[axis] * k * n});
  }
  p.a = misaligned(numbers(a, a_batch + (ta ? Shape{k, m} : Shape{m, k}), 1));
  p.b = misaligned(numbers(b, b_batch + (tb ? Shape{n, k} : Shape{k, n}), 2));
  return p;
}

Tensor run(const Kernel& kernel, const Product& p) {
  return run_kernel(kernel, {p.a, p.b}, {{p.gemm.y, Shape{p.gemm.batches() * p.gemm.m, p.gemm.n}}})[0];
}

Kernel candidate(std::string_view name, const Gemm& g, const Machine& machine = this_machine(), const Epilogue* epilogue = nullptr) {
  auto kernel = gemm_candidate(name, g, machine, epilogue);
  REQUIRE(kernel);
  return *kernel;
}

/// |y - exact| <= (k + 2) epsilon max|a| max|b| k: the bound of any order of summation in float32 (Higham, "Accuracy and
/// Stability of Numerical Algorithms", 3.1), with the largest elements in place of the norms.
double tolerance(const Gemm& g) {
  const auto k = static_cast<double>(g.k);
  const double largest = (g.a == DType::uint8 ? 255.0 : 1.0) * (g.b == DType::uint8 ? 255.0 : 1.0);
  const double rounding = g.y == DType::bfloat16 ? 0x1p-8 * largest * k : 0;
  return (k + 2) * 0x1p-24 * largest * k + rounding;
}

double difference(const Tensor& x, const Tensor& y) {
  double most = 0;
  for (int64_t i = 0; i < x.size(); ++i) {
    const double d = std::abs(x.at(i) - y.at(i));
    if (!(d <= most)) most = std::isnan(d) ? INFINITY : d;
  }
  return most;
}

std::vector<Machine> machines() {
  std::vector<Machine> all = {Machine{}, this_machine()};
  if (this_machine().avx512) all.push_back({.avx2 = true});
  return all;
}

/// How many candidates took the product.
int check_all(const Product& p) {
  const Tensor expected = run(candidate("reference", p.gemm), p);
  int ran = 0;
  for (const Machine& machine : machines())
    for (const std::string_view name : gemm_candidates()) {
      const auto kernel = gemm_candidate(name, p.gemm, machine);
      if (!kernel) continue;
      ++ran;
      const double error = difference(run(*kernel, p), expected);
      INFO(text(name, machine.avx2 ? "" : " for any processor", ": ", p.a.dtype(), p.a.shape(), p.gemm.transpose_a ? "' " : " ", p.b.dtype(),
                p.b.shape(), p.gemm.transpose_b ? "'" : ""));
      CHECK(error <= tolerance(p.gemm));
    }
  return ran;
}

}  // namespace

TEST_CASE("the reference multiplies a small product that can be done by hand") {
  Product p = product(2, 2, 3, false, false);
  p.a = Tensor{{1, 2, 3}, {4, 5, 6}};
  p.b = Tensor{{7, 8}, {9, 10}, {11, 12}};
  CHECK(run(candidate("reference", p.gemm), p) == Tensor{{58, 64}, {139, 154}});
}

TEST_CASE("every candidate agrees with the reference on awkward sizes, however the operands are stored") {
  constexpr int64_t sizes[] = {1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 100};
  int ran = 0;
  for (int i = 0; i < 120; ++i) {  // a walk through the triples that meets every size in every place
    const int64_t m = sizes[i % 15], n = sizes[(i * 4 + i / 15) % 15], k = sizes[(i * 7 + i / 9) % 15];
    ran += check_all(product(m, n, k, i & 1, (i / 2) & 1));
    ran += check_all(product(m, n, k, !(i & 1), (i / 2) & 1));
  }
  CHECK(ran >= 3 * 240);
}

TEST_CASE("every candidate agrees with the reference beyond one block of rows, columns and depth") {
  for (const bool ta : {false, true})
    for (const bool tb : {false, true}) {
      check_all(product(130, 270, 300, ta, tb));
      check_all(product(3, 530, 600, ta, tb));
      check_all(product(200, 7, 600, ta, tb));
    }
}

TEST_CASE("sizes of zero give nothing, or zeros where only k is zero") {
  for (const bool t : {false, true}) {
    check_all(product(0, 3, 4, t, !t));
    check_all(product(3, 0, 4, t, t));
    check_all(product(3, 40, 0, t, t));
    check_all(product(40, 3, 0, t, !t));
    check_all(product(2, 2, 2, t, t, DType::float32, DType::float32, {0}, {0}));
  }
}

TEST_CASE("uint8 and bfloat16 operands are read as numbers") {
  for (const bool ta : {false, true})
    for (const bool tb : {false, true}) {
      check_all(product(33, 10, 85, ta, tb, DType::uint8));
      check_all(product(10, 85, 33, ta, tb, DType::float32, DType::uint8));
      check_all(product(65, 70, 300, ta, tb, DType::uint8));
      check_all(product(1, 10, 784, ta, tb, DType::uint8));
      check_all(product(37, 41, 70, ta, tb, DType::bfloat16, DType::bfloat16));
      Product p = product(37, 41, 70, ta, tb, DType::bfloat16, DType::bfloat16);
      p.gemm.y = DType::bfloat16;
      check_all(p);
    }
}

TEST_CASE("leading axes broadcast") {
  for (const bool ta : {false, true})
    for (const bool tb : {false, true}) {
      check_all(product(5, 9, 7, ta, tb, DType::float32, DType::float32, {3}, {3}));
      check_all(product(5, 9, 7, ta, tb, DType::float32, DType::float32, {2, 1}, {1, 3}));
      check_all(product(20, 18, 33, ta, tb, DType::float32, DType::float32, {4}, {}));
      check_all(product(20, 18, 33, ta, tb, DType::float32, DType::float32, {}, {2, 2}));
    }
}

TEST_CASE("rows may lie apart") {
  Product p = product(9, 20, 13, false, false);
  p.gemm.lda = 17, p.gemm.ldb = 23;
  p.a = numbers(DType::float32, {9, 17}, 1), p.b = numbers(DType::float32, {13, 23}, 2);
  check_all(p);
  p.gemm.transpose_a = p.gemm.transpose_b = true;
  p.a = numbers(DType::float32, {13, 17}, 1), p.b = numbers(DType::float32, {20, 23}, 2);
  check_all(p);
}

TEST_CASE("float64 is added up in double") {
  Product p = product(3, 4, 50, true, false, DType::float64, DType::float64);
  p.gemm.y = DType::float64;
  const Tensor y = run(gemm_kernels(p.gemm, this_machine())[0], p);
  double expected = 0;
  for (int64_t i = 0; i < 50; ++i) expected += p.a.at(i * 3 + 1) * p.b.at(i * 4 + 2);
  CHECK(y.at(1 * 4 + 2) == doctest::Approx(expected).epsilon(1e-15));
}

TEST_CASE("a row's result does not depend on how many rows there are") {
  for (const auto& [n, k, tb] : {std::tuple{10, 85, true}, {10, 85, false}, {70, 300, true}, {70, 300, false}}) {
    const Product all = product(67, n, k, false, tb);
    for (const std::string_view name : gemm_candidates()) {
      if (name == "onednn" || name == "openblas") continue;  // theirs is not ours to promise
      const auto kernel = gemm_candidate(name, all.gemm, this_machine());
      if (!kernel) continue;
      const Tensor y = run(*kernel, all);
      for (const int64_t m : {1, 2, 5, 40}) {
        Product part = all;
        part.gemm.m = m;
        const std::string what = text(name, " with ", m, " rows of ", n);  // clang 14 cannot capture structured bindings
        INFO(what);
        CHECK(run(candidate(name, part.gemm), part) == y.rows(0, m));
      }
    }
  }
}

TEST_CASE("an epilogue sees every element once, in its place, while nothing else is written") {
  const auto add_relu = [](const TileSource* in, void* y, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
      const float sum = static_cast<const float*>(in[0].data)[i & in[0].mask] + static_cast<const float*>(in[1].data)[i & in[1].mask];
      static_cast<float*>(y)[i] = sum > 0 ? sum : 0;
    }
  };
  for (const bool ta : {false, true})
    for (const bool tb : {false, true})
      for (const auto& [m, n, k] : {std::tuple{33, 10, 85}, {1, 10, 40}, {130, 270, 300}, {10, 100, 32}, {100, 10, 32}}) {
        const Product p = product(m, n, k, ta, tb);
        TileProgram program{.space = {m, n}, .inputs = {{.strides = dense_strides({m, n})}, {.strides = {0, 1}}}, .code = {{.function = add_relu, .y = 2}},
                            .outputs = {2}, .output_types = {DType::float32}};
        program.code[0].operands[0] = 0, program.code[0].operands[1] = 1;
        const Epilogue epilogue(program);
        const Tensor bias = numbers(DType::float32, {n}, 3);
        Tensor expected = run(candidate("reference", p.gemm), p);
        auto values = expected.mutable_values<float>();
        for (size_t i = 0; i < values.size(); ++i) values[i] = std::max(0.0f, values[i] + bias.values<float>()[i % static_cast<size_t>(n)]);
        for (const std::string_view name : gemm_candidates()) {
          const auto kernel = gemm_candidate(name, p.gemm, this_machine(), &epilogue);
          if (!kernel) continue;
          const Tensor y = run_kernel(*kernel, {p.a, p.b, bias}, {{DType::float32, Shape{m, n}}})[0];
          const std::string what = text(name, " for ", Shape{m, n, k}, ta, tb);
          INFO(what);
          CHECK(difference(y, expected) <= tolerance(p.gemm) + 2e-7);
        }
      }
}

TEST_CASE("the best candidates come first, and a product that nothing takes is refused") {
  const auto first = [](int64_t m, int64_t n, int64_t k, bool ta, bool tb, DType a = DType::float32) {
    return gemm_kernels({.m = m, .n = n, .k = k, .transpose_a = ta, .transpose_b = tb, .a = a}, this_machine())[0].name;
  };
  CHECK(first(32, 10, 784, false, true, DType::uint8) == "gemm.dot");
  CHECK(first(10, 784, 32, true, false) == "gemm.direct");
  CHECK(first(784, 10, 32, true, false, DType::uint8) == "gemm.transposed");
  CHECK_THROWS_WITH_AS(gemm_kernels({.m = 2, .n = 2, .k = 2, .a = DType::int32}, this_machine()),
                       "a matrix product of int32 and float32 into float32 has no kernel: cast the operands to float32", UnsupportedError);
  CHECK_THROWS_WITH_AS(gemm_candidate("direkt", {}, this_machine()), "no kernel for matrix products is called 'direkt' (did you mean 'direct'?)",
                       ArgumentError);
}
