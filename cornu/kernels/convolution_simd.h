// The innermost loops of convolution_gather.cpp and convolution_weights.cpp, compiled once for each kind of processor. Private to
// them. Panels are gemm::Simd's: `columns` numbers of B for each term of the sum; tiles have up to `rows` rows.
#pragma once
#include <cstdint>

#include "cornu/kernels/machine.h"

namespace cornu::convolution {

/// Neighbouring positions: what they read, and their rows of a panel.
struct Line {
  const float *a, *b;
};

struct Loops {
  /// c[i * ldc + j] (+)= sum over r < runs, p < length of a[begins[r] + i * a_row + p] b[(r * length + p) * columns + j], for i < m <= rows,
  /// j < n <= columns: neighbouring results, each the sum of what lies side by side in several places.
  void (*results)(int64_t runs, int64_t length, const int64_t* begins, const float* a, int64_t a_row, const float* b, float* c, int64_t ldc, bool add,
                  int m, int n);
  /// c[i * ldc + j] += sum over r < lines, p < count of line[r].a[a_offset + p * a_step + i] line[r].b[b_offset + p * columns + j]:
  /// neighbouring numbers of the kernel, each the sum over lines of positions.
  void (*weights)(int64_t lines, const Line* line, int64_t a_offset, int64_t b_offset, int64_t count, int64_t a_step, float* c, int64_t ldc, int m, int n);
};

/// The loops that go with gemm::simd_for(machine).
const Loops& loops_for(const Machine& machine);

}  // namespace cornu::convolution
