// The general product: both operands are copied into panels that the innermost loop reads from front to back, then blocks
// that fit the caches are multiplied. Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008. Where few
// rows meet each panel of B, a copy of all of B would go through memory for them alone: there a slice of columns copies a stretch
// of a panel into the first-level cache, uses it for all rows, and forgets it.
#include <algorithm>

#include "cornu/kernels/gemm_parts.h"
#include "cornu/kernels/gemm_simd.h"

namespace cornu::gemm {
namespace {

// A panel of B (16 columns, depth of K) takes half a first-level cache of 32 KiB; a block of A and one of the result fit the second.
constexpr int64_t block_depth = 256, block_rows = 96, block_columns = 256;
// B is copied as it is used for at most so many rows, in slices of at least so many columns.
constexpr int64_t few_rows = 256, slice_columns = 64;

struct Packed {
  Gemm g;
  const Simd* simd;
  Result result;
  Cuts cuts;
  bool a_in_place;   // float32 rows are read where they lie
  bool b_as_used;    // copied stretch by stretch, by each slice
  int64_t a_matrices, b_matrices, a_panels, b_panels;
  size_t b_begins;  // in the workspace
  int pack_slices;
  long row_step = block_rows, column_step = block_columns;

  int64_t a_floats() const { return a_panels * simd->rows * g.k; }
  int64_t b_floats() const { return b_panels * simd->columns * g.k; }
  float* a_panel(void* workspace, int64_t matrix, int64_t panel) const {
    return static_cast<float*>(workspace) + matrix * a_floats() + panel * simd->rows * g.k;
  }
  size_t block_floats() const { return result.direct() ? 0 : static_cast<size_t>(block_rows * block_columns); }
  float* b_panel(void* workspace, int64_t matrix, int64_t panel) const {
    return static_cast<float*>(workspace) + b_begins / sizeof(float) + matrix * b_floats() + panel * simd->columns * g.k;
  }
};

/// Panels of A, then panels of B, matrix by matrix.
void pack(const void* context, void* const* buffers, int slice, void*) {
  const auto& c = *static_cast<const Packed*>(context);
  const Gemm& g = c.g;
  void* workspace = c.result.workspace(buffers);
  const int64_t of_a = c.a_in_place ? 0 : c.a_matrices * c.a_panels;
  const Range panels = slice_of(of_a + (c.b_as_used ? 0 : c.b_matrices * c.b_panels), c.pack_slices, slice);
  for (int64_t i = panels.first; i < panels.last; ++i) {
    if (i < of_a) {
      const int64_t matrix = i / c.a_panels, first = i % c.a_panels * c.simd->rows;
      const std::byte* from = a_of(g, buffers, matrix) + first * g.a_row() * static_cast<int64_t>(bytes_of(g.a));
      c.simd->pack(g.a, from, g.a_row(), g.a_column(), std::min<int64_t>(c.simd->rows, g.m - first), c.simd->rows, g.k,
                   c.a_panel(workspace, matrix, i % c.a_panels));
    } else {
      const int64_t matrix = (i - of_a) / c.b_panels, panel = (i - of_a) % c.b_panels, first = panel * c.simd->columns;
      const std::byte* from = b_of(g, buffers, matrix) + first * g.b_column() * static_cast<int64_t>(bytes_of(g.b));
      c.simd->pack(g.b, from, g.b_column(), g.b_row(), std::min<int64_t>(c.simd->columns, g.n - first), c.simd->columns, g.k,
                   c.b_panel(workspace, matrix, panel));
    }
  }
}

/// One block of the result, whole along k: the sums of the first stretch of k are stored, the others added to them.
void multiply_block(const Packed& c, void* const* buffers, int64_t batch, Range rows, Range columns, float* to, int64_t stride, float* own_panel) {
  const Gemm& g = c.g;
  const Simd& simd = *c.simd;
  void* workspace = c.result.workspace(buffers);
  const int64_t a_matrix = c.a_matrices == 1 ? 0 : batch, b_matrix = c.b_matrices == 1 ? 0 : batch;
  const float* a = reinterpret_cast<const float*>(a_of(g, buffers, batch));
  for (int64_t p = 0; p == 0 || p < g.k; p += block_depth) {
    const int64_t depth = std::min(block_depth, g.k - p);
    for (int64_t j = columns.first; j < columns.last; j += simd.columns) {
      const int n = static_cast<int>(std::min<int64_t>(simd.columns, columns.last - j));
      const float* b = own_panel;
      if (!c.b_as_used) b = c.b_panel(workspace, b_matrix, j / simd.columns) + p * simd.columns;
      else simd.pack(g.b, b_of(g, buffers, batch) + (j * g.b_column() + p * g.b_row()) * static_cast<int64_t>(bytes_of(g.b)), g.b_column(), g.b_row(), n, simd.columns, depth, own_panel);
      for (int64_t i = rows.first; i < rows.last; i += simd.rows) {
        const int m = static_cast<int>(std::min<int64_t>(simd.rows, rows.last - i));
        float* block = to + (i - rows.first) * stride + (j - columns.first);
        if (c.a_in_place) simd.tile_in_place(depth, a + i * g.a_row() + p, g.a_row(), 1, b, block, stride, p > 0, m, n);
        else simd.tile(depth, c.a_panel(workspace, a_matrix, i / simd.rows) + p * simd.rows, b, block, stride, p > 0, m, n);
      }
    }
  }
}

void multiply(const void* context, void* const* buffers, int slice, void* scratch) {
  const auto& c = *static_cast<const Packed*>(context);
  const Gemm& g = c.g;
  float* own = c.result.own(scratch);
  each_block(g, c.result, c.cuts.block(slice), c.row_step, c.column_step, own, buffers, scratch,
             [&](int64_t batch, long row, long rows, long column, long columns, float* to, int64_t stride) {
               multiply_block(c, buffers, batch, {row, row + rows}, {column, column + columns}, to, stride, own + c.block_floats());
             });
}

}  // namespace

std::optional<Kernel> packed(const Gemm& g, const Machine& machine, const Epilogue* epilogue) {
  if (!computes_in_float32(g)) return {};
  const Simd& simd = simd_for(machine);
  Packed c{.g = g, .simd = &simd, .result = Result(g, epilogue), .cuts = cut(g, simd.rows, simd.columns)};
  // Reading A in place saves a copy of it; long strides between rows cost more than the copy once many panels of B pass by.
  c.a_in_place = g.a == DType::float32 && !g.transpose_a;
  c.a_matrices = is_shared(g, &Gemm::Axis::a_stride) ? 1 : g.batches();
  c.b_matrices = is_shared(g, &Gemm::Axis::b_stride) ? 1 : g.batches();
  c.b_as_used = !g.steady_b && g.m > 0 && g.m <= few_rows && c.b_matrices == g.batches();
  // Within a loop there is one thread; and a few rows as long as they are suit an epilogue best.
  if (g.steady_b) c.cuts.batch_cuts = c.cuts.row_cuts = c.cuts.column_cuts = 1;
  if (c.b_as_used) {
    c.cuts = cut(g, g.m, slice_columns);
    c.row_step = g.m;
    c.column_step = block_rows * block_columns / g.m / simd.columns * simd.columns;
  } else {
    c.row_step = block_rows / simd.rows * simd.rows;
    if (g.m > 0 && g.m * g.n <= block_rows * block_columns) c.column_step = std::max<long>(g.n, 1);
  }
  c.a_panels = (g.m + simd.rows - 1) / simd.rows;
  c.b_panels = (g.n + simd.columns - 1) / simd.columns;
  const double a_bytes = c.a_in_place ? 0 : static_cast<double>(c.a_matrices * c.a_floats()) * sizeof(float);
  c.b_begins = Result::round_up(static_cast<size_t>(a_bytes));
  const size_t b_bytes = c.b_as_used ? 0 : static_cast<size_t>(c.b_matrices * c.b_floats()) * sizeof(float);
  c.pack_slices = slices_for((a_bytes + static_cast<double>(b_bytes)) / sizeof(float), 16000);
  const int pack_slices = c.pack_slices, slices = c.cuts.slices();
  const bool packs = !c.a_in_place || !c.b_as_used;

  Kernel kernel{.name = "gemm.packed"};
  kernel.workspace_bytes = std::max<size_t>(c.b_begins + b_bytes, 64);  // never none: `multiply` is handed its address
  kernel.scratch_bytes = c.result.scratch_bytes() + (c.block_floats() + (c.b_as_used ? static_cast<size_t>(block_depth * simd.columns) : 0)) * sizeof(float);
  kernel.numerics = Numerics::blocked;
  if (c.a_in_place && packs) kernel.steady_phases = 1, kernel.steady_operand = 1;
  kernel.context = std::make_shared<const Packed>(std::move(c));
  if (packs) kernel.phases.push_back({pack, pack_slices});
  kernel.phases.push_back({multiply, slices});
  return kernel;
}

}  // namespace cornu::gemm
