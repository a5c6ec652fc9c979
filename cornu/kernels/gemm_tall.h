// Products whose sums are long and whose results are small: gradients of weights, x' dy over all rows of a batch.
#pragma once
#include "cornu/kernels/gemm.h"

namespace cornu::gemm {

/// Several products with the same right operand, for which it is copied once, and the sums of its columns: a layer's kernels and bias.
struct TallProducts {
  std::vector<Gemm> products;  // one matrix each; of one k and n, with one b; y is float32
  bool sums = false;
};
/// Buffers: the left operands, b, the products [m, n], sum over p of b[p, j] as [n] if asked for.
/// k is cut by shape where there would be few slices; parts are added up in order. Throws InternalError for what does not fit.
Kernel tall_products(const TallProducts& all, const Machine& machine);

/// What copies and sums along rows that lie side by side in memory, once for each kind of processor.
struct TallSimd {
  /// to[i / width * panel + p * width + i % width] = from[p * k_step + i] as float32 for p < k and i < count; zeros to the end of the
  /// last panel. `panel` is at least k width + 16, and so much may be written.
  void (*pack_rows)(DType dtype, const void* from, int64_t k_step, int64_t count, int64_t width, int64_t panel, int64_t k, float* to) = nullptr;
  /// y[j] (+)= sum over p < k of x[p * width + j], for j < n <= width.
  void (*sum_rows)(const float* x, int64_t k, int64_t width, int64_t n, bool add, float* y) = nullptr;
};
TallSimd tall_simd(const Machine& machine);

}  // namespace cornu::gemm
