// What the kernels of matrix products share: how the output is cut and what happens to a finished block. Private to them.
#pragma once
#include <algorithm>

#include "cornu/kernels/gemm.h"

namespace cornu::gemm {

/// A block of the output of some matrices of the batch.
struct Block {
  Range batches, rows, columns;
};

/// The output cut into slices: by batch first, then in rows and columns.
struct Cuts {
  int64_t batches = 1, m = 0, n = 0;
  int batch_cuts = 1, row_cuts = 1, column_cuts = 1;
  int64_t row_grain = 1, column_grain = 1;

  int slices() const { return batch_cuts * row_cuts * column_cuts; }
  Block block(int slice) const;
};
/// Cut at multiples of the grains, into about as many slices as the work deserves.
Cuts cut(const Gemm& g, int64_t row_grain, int64_t column_grain);

/// Where a product goes: straight into y, or block by block through an epilogue or a conversion.
class Result {
 public:
  Result(const Gemm& g, const Epilogue* epilogue);

  /// Blocks are written into y itself, with steps of n from row to row: finish need not be called.
  bool direct() const { return !epilogue_ && y_ == DType::float32; }
  float* y(void* const* buffers) const { return static_cast<float*>(buffers[2]); }
  /// Passes on rows [row, row + rows) of [batches * m, n]; block[i * stride + j] is column `column` + j.
  void finish(const float* block, int64_t stride, int64_t row, int64_t rows, int64_t column, int64_t columns,
              void* const* buffers, void* scratch) const;
  size_t scratch_bytes() const { return epilogue_ ? round_up(epilogue_->scratch_bytes()) : 0; }
  void* workspace(void* const* buffers) const { return buffers[workspace_]; }

  /// To the next multiple of 64.
  static constexpr size_t round_up(size_t bytes) { return (bytes + 63) / 64 * 64; }
  /// What a thread's scratch holds after what finish needs.
  float* own(void* scratch) const { return reinterpret_cast<float*>(static_cast<std::byte*>(scratch) + scratch_bytes()); }

 private:
  std::optional<Epilogue> epilogue_;
  DType y_;
  int64_t n_;
  int workspace_;
};

/// One slice in blocks of up to `row_step` rows and `column_step` columns. Calls multiply(batch, row, rows, column, columns,
/// to, stride), which stores the numbers of a block, and passes each on. `own` has room for a block unless result.direct().
template <class Multiply>
void each_block(const Gemm& g, const Result& result, const Block& slice, long row_step, long column_step, float* own, void* const* buffers,
                void* scratch, const Multiply& multiply) {
  for (long batch = slice.batches.first; batch < slice.batches.last; ++batch)
    for (long i = slice.rows.first; i < slice.rows.last; i += row_step)
      for (long j = slice.columns.first; j < slice.columns.last; j += column_step) {
        const long rows = std::min(row_step, slice.rows.last - i), columns = std::min(column_step, slice.columns.last - j);
        if (result.direct()) {
          multiply(batch, i, rows, j, columns, result.y(buffers) + (batch * g.m + i) * g.n + j, g.n);
        } else {
          multiply(batch, i, rows, j, columns, own, columns);
          result.finish(own, columns, batch * g.m + i, rows, j, columns, buffers, scratch);
        }
      }
}

/// Whether all matrices of the batch are one, by the strides of this operand.
bool is_shared(const Gemm& g, int64_t Gemm::Axis::*stride);
/// Whether the kernels that compute in float32 take these element types.
bool computes_in_float32(const Gemm& g);
/// A[i, p] at the start of matrix `batch`: a pointer of bytes, for kernels that know the type.
const std::byte* a_of(const Gemm& g, void* const* buffers, int64_t batch);
const std::byte* b_of(const Gemm& g, void* const* buffers, int64_t batch);

// Each candidate lives in a file of its own; nothing where it does not apply.
std::optional<Kernel> reference(const Gemm& g, const Machine& machine, const Epilogue* epilogue);
std::optional<Kernel> packed(const Gemm& g, const Machine& machine, const Epilogue* epilogue);
std::optional<Kernel> tall(const Gemm& g, const Machine& machine, const Epilogue* epilogue);
std::optional<Kernel> dot(const Gemm& g, const Machine& machine, const Epilogue* epilogue);
std::optional<Kernel> direct(const Gemm& g, const Machine& machine, const Epilogue* epilogue);
std::optional<Kernel> transposed(const Gemm& g, const Machine& machine, const Epilogue* epilogue);
std::optional<Kernel> xsmm(const Gemm& g, const Machine& machine, const Epilogue* epilogue);
std::optional<Kernel> onednn(const Gemm& g, const Machine& machine, const Epilogue* epilogue);
std::optional<Kernel> openblas(const Gemm& g, const Machine& machine, const Epilogue* epilogue);

}  // namespace cornu::gemm
