// Sums, products, extremes, and where the extremes are.
#pragma once
#include "cornu/kernels/kernel.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

enum class Fold { sum, max, min, product };

/// Candidates, best first. Buffers: x of `shape`, y with the `axes` (ascending, from the front) folded away.
/// Integers wrap; bfloat16 is folded in float32; a NaN makes max and min NaN, as in NumPy. Of no elements: 0, 1, or the
/// dtype's lowest (max) and highest (min).
/// A long axis is folded in blocks whose results are folded again, so that a float32 sum of a million numbers is good to
/// about 1e-6, and the order of additions depends on the shape alone.
std::vector<Kernel> reduce_kernels(DType dtype, Fold fold, const Shape& shape, const std::vector<int64_t>& axes);

/// Candidates, best first. Buffers: x [outer, n, inner], y int64 [outer, inner]: the position along n of the largest
/// (smallest) element, the first of equals; the first NaN if there is one, as in NumPy. n > 0.
std::vector<Kernel> argmax_kernels(DType dtype, bool smallest, int64_t outer, int64_t n, int64_t inner);

/// y[r] = fold of the n elements at x + r * stride.
using FoldRows = void (*)(const void* x, int64_t rows, int64_t n, int64_t stride, void* y);
/// y[c] = fold over n rows, `stride` elements apart, of column c.
using FoldColumns = void (*)(const void* x, int64_t n, int64_t stride, int64_t columns, void* y);
struct FoldFunctions {
  FoldRows rows;
  FoldColumns columns;
};
/// float32, for this processor.
FoldFunctions simd_fold(Fold fold);
/// y[r] = position of the largest (smallest) of the n elements at x + r * n.
void simd_argmax_rows(const float* x, int64_t rows, int64_t n, bool smallest, int64_t* y);

}  // namespace cornu
