// Products in integers: the vectorised loops against one number after the other, bit for bit.
#include "cornu/kernels/gemm_int8.h"

#include <doctest/doctest.h>

#include "numbers.h"
#include "run_kernel.h"

using namespace cornu;

namespace {

Tensor bytes(Shape shape, unsigned seed) {
  std::mt19937 rng(seed);
  Tensor t(DType::uint8, std::move(shape));
  for (uint8_t& b : t.mutable_values<uint8_t>()) b = static_cast<uint8_t>(rng() % 255 + 1);
  return t;
}

/// As the header has it, in double.
Tensor expected(const Tensor& a, const Tensor& b, const Tensor& factor) {
  const int64_t m = a.shape()[0], n = b.shape()[0], k = b.shape()[1];
  Tensor y(DType::float32, {m, n});
  for (int64_t i = 0; i < m; ++i) {
    float largest = 0;
    for (int64_t p = 0; p < k; ++p) largest = std::max(largest, std::abs(a.values<float>()[static_cast<size_t>(i * k + p)]));
    largest += 1e-7f;
    for (int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (int64_t p = 0; p < k; ++p) sum += std::nearbyint(a.values<float>()[static_cast<size_t>(i * k + p)] * (127.0f / largest)) * (b.at(j * k + p) - 128);
      y.mutable_values<float>()[static_cast<size_t>(i * n + j)] = static_cast<float>(sum * (largest / 127) * factor.at(j));
    }
  }
  return y;
}

}  // namespace

TEST_CASE("every size of product in integers is what it says, on each kind of processor that this one can be") {
  const Machine here = this_machine();
  std::vector<Machine> machines{Machine{}};
  if (here.avx2) machines.push_back({.avx2 = true});
  if (here.avx512) machines.push_back({.avx2 = true, .avx512 = true});
  for (const int64_t m : {1, 2, 3, 17})
    for (const int64_t n : {1, 3, 4, 10, 67})
      for (const int64_t k : {1, 15, 16, 31, 32, 33, 100, 784}) {
        const Tensor a = misaligned(normal_numbers({m, k}, DType::float32, static_cast<unsigned>(m + k))), b = misaligned(bytes({n, k}, static_cast<unsigned>(n))),
                     factor = normal_numbers({n}, DType::float32, 3);
        const std::vector<std::pair<DType, Shape>> out{{DType::float32, {m, n}}};
        const GemmInt8 g{.m = m, .n = n, .k = k};
        const Tensor one = run_kernel(gemm_int8_reference(g), {a, b, factor}, out)[0];
        CAPTURE(m);
        CAPTURE(n);
        CAPTURE(k);
        check_near(one, expected(a, b, factor), 1e-6, 1e-6);
        for (const Machine& machine : machines)
          for (const Kernel& kernel : gemm_int8_kernels(g, machine)) CHECK(run_kernel(kernel, {a, b, factor}, out)[0] == one);
      }
}

TEST_CASE("the longest sums of the largest bytes fit") {
  const int64_t k = GemmInt8::longest;
  const Tensor a({1, k}, std::vector<float>(static_cast<size_t>(k), 2.0f));
  Tensor b(DType::uint8, {1, k});
  for (uint8_t& v : b.mutable_values<uint8_t>()) v = 255;
  const Tensor y = run_kernel(gemm_int8_kernels({.m = 1, .n = 1, .k = k}, this_machine())[0], {a, b, Tensor{1}}, {{DType::float32, {1, 1}}})[0];
  CHECK(y.at(0) == doctest::Approx(2.0 * 127 * k));
}
