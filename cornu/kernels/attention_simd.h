// Attention in float32 on vectors. Private to attention.cpp.
#pragma once
#include "cornu/kernels/attention.h"

namespace cornu::attention {

/// The kernels of attention.h, cut into `slices`.
Kernel forward(const AttentionSize& size, int slices, const Machine& machine);
Kernel backward(const AttentionSize& size, bool has_dlogs, int slices, const Machine& machine);

/// What happens to a row of scores between two products.
struct RowFunctions {
  /// s[i] = exp(scale (s[i] - max s)) for i < n, 0 for n <= i < width; *max is the largest s[i]. Returns the sum. n > 0.
  float (*weigh)(float* s, int64_t n, int64_t width, float scale, float* max);
  /// p[i] = exp(scale p[i] - log) for i < n, 0 for n <= i < width.
  void (*weigh_again)(float* p, int64_t n, int64_t width, float scale, float log);
  /// g[i] = scale p[i] (g[i] - delta) for i < n, 0 for n <= i < width.
  void (*differentiate)(const float* p, float* g, int64_t n, int64_t width, float delta, float scale);
  float (*dot)(const float* a, const float* b, int64_t n);
  /// y[i] *= by.
  void (*multiply)(float* y, int64_t n, float by);
};
RowFunctions row_functions();

}  // namespace cornu::attention
