// Matrix products in 8-bit integers: for weights that were rounded after training.
#pragma once
#include <vector>

#include "cornu/kernels/kernel.h"
#include "cornu/kernels/machine.h"
#include "cornu/kernels/tile.h"

namespace cornu {

/// y[i, j] = sum over p of q[i, p] (b[j, p] - 128) * (largest[i] / 127) * factor[j] for i < m, j < n, p < k, where q[i] is row i of a,
/// rounded: q = round(a * 127 / largest), with largest[i] = max |a[i]| + 1e-7. Sums of integers are exact, so all candidates
/// and any order give the same bits. A row of a with a number that is not finite gives a row that is not a number.
struct GemmInt8 {
  int64_t m = 0, n = 0, k = 0;
  /// Longer sums might not fit 32 bits.
  static constexpr int64_t longest = 65536;
};

// Buffers: a float32 [m, k], b uint8 [n, k], factor float32 [n], [the epilogue's further inputs], y float32 [m, n] or the epilogue's
// outputs, and a workspace.

/// Best first; at least one.
std::vector<Kernel> gemm_int8_kernels(const GemmInt8& gemm, const Machine& machine, const Epilogue* epilogue = nullptr);
/// As it is written above, one number after the other.
Kernel gemm_int8_reference(const GemmInt8& gemm, const Epilogue* epilogue = nullptr);

}  // namespace cornu
