// Products whose sums are long and whose result is small: gradients of weights, x' dy over all rows of a batch. Copying both
// operands whole would take them through memory twice more; here each block of the result walks along k and copies stretches of its
// own rows and columns into the second-level cache.
#include "cornu/kernels/gemm_parts.h"
#include "cornu/kernels/gemm_simd.h"

namespace cornu::gemm {
namespace {

constexpr int64_t depth = 256;        // of a stretch of k: a panel of B takes half a first-level cache of 32 KiB
constexpr int64_t depth_at_once = 64;  // rows of k that are copied into all panels while they are in the caches
constexpr int64_t side = 256;          // of a block: it is met by two copies of 256 KiB, which the loops read once for each panel

struct Tall {
  Gemm g;
  const Simd* simd;
  Result result;
  Cuts cuts;
  int64_t most_rows = 0, most_columns = 0;  // of a block, whole panels

  size_t block_floats() const { return result.direct() ? 0 : static_cast<size_t>(most_rows * most_columns); }
};

/// Rows [p, p + n) of k of the panels that hold [first, first + count) of an operand; `step` from one of these to the next.
void pack_stretch(const Tall& c, DType dtype, const std::byte* operand, int64_t step, int64_t k_step, int64_t first, int64_t count, int64_t width, int64_t p, int64_t n, float* to) {
  const auto element = static_cast<int64_t>(bytes_of(dtype));
  for (int64_t q = 0; q < n; q += depth_at_once) {
    const int64_t some = std::min(depth_at_once, n - q);
    for (int64_t i = 0; i < count; i += width) {
      const std::byte* from = operand + ((first + i) * step + (p + q) * k_step) * element;
      c.simd->pack(dtype, from, step, k_step, std::min(width, count - i), width, some, to + i * depth + q * width);
    }
  }
}

void run(const void* context, void* const* buffers, int slice, void* scratch) {
  const auto& c = *static_cast<const Tall*>(context);
  const Gemm& g = c.g;
  const Simd& simd = *c.simd;
  const auto [batches, rows, columns] = c.cuts.block(slice);
  const int64_t m = rows.last - rows.first, n = columns.last - columns.first;
  float* block = c.result.own(scratch);
  float* a = block + c.block_floats();
  float* b = a + c.most_rows * depth;
  float* to = c.result.direct() ? c.result.y(buffers) + rows.first * g.n + columns.first : block;
  const int64_t stride = c.result.direct() ? g.n : n;
  for (int64_t p = 0; p == 0 || p < g.k; p += depth) {
    const int64_t stretch = std::min(depth, g.k - p);
    pack_stretch(c, g.a, a_of(g, buffers, 0), g.a_row(), g.a_column(), rows.first, m, simd.rows, p, stretch, a);
    pack_stretch(c, g.b, b_of(g, buffers, 0), g.b_column(), g.b_row(), columns.first, n, simd.columns, p, stretch, b);
    for (int64_t j = 0; j < n; j += simd.columns)
      for (int64_t i = 0; i < m; i += simd.rows)
        simd.tile(stretch, a + i * depth, b + j * depth, to + i * stride + j, stride, p > 0, static_cast<int>(std::min<int64_t>(simd.rows, m - i)), static_cast<int>(std::min<int64_t>(simd.columns, n - j)));
  }
  if (!c.result.direct()) c.result.finish(block, stride, rows.first, m, columns.first, n, buffers, scratch);
}

/// Blocks as near to squares of `side` as they come; smaller ones where there would be less than four.
Cuts blocks(const Gemm& g, const Simd& simd) {
  Cuts cuts{.batches = 1, .m = g.m, .n = g.n, .row_grain = simd.rows, .column_grain = simd.columns};
  cuts.row_cuts = static_cast<int>(std::max<int64_t>(1, (g.m + side / 2) / side));
  cuts.column_cuts = static_cast<int>(std::max<int64_t>(1, (g.n + side / 2) / side));
  while (cuts.slices() < 4) {
    const int64_t rows = g.m / cuts.row_cuts, columns = g.n / cuts.column_cuts;
    if (std::max(rows, columns) < 64) break;
    ++(rows >= columns ? cuts.row_cuts : cuts.column_cuts);
  }
  return cuts;
}

}  // namespace

std::optional<Kernel> tall(const Gemm& g, const Machine& machine, const Epilogue* epilogue) {
  if (!computes_in_float32(g) || g.batches() != 1) return {};
  const Simd& simd = simd_for(machine);
  Tall c{.g = g, .simd = &simd, .result = Result(g, epilogue), .cuts = blocks(g, simd)};
  const auto most = [](int64_t n, int cuts, int64_t grain) { return ((n + grain - 1) / grain + cuts - 1) / cuts * grain; };
  c.most_rows = most(g.m, c.cuts.row_cuts, simd.rows);
  c.most_columns = most(g.n, c.cuts.column_cuts, simd.columns);
  const int slices = c.cuts.slices();
  Kernel kernel{.name = "gemm.tall"};
  kernel.scratch_bytes = c.result.scratch_bytes() + (c.block_floats() + static_cast<size_t>((c.most_rows + c.most_columns) * depth)) * sizeof(float);
  kernel.numerics = Numerics::blocked;
  kernel.context = std::make_shared<const Tall>(std::move(c));
  kernel.phases.push_back({run, slices});
  return kernel;
}

}  // namespace cornu::gemm
