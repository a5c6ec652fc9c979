#include "cornu/kernels/softmax.h"

#include <algorithm>
#include <limits>

#include "cornu/base/error.h"
#include "cornu/kernels/reference.h"
#include "numbers.h"
#include "run_kernel.h"

using namespace cornu;

namespace {

const Rows sizes[] = {{1, 1}, {3, 2}, {5, 3}, {2, 4}, {7, 7}, {3, 8}, {32, 10}, {33, 10}, {100, 10}, {3, 15}, {5, 16}, {9, 17}, {4, 63}, {4, 64}, {3, 65}, {35, 100}, {2, 1000}, {1, 5003}};
constexpr double infinity = std::numeric_limits<double>::infinity(), not_a_number = std::numeric_limits<double>::quiet_NaN();

double eps_of(DType dtype) { return dtype == DType::float64 ? 0x1p-53 : dtype == DType::bfloat16 ? 0x1p-8 : 0x1p-24; }

Tensor labels_for(Rows size, DType dtype) {
  std::vector<int64_t> v;
  for (int64_t r = 0; r < size.rows; ++r) v.push_back((r * 7 + 3) % std::min<int64_t>(size.classes, 250));
  return Tensor({size.rows}, v).cast(dtype);
}

/// -log_softmax[label]
Tensor sparse_loss(const Tensor& log_p, const Tensor& labels) {
  std::vector<double> v;
  const int64_t n = log_p.shape()[1];
  for (int64_t r = 0; r < log_p.shape()[0]; ++r) {
    const auto label = static_cast<int64_t>(labels.at(r));
    v.push_back(label >= 0 && label < n ? -log_p.at(r * n + label) : not_a_number);
  }
  return Tensor(labels.shape(), v);
}

}  // namespace

TEST_CASE("softmax and its logarithm agree with their naive twins") {
  for (const DType dtype : {DType::float32, DType::float64, DType::bfloat16})
    for (const Rows size : sizes) {
      const Tensor x = normal_numbers({size.rows, size.classes}, dtype, 2, 3);
      // Rounding x - max moves exp by |x - max| eps, and |x - max| is at most 30 here; so does the twin's own log. Then a few eps.
      const double relative = 80 * eps_of(dtype);
      for (const Kernel& kernel : softmax_kernels(dtype, size)) {
        CAPTURE(text(kernel.name, " ", dtype, x.shape()));
        const Tensor y = run_kernel(kernel, {x}, {{dtype, x.shape()}})[0];
        check_near(y, reference::softmax(x), relative);
        CHECK(run_kernel(kernel, {misaligned(x)}, {{dtype, x.shape()}})[0] == y);
      }
      for (const Kernel& kernel : log_softmax_kernels(dtype, size)) {
        CAPTURE(text(kernel.name, " ", dtype, x.shape()));
        check_near(run_kernel(kernel, {x}, {{dtype, x.shape()}})[0], reference::log_softmax(x), 8 * eps_of(dtype), 16 * eps_of(dtype));
      }
    }
}

TEST_CASE("softmax gives what Keras gives, whatever is added to all") {
  // keras.ops.softmax([1., 2., 3.])
  const Tensor want = Tensor({3}, std::vector<double>{0.09003057, 0.24472847, 0.66524096});
  for (const float shift : {0.0f, 1000.0f, -30000.0f})
    for (const Kernel& kernel : softmax_kernels(DType::float32, {1, 3}))
      check_near(run_kernel(kernel, {Tensor{1 + shift, 2 + shift, 3 + shift}}, {{DType::float32, {3}}})[0], want, 1e-6);
}

TEST_CASE("minus infinity has no weight, and a NaN spoils its own row only") {
  for (const int64_t n : {3, 10, 16, 65, 100}) {
    std::vector<float> v(static_cast<size_t>(3 * n), 1);
    v[1] = static_cast<float>(-infinity);
    v[static_cast<size_t>(n)] = -500;
    v[static_cast<size_t>(3 * n - 1)] = static_cast<float>(not_a_number);
    for (const Kernel& kernel : softmax_kernels(DType::float32, {3, n})) {
      CAPTURE(text(kernel.name, " of ", n));
      const Tensor y = run_kernel(kernel, {Tensor({3, n}, v)}, {{DType::float32, {3, n}}})[0];
      CHECK(y.at(1) == 0);
      CHECK(y.at(0) == doctest::Approx(1.0 / static_cast<double>(n - 1)));
      CHECK(y.at(n) == 0);
      CHECK(y.at(2 * n - 1) == doctest::Approx(1.0 / static_cast<double>(n - 1)));
      for (int64_t k = 2 * n; k < 3 * n; ++k) CHECK(std::isnan(y.at(k)));
    }
  }
}

TEST_CASE("cross entropy against labels: loss, probabilities and gradient") {
  for (const DType dtype : {DType::float32, DType::float64, DType::bfloat16})
    for (const DType label_dtype : {DType::int32, DType::int64, DType::uint8})
      for (const Rows size : sizes) {
        const Tensor x = normal_numbers({size.rows, size.classes}, dtype, 3, 3), labels = labels_for(size, label_dtype);
        const Tensor dloss = normal_numbers({size.rows}, dtype, 4), log_p = reference::log_softmax(x), p = reference::softmax(x);
        const double eps = eps_of(dtype);
        for (const Kernel& kernel : sparse_cross_entropy_kernels(dtype, label_dtype, size)) {
          CAPTURE(text(kernel.name, " ", dtype, x.shape()));
          const auto got = run_kernel(kernel, {x, labels}, {{dtype, {size.rows}}, {dtype, x.shape()}});
          check_near(got[0], sparse_loss(log_p, labels), 8 * eps, 16 * eps);
          check_near(got[1], p, 80 * eps);
        }
        std::vector<double> want;
        for (int64_t i = 0; i < p.size(); ++i)
          want.push_back(dloss.at(i / size.classes) * (p.cast(dtype).at(i) - (i % size.classes == static_cast<int64_t>(labels.at(i / size.classes)))));
        for (const Kernel& kernel : sparse_cross_entropy_gradient_kernels(dtype, label_dtype, size)) {
          CAPTURE(text(kernel.name, " ", dtype, x.shape()));
          const Tensor got = run_kernel(kernel, {p.cast(dtype), labels, dloss}, {{dtype, x.shape()}})[0];
          check_near(got, Tensor(x.shape(), want), 4 * eps, 8 * eps);
          Tensor in_place = p.cast(dtype);
          in_place.mutable_data();
          run_kernel(kernel, {in_place.mutable_data(), const_cast<void*>(labels.data()), const_cast<void*>(dloss.data()), in_place.mutable_data()});
          CHECK(in_place == got);
        }
      }
}

TEST_CASE("a label that is no class gives a loss and a gradient of NaN, as in Keras, and harms no other row") {
  const Tensor x = normal_numbers({3, 10}), labels({3}, std::vector<int32_t>{10, 2, -1});
  for (const Kernel& kernel : sparse_cross_entropy_kernels(DType::float32, DType::int32, {3, 10})) {
    const auto got = run_kernel(kernel, {x, labels}, {{DType::float32, {3}}, {DType::float32, {3, 10}}});
    check_near(got[0], sparse_loss(reference::log_softmax(x), labels), 1e-6);
    CHECK(std::isnan(got[0].at(0)));
    for (const Kernel& gradient : sparse_cross_entropy_gradient_kernels(DType::float32, DType::int32, {3, 10})) {
      const Tensor d = run_kernel(gradient, {got[1], labels, Tensor{1, 1, 1}}, {{DType::float32, {3, 10}}})[0];
      for (int64_t i = 0; i < 30; ++i) CHECK(std::isnan(d.at(i)) == (i / 10 != 1));
    }
  }
}

TEST_CASE("cross entropy against a distribution: loss, probabilities and gradient") {
  for (const DType dtype : {DType::float32, DType::float64, DType::bfloat16})
    for (const Rows size : sizes) {
      const Tensor x = normal_numbers({size.rows, size.classes}, dtype, 5, 3);
      const Tensor target = reference::softmax(normal_numbers({size.rows, size.classes}, dtype, 6)).cast(dtype), dloss = normal_numbers({size.rows}, dtype, 7);
      const Tensor log_p = reference::log_softmax(x), p = reference::softmax(x).cast(dtype);
      std::vector<double> loss(static_cast<size_t>(size.rows)), total(loss), d;
      for (int64_t i = 0; i < x.size(); ++i) {
        loss[static_cast<size_t>(i / size.classes)] -= target.at(i) * log_p.at(i);
        total[static_cast<size_t>(i / size.classes)] += target.at(i);
      }
      for (int64_t i = 0; i < x.size(); ++i) d.push_back(dloss.at(i / size.classes) * (p.at(i) * total[static_cast<size_t>(i / size.classes)] - target.at(i)));
      const double eps = eps_of(dtype);
      for (const Kernel& kernel : cross_entropy_kernels(dtype, size)) {
        CAPTURE(text(kernel.name, " ", dtype, x.shape()));
        const auto got = run_kernel(kernel, {x, target}, {{dtype, {size.rows}}, {dtype, x.shape()}});
        check_near(got[0], Tensor({size.rows}, loss), 8 * eps, 16 * eps);
        check_near(got[1], p, 80 * eps);
      }
      for (const Kernel& kernel : cross_entropy_gradient_kernels(dtype, size))
        check_near(run_kernel(kernel, {p, target, dloss}, {{dtype, x.shape()}})[0], Tensor(x.shape(), d), 4 * eps, 8 * eps);
    }
}

TEST_CASE("a target of zero adds nothing, even where the class is impossible") {
  const float inf = static_cast<float>(infinity);
  for (const Kernel& kernel : cross_entropy_kernels(DType::float32, {1, 3}))
    CHECK(run_kernel(kernel, {Tensor{1, -inf, 1}, Tensor{1, 0, 0}}, {{DType::float32, {1}}, {DType::float32, {3}}})[0].at(0) == doctest::Approx(std::log(2.0)));
}
