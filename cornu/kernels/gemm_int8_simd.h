// The innermost loops of products in integers, compiled once for each kind of processor. Private to them.
#pragma once
#include <cstdint>

#include "cornu/kernels/machine.h"

namespace cornu::integers {

struct Int8Simd {
  /// to[p] = round(from[p] * 127 / largest) for p < k, zeros up to the next multiple of int8_step; returns the sum of them. largest =
  /// max |from| + 1e-7, and `unit` = largest / 127; not a number where a number of the row is not finite.
  int32_t (*round)(const float* from, int64_t k, int16_t* to, float* unit);
  /// c[i * ldc + j] = sum over p of a[i * a_row + p] b[j * b_row + p], as integers. Rows of a are padded with zeros up to a multiple of
  /// int8_step.
  void (*dot)(int64_t m, int64_t n, int64_t k, const int16_t* a, int64_t a_row, const uint8_t* b, int64_t b_row, int32_t* c, int64_t ldc);
};
inline constexpr int64_t int8_step = 32;  // at least as many int16 as a vector holds

/// The loops for the widest vectors that the machine has; without a machine one number after the other.
const Int8Simd& int8_simd_for(const Machine* machine);

}  // namespace cornu::integers
