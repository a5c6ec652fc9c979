// The innermost loops of cornu's own matrix products, compiled once for each kind of processor. Private to them.
#pragma once
#include "cornu/kernels/gemm.h"

namespace cornu::gemm {

/// Numbers as stored, to be read as float32.
struct Matrix {
  const void* data = nullptr;
  int64_t row = 0, column = 0;  // elements from one row (column) to the next
};

struct Simd {
  /// A packed panel of A holds `rows` numbers for each p, one of B `columns`; the rest of a short panel is zeros.
  int rows, columns;
  /// c[i * ldc + j] (+)= sum over p < k of a[p * rows + i] b[p * columns + j] for i < m <= rows, j < n <= columns.
  void (*tile)(int64_t k, const float* a, const float* b, float* c, int64_t ldc, bool add, int m, int n);
  /// The same with a[i * a_row + p * a_column], not packed: a block of rows is read where it lies.
  void (*tile_in_place)(int64_t k, const float* a, int64_t a_row, int64_t a_column, const float* b, float* c, int64_t ldc, bool add, int m, int n);
  /// to[p * width + i] = from[i * step + p * k_step] as float32 for i < count, zeros for count <= i < width.
  void (*pack)(DType dtype, const void* from, int64_t step, int64_t k_step, int64_t count, int64_t width, int64_t k, float* to);
  /// c[i * ldc + j] = sum over p of a[i * a_row + p] b[j * b_row + p]; a is float32 or uint8. One sum for each vector lane.
  void (*dot)(DType a_type, int64_t m, int64_t n, int64_t k, const void* a, int64_t a_row, const float* b, int64_t b_row, float* c, int64_t ldc);
  /// c[i * ldc + j] = sum over p, in order, of a[i * a_row + p * a_column] b[p * b_row + j]; b is float32 or uint8.
  void (*direct)(DType b_type, int64_t m, int64_t n, int64_t k, const float* a, int64_t a_row, int64_t a_column, const void* b, int64_t b_row,
                 float* c, int64_t ldc);
  /// to[i] = from[i] as float32.
  void (*convert)(DType dtype, const void* from, float* to, int64_t n);
};

/// The loops for the widest vectors that the machine has.
const Simd& simd_for(const Machine& machine);

}  // namespace cornu::gemm
