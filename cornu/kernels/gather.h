// Rows picked by index, and their transpose: rows added at an index.
#pragma once
#include "cornu/kernels/kernel.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

/// Buffers: x [rows, row_bytes], indices [picks], y [picks, row_bytes]. y[i] = x[indices[i]], zeros for an index outside x.
/// Throws UnsupportedError unless `indices` is an integer dtype.
Kernel gather_kernel(DType indices, int64_t rows, int64_t row_bytes, int64_t picks);

/// Buffers: updates [picks, width], indices [picks], y [rows, width]. y = 0, then y[indices[i]] += updates[i] in the
/// order of i, whatever the number of threads: each slice owns a range of rows. An index outside y is left out. bfloat16 is
/// summed in float32.
Kernel scatter_add_kernel(DType dtype, DType indices, int64_t rows, int64_t width, int64_t picks);

}  // namespace cornu
