// Kernels that move elements without looking at them: by element size, whatever the dtype.
#pragma once
#include "cornu/kernels/kernel.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

/// to[to_offset + sum(i to_strides)] = from[from_offset + sum(i from_strides)] for every index i below `sizes`.
/// Strides and offsets are in elements; a stride of zero reads the same element again.
struct StridedCopy {
  std::vector<int64_t> sizes, from_strides, to_strides;
  int64_t from_offset = 0, to_offset = 0;
};
/// Buffers: from, to. Contiguous runs are copied or filled; a transposition runs in blocks that stay in the cache.
Kernel strided_copy_kernel(std::string name, DType dtype, const StridedCopy& copy);

/// Buffers: from, to. Every one of `to_elements` becomes `value`, then the copy runs.
Kernel pad_kernel(DType dtype, const StridedCopy& copy, int64_t to_elements, double value);

/// Buffers: the parts, then the result. Each of the `outer` rows of the result is the parts' rows one after another;
/// `part_bytes[k]` is the length of a row of part k.
Kernel concat_kernel(int64_t outer, std::vector<int64_t> part_bytes);

/// Buffers: the result, [outer, n, inner]: element (o, i, k) is i. Not for bool.
Kernel iota_kernel(DType dtype, int64_t outer, int64_t n, int64_t inner);

}  // namespace cornu
