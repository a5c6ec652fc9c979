// Matrix products: one seam, several kernels behind it.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "cornu/kernels/kernel.h"
#include "cornu/kernels/machine.h"
#include "cornu/kernels/tile.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

/// y[b, i, j] = sum over p of A[b, i, p] B[b, p, j], for i < m, j < n, p < k; with k = 0 zeros. y is dense.
/// Element types: float32, uint8 (numbers 0..255) and bfloat16 for a and b, added up in float32; float64 in double.
struct Gemm {
  int64_t m = 0, n = 0, k = 0;
  bool transpose_a = false;  // a is stored [k, m] instead of [m, k]
  bool transpose_b = false;  // b is stored [n, k] instead of [k, n]
  DType a = DType::float32, b = DType::float32, y = DType::float32;
  int64_t lda = 0, ldb = 0;  // elements from one stored row to the next; zero: rows without gaps
  bool steady_b = false;     // b is the same in many runs: a copy of it costs nothing
  /// The leading axes, outermost first; strides in elements, zero where an operand is the same for every index.
  struct Axis {
    int64_t size, a_stride, b_stride;
  };
  std::vector<Axis> batch = {};

  int64_t batches() const;
  double multiply_adds() const;
  // Elements from A[i, p] to A[i + 1, p] and to A[i, p + 1]; the same for B[p, j].
  int64_t a_row() const { return transpose_a ? 1 : stored_row_a(); }
  int64_t a_column() const { return transpose_a ? stored_row_a() : 1; }
  int64_t b_row() const { return transpose_b ? 1 : stored_row_b(); }
  int64_t b_column() const { return transpose_b ? stored_row_b() : 1; }
  /// Where matrix `index` of the batch begins, in elements.
  int64_t a_offset(int64_t index) const;
  int64_t b_offset(int64_t index) const;

 private:
  int64_t stored_row_a() const { return lda ? lda : transpose_a ? m : k; }
  int64_t stored_row_b() const { return ldb ? ldb : transpose_b ? k : n; }
};

// Buffers of every kernel: a, b, [the epilogue's further inputs], y or the epilogue's outputs. An epilogue sees the product
// as rows [batches * m, n] in float32. Slices are cut from the output by its shape, so that an element is added up in the same
// order on any number of threads, and within one candidate whatever the number of rows. "tall", whose sums run over rows, cuts them too.

/// The kernels to choose from, best first, for this size and machine; at least one. Loads no library.
/// Throws UnsupportedError for element types that no kernel takes.
std::vector<Kernel> gemm_kernels(const Gemm& gemm, const Machine& machine, const Epilogue* epilogue = nullptr);

/// "reference", "packed", "tall", "dot", "direct", "transposed", "xsmm", "onednn", "openblas": every candidate there is.
std::vector<std::string_view> gemm_candidates();
/// One of them, or nothing where it cannot do this product, on this machine or in this build. oneDNN and OpenBLAS are
/// loaded when first asked for here, and run on the calling thread alone.
std::optional<Kernel> gemm_candidate(std::string_view name, const Gemm& gemm, const Machine& machine, const Epilogue* epilogue = nullptr);

}  // namespace cornu
