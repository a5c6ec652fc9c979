// Copying both operands whole would take them through memory twice more; here each block of the result walks along k and copies
// stretches of its own rows and columns into the second-level cache. Blocks are large, since a stretch is copied for each block that
// reads it; where blocks are few, k is cut as well.
#include "cornu/kernels/gemm_tall.h"

#include "cornu/base/error.h"
#include "cornu/kernels/gemm_parts.h"
#include "cornu/kernels/gemm_simd.h"

namespace cornu::gemm {
namespace {

constexpr int64_t depth = 192;         // of a stretch of k: two copies of a block side by so much leave room in a second-level cache of 512 KiB
constexpr int64_t between = 16;        // floats between panels, lest all of them fall into one set of the cache
constexpr int64_t depth_at_once = 64;  // rows of k that are copied into all panels while they are in the caches, where k lies side by side
constexpr int64_t side = 256;          // of a block
constexpr int fewest_slices = 4;

struct Tall {
  std::vector<Gemm> products = {};
  bool sums = false;
  const Simd* simd = nullptr;
  TallSimd copies = {};
  std::optional<Result> result = {};  // of a single product
  struct Panel {                 // of the left operands, one after the other
    size_t product;
    int64_t row;
    int rows;
  };
  std::vector<Panel> panels = {};
  Cuts cuts = {};  // rows: places in panels
  int k_cuts = 1, join_slices = 1;
  int64_t most_rows = 0, most_columns = 0;  // of a block, whole panels

  const Gemm& g() const { return products[0]; }
  int64_t a_panel() const { return simd->rows * depth + between; }
  int64_t b_panel() const { return simd->columns * depth + between; }
  int64_t a_floats() const { return most_rows / simd->rows * a_panel(); }
  int64_t b_floats() const { return most_columns / simd->columns * b_panel(); }
  /// Blocks are made in memory of the thread's own, or parts of all of k in the workspace, or the results where they belong.
  bool own_block() const { return k_cuts == 1 && result && !result->direct(); }
  int64_t block_floats() const { return own_block() ? most_rows * most_columns : 0; }
  int64_t rows() const { return static_cast<int64_t>(panels.size()) * simd->rows; }
  int64_t part_floats() const { return (rows() + sums) * g().n; }

  float* own(void* scratch) const { return result ? result->own(scratch) : static_cast<float*>(scratch); }
  float* workspace(void* const* buffers) const {
    return static_cast<float*>(result ? result->workspace(buffers) : buffers[2 * products.size() + 1 + sums]);
  }
  float* y(void* const* buffers, size_t product) const { return static_cast<float*>(buffers[products.size() + 1 + product]); }
  float* sum(void* const* buffers) const { return static_cast<float*>(buffers[2 * products.size() + 1]); }
};

/// Rows [p, p + n) of k of [first, first + count) of an operand; `step` from one of these to the next.
void pack_stretch(const Tall& c, DType dtype, const void* operand, int64_t step, int64_t k_step, int64_t first, int64_t count, int64_t width, int64_t panel, int64_t p,
                  int64_t n, float* to) {
  const auto element = static_cast<int64_t>(bytes_of(dtype));
  const auto at = [&](int64_t i, int64_t q) { return static_cast<const std::byte*>(operand) + ((first + i) * step + (p + q) * k_step) * element; };
  if (step == 1) return c.copies.pack_rows(dtype, at(0, 0), k_step, count, width, panel, n, to);
  for (int64_t q = 0; q < n; q += depth_at_once)
    for (int64_t i = 0; i < count; i += width)
      c.simd->pack(dtype, at(i, q), step, k_step, std::min(width, count - i), width, std::min(depth_at_once, n - q), to + i / width * panel + q * width);
}

/// The same for panels [first, last) of the left operands.
void pack_left(const Tall& c, void* const* buffers, int64_t first, int64_t last, int64_t p, int64_t n, float* to) {
  while (first < last) {
    const auto [product, row, rows] = c.panels[static_cast<size_t>(first)];
    const Gemm& g = c.products[product];
    const int64_t count = std::min(g.m - row, (last - first) * c.simd->rows), panels = (count + c.simd->rows - 1) / c.simd->rows;
    pack_stretch(c, g.a, buffers[product], g.a_row(), g.a_column(), row, count, c.simd->rows, c.a_panel(), p, n, to);
    first += panels, to += panels * c.a_panel();
  }
}

/// One block over a part of k.
void run(const void* context, void* const* buffers, int slice, void* scratch) {
  const auto& c = *static_cast<const Tall*>(context);
  const Gemm& g = c.g();
  const Simd& simd = *c.simd;
  const auto [batches, rows, columns] = c.cuts.block(slice / c.k_cuts);
  const int part = slice % c.k_cuts;
  const Range k = slice_of(g.k, c.k_cuts, part, depth);
  const int64_t first = rows.first / simd.rows, last = rows.last / simd.rows, n = columns.last - columns.first;
  float* block = c.own(scratch);
  float* a = block + c.block_floats();
  float* b = a + c.a_floats();
  float* partial = c.k_cuts > 1 ? c.workspace(buffers) + part * c.part_floats() : nullptr;
  const int64_t stride = c.own_block() ? n : g.n;
  for (int64_t p = k.first; p == k.first || p < k.last; p += depth) {
    const int64_t stretch = std::min(depth, k.last - p);
    const bool add = p > k.first;
    pack_left(c, buffers, first, last, p, stretch, a);
    pack_stretch(c, g.b, buffers[c.products.size()], g.b_column(), g.b_row(), columns.first, n, simd.columns, c.b_panel(), p, stretch, b);
    for (int64_t j = 0; j < n; j += simd.columns) {
      const float* of_b = b + j / simd.columns * c.b_panel();
      const int some = static_cast<int>(std::min<int64_t>(simd.columns, n - j));
      for (int64_t i = first; i < last; ++i) {
        const auto& panel = c.panels[static_cast<size_t>(i)];
        float* to = partial           ? partial + i * simd.rows * g.n + columns.first
                    : c.own_block() ? block + (i - first) * simd.rows * n
                                    : c.y(buffers, panel.product) + panel.row * g.n + columns.first;
        simd.tile(stretch, a + (i - first) * c.a_panel(), of_b, to + j, stride, add, panel.rows, some);
      }
      if (c.sums && first == 0) c.copies.sum_rows(of_b, stretch, simd.columns, some, add, (partial ? partial + c.rows() * g.n : c.sum(buffers)) + columns.first + j);
    }
  }
  if (c.own_block()) c.result->finish(block, stride, rows.first, std::min<int64_t>(rows.last, g.m) - rows.first, columns.first, n, buffers, scratch);
}

/// Adds up the parts of some panels; the first slice those of the sums as well.
void join(const void* context, void* const* buffers, int slice, void* scratch) {
  const auto& c = *static_cast<const Tall*>(context);
  const int64_t n = c.g().n, part = c.part_floats();
  const float* parts = c.workspace(buffers);
  const auto add_up = [&](int64_t row, float* to) {
    const float* from = parts + row * n;
    for (int64_t j = 0; j < n; ++j) to[j] = from[j] + from[part + j];
    for (int k = 2; k < c.k_cuts; ++k)
      for (int64_t j = 0; j < n; ++j) to[j] += from[k * part + j];
  };
  const Range panels = slice_of(static_cast<int64_t>(c.panels.size()), c.join_slices, slice);
  for (int64_t i = panels.first; i < panels.last; ++i) {
    const auto& panel = c.panels[static_cast<size_t>(i)];
    for (int64_t r = 0; r < panel.rows; ++r) {
      const bool direct = !c.result || c.result->direct();
      float* to = direct ? c.y(buffers, panel.product) + (panel.row + r) * n : c.own(scratch);
      add_up(i * c.simd->rows + r, to);
      if (!direct) c.result->finish(to, n, panel.row + r, 1, 0, n, buffers, scratch);
    }
  }
  if (c.sums && slice == 0) add_up(c.rows(), c.sum(buffers));
}

Kernel prepare(Tall c) {
  const Gemm& g = c.g();
  const Simd& simd = *c.simd;
  for (size_t i = 0; i < c.products.size(); ++i)
    for (int64_t row = 0; row < c.products[i].m; row += simd.rows) c.panels.push_back({i, row, static_cast<int>(std::min<int64_t>(simd.rows, c.products[i].m - row))});
  const int64_t rows = c.rows();
  c.cuts = {.batches = 1, .m = rows, .n = g.n, .row_grain = simd.rows, .column_grain = simd.columns};
  c.cuts.row_cuts = static_cast<int>(std::max<int64_t>(1, (rows + side / 2) / side));
  c.cuts.column_cuts = static_cast<int>(std::max<int64_t>(1, (g.n + side / 2) / side));
  const auto most = [](int64_t n, int cuts, int64_t grain) { return ((n + grain - 1) / grain + cuts - 1) / cuts * grain; };
  c.most_rows = most(rows, c.cuts.row_cuts, simd.rows);
  c.most_columns = most(g.n, c.cuts.column_cuts, simd.columns);
  const int64_t stretches = (g.k + depth - 1) / depth, blocks = c.cuts.slices();
  if (blocks < fewest_slices) c.k_cuts = static_cast<int>(std::clamp<int64_t>(stretches / 2, 1, (fewest_slices + blocks - 1) / blocks));
  c.join_slices = static_cast<int>(std::clamp<int64_t>(static_cast<int64_t>(c.panels.size()), 1, slices_for(static_cast<double>(rows * g.n * c.k_cuts))));
  const int slices = c.cuts.slices() * c.k_cuts, joins = c.k_cuts > 1 ? c.join_slices : 0;

  Kernel kernel{.name = "gemm.tall"};
  const int64_t own = std::max(c.block_floats() + c.a_floats() + c.b_floats(), g.n);
  kernel.scratch_bytes = (c.result ? c.result->scratch_bytes() : 0) + static_cast<size_t>(own) * sizeof(float);
  kernel.workspace_bytes = joins ? static_cast<size_t>(c.k_cuts * c.part_floats()) * sizeof(float) : 0;
  kernel.numerics = Numerics::blocked;
  kernel.context = std::make_shared<const Tall>(std::move(c));
  kernel.phases.push_back({run, slices});
  if (joins) kernel.phases.push_back({join, joins});
  return kernel;
}

}  // namespace

std::optional<Kernel> tall(const Gemm& g, const Machine& machine, const Epilogue* epilogue) {
  if (!computes_in_float32(g) || g.batches() != 1) return {};
  return prepare({.products = {g}, .sums = false, .simd = &simd_for(machine), .copies = tall_simd(machine), .result = Result(g, epilogue)});
}

Kernel tall_products(const TallProducts& all, const Machine& machine) {
  ensure(!all.products.empty(), "products of one operand are at least one");
  for (const Gemm& g : all.products) {
    const Gemm& first = all.products[0];
    ensure(computes_in_float32(g) && g.y == DType::float32 && g.batches() == 1, "products of one operand are matrices in float32");
    ensure(g.k == first.k && g.n == first.n && g.b == first.b && g.b_row() == first.b_row() && g.b_column() == first.b_column(), "products of one operand differ in it");
  }
  return prepare({.products = all.products, .sums = all.sums, .simd = &simd_for(machine), .copies = tall_simd(machine)});
}

}  // namespace cornu::gemm
