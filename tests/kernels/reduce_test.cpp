#include "cornu/kernels/reduce.h"

#include <algorithm>
#include <limits>

#include "cornu/base/error.h"
#include "cornu/kernels/reference.h"
#include "numbers.h"
#include "run_kernel.h"

using namespace cornu;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(), not_a_number = std::numeric_limits<double>::quiet_NaN();

Shape without(const Shape& shape, const std::vector<int64_t>& axes) {
  Shape y;
  for (int a = 0; a < shape.rank(); ++a)
    if (std::find(axes.begin(), axes.end(), a) == axes.end()) y.push_back(shape[a]);
  return y;
}

/// Every candidate, aligned and not, against the naive twin. The error of an addition is at most eps |partial sum|, of
/// which a blocked sum of n numbers below some 4 deviations has about 64 in a row.
void check_reduce(const Tensor& x, Fold fold, const std::vector<int64_t>& axes) {
  const Tensor want = reference::reduce(x, fold, axes);
  const double eps = x.dtype() == DType::float64 ? 0x1p-53 : x.dtype() == DType::bfloat16 ? 0x1p-8 : 0x1p-24;
  const bool inexact = is_float(x.dtype()) && (fold == Fold::sum || fold == Fold::product);
  const double n = static_cast<double>(x.size()) / static_cast<double>(std::max<int64_t>(want.size(), 1));
  const double relative = is_float(x.dtype()) ? 64 * eps : 0, absolute = inexact ? 8 * eps * n : 0;
  for (const Kernel& kernel : reduce_kernels(x.dtype(), fold, x.shape(), axes)) {
    CAPTURE(text(kernel.name, " of ", x.dtype(), x.shape(), " over ", axes));
    const Tensor got = run_kernel(kernel, {x}, {{x.dtype(), without(x.shape(), axes)}})[0];
    check_near(got, want, relative, absolute);
    CHECK(run_kernel(kernel, {misaligned(x)}, {{x.dtype(), got.shape()}})[0] == got);
  }
}

}  // namespace

TEST_CASE("every reduction agrees with its naive twin on awkward shapes") {
  struct Case {
    Shape shape;
    std::vector<int64_t> axes;
  };
  const Case cases[] = {{{1}, {0}},        {{7}, {0}},          {{33}, {}},       {{32, 10}, {0}},  {{32, 10}, {1}},      {{32, 10}, {0, 1}}, {{5, 1}, {0}},   {{3, 67}, {0}},
                        {{67, 3}, {0}},    {{128, 512}, {0}},   {{600, 37}, {0}}, {{4, 300, 5}, {1}}, {{2, 3, 4, 5}, {0, 2}}, {{2, 3, 4, 5}, {1, 3}}, {{5, 4099}, {1}}, {{2, 40000}, {1}},
                        {{1, 9, 1}, {0, 2}}, {{513, 1025}, {1}}, {{3, 2, 700}, {1}}};
  for (const auto& [shape, axes] : cases)
    for (const Fold fold : {Fold::sum, Fold::max, Fold::min, Fold::product})
      check_reduce(fold == Fold::product ? normal_numbers(shape, DType::float32, 3, 0.001, 1) : normal_numbers(shape), fold, axes);
}

TEST_CASE("reductions run for every dtype") {
  for (const DType dtype : {DType::float64, DType::bfloat16, DType::int32, DType::int64})
    for (const Fold fold : {Fold::sum, Fold::max, Fold::min})
      for (const std::vector<int64_t>& axes : {std::vector<int64_t>{0}, {1}, {0, 1}, {0, 2}}) check_reduce(normal_numbers({5, 7, 3}, dtype, 4, 100), fold, axes);
  check_reduce(normal_numbers({300, 5}, DType::bfloat16), Fold::sum, {0});  // by way of float32 in the workspace
  check_reduce(normal_numbers({9, 5}, DType::boolean), Fold::max, {0});
  check_reduce(normal_numbers({9, 5}, DType::uint8, 5, 10, 100), Fold::min, {1});
}

TEST_CASE("a float32 sum of a million numbers is good to a millionth") {
  const Tensor x = normal_numbers({1000000}, DType::float32, 6, 0.3, 1);
  for (const Kernel& kernel : reduce_kernels(DType::float32, Fold::sum, x.shape(), {0}))
    check_near(run_kernel(kernel, {x}, {{DType::float32, {}}})[0], reference::reduce(x, Fold::sum, {0}), 1e-6);
  const Tensor columns = x.reshaped({250000, 4});
  for (const Kernel& kernel : reduce_kernels(DType::float32, Fold::sum, columns.shape(), {0}))
    check_near(run_kernel(kernel, {columns}, {{DType::float32, {4}}})[0], reference::reduce(columns, Fold::sum, {0}), 1e-6);
}

TEST_CASE("reductions of nothing give what they start from") {
  const Tensor empty(DType::float32, {0, 3});
  check_reduce(empty, Fold::sum, {0});
  check_reduce(empty, Fold::product, {0});
  check_reduce(empty, Fold::max, {0});
  check_reduce(empty, Fold::sum, {1});
}

TEST_CASE("NaN and infinities pass through reductions as in NumPy") {
  for (const int64_t at : {0, 5, 16, 36})
    for (const double special : {not_a_number, infinity, -infinity}) {
      std::vector<float> v(37, 0.5f);
      v[static_cast<size_t>(at)] = static_cast<float>(special);
      for (const Fold fold : {Fold::sum, Fold::max, Fold::min, Fold::product}) {
        check_reduce(Tensor({37}, v), fold, {0});
        check_reduce(Tensor({37, 1}, v).reshaped({1, 37, 1}), fold, {1});
        std::vector<float> wide;
        for (const float x : v) wide.insert(wide.end(), {x, 1, 2});
        check_reduce(Tensor({37, 3}, wide), fold, {0});
      }
    }
}

TEST_CASE("argmax finds the first of the largest, and a NaN before them") {
  for (const Shape& shape : {Shape{32, 10}, {1, 1}, {3, 8}, {5, 1001}, {4, 3, 17}})
    for (const bool smallest : {false, true})
      for (const DType dtype : {DType::float32, DType::float64, DType::int32, DType::bfloat16, DType::uint8}) {
        const Tensor x = normal_numbers(shape, dtype, 7, 3, 20).cast(DType::int32).cast(dtype);  // many equals
        const Tensor rows = x.reshaped({x.size() / shape.dim(-1), shape.dim(-1)});
        for (const Kernel& kernel : argmax_kernels(dtype, smallest, rows.shape()[0], rows.shape()[1], 1)) {
          CAPTURE(kernel.name);
          CHECK(run_kernel(kernel, {rows}, {{DType::int64, {rows.shape()[0]}}})[0] == reference::argmax(rows, 1, smallest));
          CHECK(run_kernel(kernel, {misaligned(rows)}, {{DType::int64, {rows.shape()[0]}}})[0] == reference::argmax(rows, 1, smallest));
        }
      }
  const Tensor x = normal_numbers({4, 5, 3});
  CHECK(run_kernel(argmax_kernels(DType::float32, false, 4, 5, 3)[0], {x}, {{DType::int64, {4, 3}}})[0] == reference::argmax(x, 1, false));
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const Tensor special({3, 9}, std::vector<float>{1, 2, inf, nan, inf, nan, 0, 0, 0, -inf, -inf, -inf, -inf, -inf, -inf, -inf, -inf, -inf, 0, 0, 0, 0, 0, 0, 0, 0, nan});
  for (const Kernel& kernel : argmax_kernels(DType::float32, false, 3, 9, 1))
    check_near(run_kernel(kernel, {special}, {{DType::int64, {3}}})[0], Tensor({3}, std::vector<int64_t>{3, 0, 8}), 0);
}
