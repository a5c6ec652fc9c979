#include "cornu/kernels/gemm_parts.h"

#include <algorithm>

namespace cornu {

int64_t Gemm::batches() const {
  int64_t count = 1;
  for (const Axis& axis : batch) count *= axis.size;
  return count;
}

double Gemm::multiply_adds() const {
  return static_cast<double>(batches()) * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(std::max<int64_t>(k, 1));
}

int64_t Gemm::a_offset(int64_t index) const {
  int64_t offset = 0;
  for (auto axis = batch.rbegin(); axis != batch.rend(); index /= axis->size, ++axis) offset += index % axis->size * axis->a_stride;
  return offset;
}

int64_t Gemm::b_offset(int64_t index) const {
  int64_t offset = 0;
  for (auto axis = batch.rbegin(); axis != batch.rend(); index /= axis->size, ++axis) offset += index % axis->size * axis->b_stride;
  return offset;
}

namespace gemm {

Block Cuts::block(int slice) const {
  const int column = slice % column_cuts, row = slice / column_cuts % row_cuts, batch = slice / column_cuts / row_cuts;
  return {slice_of(batches, batch_cuts, batch), slice_of(m, row_cuts, row, row_grain), slice_of(n, column_cuts, column, column_grain)};
}

Cuts cut(const Gemm& g, int64_t row_grain, int64_t column_grain) {
  // Multiply-adds that take about 8 us; a hand-over between threads costs a few tenths.
  constexpr double per_slice = 400000;
  const auto want = static_cast<int64_t>(slices_for(g.multiply_adds(), per_slice));
  Cuts cuts{.batches = g.batches(), .m = g.m, .n = g.n, .row_grain = row_grain, .column_grain = column_grain};
  cuts.batch_cuts = static_cast<int>(std::clamp<int64_t>(cuts.batches, 1, want));
  // Blocks as square as they come: they read the fewest bytes for their work.
  while (int64_t{cuts.slices()} * 2 <= want) {
    const int64_t rows = g.m / cuts.row_cuts, columns = g.n / cuts.column_cuts;
    const bool rows_can = rows >= 2 * row_grain, columns_can = columns >= 2 * column_grain;
    if (rows_can && (rows >= columns || !columns_can)) cuts.row_cuts *= 2;
    else if (columns_can) cuts.column_cuts *= 2;
    else break;
  }
  return cuts;
}

Result::Result(const Gemm& g, const Epilogue* epilogue) : y_(g.y), n_(g.n), workspace_(3) {
  if (!epilogue) return;
  epilogue_ = *epilogue;
  workspace_ = 2 + epilogue->extra_inputs() + epilogue->outputs();
}

void Result::finish(const float* block, int64_t stride, int64_t row, int64_t rows, int64_t column, int64_t columns,
                    void* const* buffers, void* scratch) const {
  if (epilogue_) return epilogue_->run(block, stride, row, rows, column, columns, buffers + 2, scratch);
  for (int64_t i = 0; i < rows; ++i) {
    const float* from = block + i * stride;
    const int64_t first = (row + i) * n_ + column;
    if (y_ == DType::bfloat16) {
      auto* to = static_cast<bfloat16*>(buffers[2]) + first;
      for (int64_t j = 0; j < columns; ++j) to[j] = bfloat16(from[j]);
    } else {
      std::copy(from, from + columns, static_cast<float*>(buffers[2]) + first);
    }
  }
}

bool is_shared(const Gemm& g, int64_t Gemm::Axis::*stride) {
  return std::all_of(g.batch.begin(), g.batch.end(), [&](const Gemm::Axis& axis) { return axis.*stride == 0; });
}

bool computes_in_float32(const Gemm& g) {
  const auto fits = [](DType d) { return d == DType::float32 || d == DType::uint8 || d == DType::bfloat16; };
  return fits(g.a) && fits(g.b) && (g.y == DType::float32 || g.y == DType::bfloat16);
}

const std::byte* a_of(const Gemm& g, void* const* buffers, int64_t batch) {
  return static_cast<const std::byte*>(buffers[0]) + g.a_offset(batch) * static_cast<int64_t>(bytes_of(g.a));
}
const std::byte* b_of(const Gemm& g, void* const* buffers, int64_t batch) {
  return static_cast<const std::byte*>(buffers[1]) + g.b_offset(batch) * static_cast<int64_t>(bytes_of(g.b));
}

}  // namespace gemm
}  // namespace cornu
