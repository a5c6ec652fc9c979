// Test data and comparisons for kernels.
#pragma once
#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "cornu/tensor/tensor.h"

namespace cornu {

/// Normal numbers of deviation `scale` around `middle`, as `dtype` (integers truncated, bool by sign).
inline Tensor normal_numbers(Shape shape, DType dtype = DType::float32, unsigned seed = 1, double scale = 1, double middle = 0) {
  std::mt19937 bits(seed);
  std::normal_distribution<double> normal(middle, scale);
  std::vector<double> v(static_cast<size_t>(shape.elements()));
  for (double& x : v) x = dtype == DType::boolean ? normal(bits) > 0 : normal(bits);
  return Tensor(std::move(shape), v).cast(dtype);
}

/// Element by element: |got - want| <= absolute + relative |want|; NaN equals NaN, and infinities themselves.
inline void check_near(const Tensor& got, const Tensor& want, double relative, double absolute = 0) {
  REQUIRE(got.size() == want.size());
  for (int64_t i = 0; i < got.size(); ++i) {
    const double g = got.at(i), w = want.at(i);
    const bool near = std::isnan(w) ? std::isnan(g) : g == w || std::abs(g - w) <= absolute + relative * std::abs(w);
    if (near) continue;
    FAIL_CHECK("element " << i << " of " << got.size() << " is " << g << " and should be " << w);
    return;
  }
}

}  // namespace cornu
