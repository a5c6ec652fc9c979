// Tensors of random numbers, each a function of its key and its place.
#pragma once
#include <array>

#include "cornu/kernels/kernel.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

enum class Draw { uniform, normal, truncated_normal, bernoulli };

/// Element i of row r comes from number i % 4 of random_block({seed, stream, step}, first_row + r, i / 4) (base/random.h).
struct RandomFill {
  Draw draw = Draw::uniform;
  int64_t rows = 0, row_elements = 0;
  double a = 0, b = 1;
  uint64_t stream = 0;
};

/// Buffers: key int64[3] {seed, step, first_row}, y [rows, row_elements].
///   uniform           a + (b - a) u, below b even after rounding; whole numbers from a to b - 1 for an integer dtype
///   normal            a + b z, z from Box and Muller's transform of numbers (0, 1) and (2, 3) of the block
///   truncated_normal  the same, z redrawn from the same place of stream + k * 0x9e3779b97f4a7c15, k = 1, 2, ... 16, while
///                     |z| > 2, and then clamped, which has a probability of 1e-22
///   bernoulli         1 where u < a, else 0
/// with u of 24 bits in [0, 1) for float32 and bfloat16, of 32 bits in (0, 1) otherwise.
Kernel random_kernel(DType dtype, const RandomFill& fill);

/// Counters for up to philox_blocks_at_once blocks; the arrays are whole whatever the number.
inline constexpr int64_t philox_blocks_at_once = 64;
struct PhiloxCounters {
  uint32_t block[philox_blocks_at_once], row_low[philox_blocks_at_once], row_high[philox_blocks_at_once];
  uint32_t last = 0;
};
/// bits[4 * i ...] = philox({block[i], row_low[i], row_high[i], last}, key), for this processor. `bits` has room for
/// philox_blocks_at_once blocks.
void simd_philox(const PhiloxCounters& counters, std::array<uint32_t, 2> key, int64_t n, uint32_t* bits);

}  // namespace cornu
