// Attention, a few queries at a time: their scores, their weights and their answers are made while they are in the first-level
// cache. Backward, the weights are made again from the scores and their logarithms. Keys that a query does not see are not
// multiplied. Dao et al., "FlashAttention", 2022.
#include "cornu/kernels/attention_simd.h"

#include <algorithm>
#include <cmath>

#include "cornu/kernels/gemm_simd.h"

namespace cornu::attention {
namespace {

struct Plan {
  AttentionSize size;
  const gemm::Simd* simd;
  RowFunctions rows;
  bool has_dlogs;
  int slices;

  int64_t panels(int64_t n) const { return (n + simd->columns - 1) / simd->columns; }
  int64_t packed(int64_t columns, int64_t depth) const { return panels(columns) * simd->columns * depth; }
  /// From one row of scores to the next; not a power of two, or a column of them falls into a few sets of the cache.
  int64_t row() const { return panels(size.keys) * simd->columns + 16; }
};

/// Rows of one head within [batch, rows, heads, width].
struct Rows {
  float* data;
  int64_t step;

  Rows(void* buffer, const AttentionSize& s, int64_t pair, int64_t rows, int64_t width)
      : data(static_cast<float*>(buffer) + (pair / s.heads * rows * s.heads + pair % s.heads) * width), step(s.heads * width) {}
  float* operator[](int64_t i) const { return data + i * step; }
};

/// As the second operand of a product along the rows: panels [rows][columns of the machine's tile].
void pack_rows(const Plan& c, const Rows& from, int64_t rows, int64_t width, float* to) {
  for (int64_t j = 0; j < width; j += c.simd->columns, to += rows * c.simd->columns)
    c.simd->pack(DType::float32, from.data + j, 1, from.step, std::min<int64_t>(c.simd->columns, width - j), c.simd->columns, rows, to);
}
/// The same of the transpose: panels [width][rows].
void pack_columns(const Plan& c, const Rows& from, int64_t rows, int64_t width, float* to) {
  for (int64_t j = 0; j < rows; j += c.simd->columns, to += width * c.simd->columns)
    c.simd->pack(DType::float32, from[j], from.step, 1, std::min<int64_t>(c.simd->columns, rows - j), c.simd->columns, width, to);
}

/// y[i] = sum over p < depth of a[i a_row + p a_column] b[p], for `m` rows and `width` columns; b is packed, `b_depth` deep.
void product(const Plan& c, int64_t depth, const float* a, int64_t a_row, int64_t a_column, const float* b, int64_t b_depth, float* y, int64_t y_row, int m, int64_t width) {
  for (int64_t j = 0; j < width; j += c.simd->columns, b += b_depth * c.simd->columns)
    c.simd->tile_in_place(depth, a, a_row, a_column, b, y + j, y_row, false, m, static_cast<int>(std::min<int64_t>(c.simd->columns, width - j)));
}

/// Scores, or products of dy with values: whole panels, of which those beyond `seen` keys are left out.
void scores(const Plan& c, int64_t depth, const Rows& a, int64_t t, const float* packed, float* to, int m, int64_t seen) {
  product(c, depth, a[t], a.step, 1, packed, depth, to, c.row(), m, c.panels(seen) * c.simd->columns);
}

void run_forward(const Plan& c, void* const* buffers, int slice, void* scratch) {
  const AttentionSize& s = c.size;
  auto* keys = static_cast<float*>(scratch);
  float* values = keys + c.packed(s.keys, s.size);
  float* weights = values + c.packed(s.values, s.keys);
  const Range pairs = slice_of(s.batch * s.heads, c.slices, slice);
  for (int64_t pair = pairs.first; pair < pairs.last; ++pair) {
    const Rows q(buffers[0], s, pair, s.queries, s.size), y(buffers[3], s, pair, s.queries, s.values), logs(buffers[4], s, pair, s.queries, 1);
    pack_columns(c, Rows(buffers[1], s, pair, s.keys, s.size), s.keys, s.size, keys);
    pack_rows(c, Rows(buffers[2], s, pair, s.keys, s.values), s.keys, s.values, values);
    for (int64_t t = 0; t < s.queries; t += c.simd->rows) {
      const int m = static_cast<int>(std::min<int64_t>(c.simd->rows, s.queries - t));
      const int64_t seen = s.seen(t + m - 1);
      scores(c, s.size, q, t, keys, weights, m, seen);
      float inverse[32];
      for (int i = 0; i < m; ++i) {
        float max = 0;
        const float sum = c.rows.weigh(weights + i * c.row(), s.seen(t + i), seen, static_cast<float>(s.scale), &max);
        inverse[i] = 1 / sum;
        *logs[t + i] = static_cast<float>(s.scale) * max + std::log(sum);
      }
      product(c, seen, weights, c.row(), 1, values, s.keys, y[t], y.step, m, s.values);
      for (int i = 0; i < m; ++i) c.rows.multiply(y[t + i], s.values, inverse[i]);
    }
  }
}

void run_backward(const Plan& c, void* const* buffers, int slice, void* scratch) {
  const AttentionSize& s = c.size;
  auto* of_keys = static_cast<float*>(scratch);                   // for the scores
  float* of_values = of_keys + c.packed(s.keys, s.size);          // for dy . v
  float* key_rows = of_values + c.packed(s.keys, s.values);       // for dq
  float* query_rows = key_rows + c.packed(s.size, s.keys);        // for dk
  float* dy_rows = query_rows + c.packed(s.size, s.queries);      // for dv
  float* weights = dy_rows + c.packed(s.values, s.queries);
  float* gradients = weights + s.queries * c.row();
  void* const* to = buffers + (c.has_dlogs ? 7 : 6);
  const auto scale = static_cast<float>(s.scale);
  const Range pairs = slice_of(s.batch * s.heads, c.slices, slice);
  for (int64_t pair = pairs.first; pair < pairs.last; ++pair) {
    const Rows q(buffers[0], s, pair, s.queries, s.size), k(buffers[1], s, pair, s.keys, s.size), v(buffers[2], s, pair, s.keys, s.values);
    const Rows y(buffers[3], s, pair, s.queries, s.values), logs(buffers[4], s, pair, s.queries, 1), dy(buffers[5], s, pair, s.queries, s.values);
    const Rows dq(to[0], s, pair, s.queries, s.size), dk(to[1], s, pair, s.keys, s.size), dv(to[2], s, pair, s.keys, s.values);
    pack_columns(c, k, s.keys, s.size, of_keys);
    pack_columns(c, v, s.keys, s.values, of_values);
    pack_rows(c, k, s.keys, s.size, key_rows);
    pack_rows(c, q, s.queries, s.size, query_rows);
    pack_rows(c, dy, s.queries, s.values, dy_rows);
    for (int64_t t = 0; t < s.queries; t += c.simd->rows) {
      const int m = static_cast<int>(std::min<int64_t>(c.simd->rows, s.queries - t));
      const int64_t seen = s.seen(t + m - 1);
      float *p = weights + t * c.row(), *g = gradients + t * c.row();
      scores(c, s.size, q, t, of_keys, p, m, seen);
      scores(c, s.values, dy, t, of_values, g, m, seen);
      for (int i = 0; i < m; ++i) {
        float delta = c.rows.dot(dy[t + i], y[t + i], s.values);
        if (c.has_dlogs) delta -= *Rows(buffers[6], s, pair, s.queries, 1)[t + i];
        c.rows.weigh_again(p + i * c.row(), s.seen(t + i), s.keys, scale, *logs[t + i]);
        c.rows.differentiate(p + i * c.row(), g + i * c.row(), s.seen(t + i), s.keys, delta, scale);
      }
      product(c, seen, g, c.row(), 1, key_rows, s.keys, dq[t], dq.step, m, s.size);
    }
    for (int64_t i = 0; i < s.keys; i += c.simd->rows) {
      const int m = static_cast<int>(std::min<int64_t>(c.simd->rows, s.keys - i));
      const int64_t first = s.causal ? std::min(i, s.queries) : 0, depth = s.queries - first, row = c.row();  // queries that see key i
      product(c, depth, weights + first * row + i, 1, row, dy_rows + first * c.simd->columns, s.queries, dv[i], dv.step, m, s.values);
      product(c, depth, gradients + first * row + i, 1, row, query_rows + first * c.simd->columns, s.queries, dk[i], dk.step, m, s.size);
    }
  }
}

}  // namespace

Kernel forward(const AttentionSize& size, int slices, const Machine& machine) {
  const Plan c{size, &gemm::simd_for(machine), row_functions(), false, slices};
  Kernel kernel = make_kernel<Plan>("attention.simd", c, run_forward, slices);
  kernel.scratch_bytes = static_cast<size_t>(c.packed(size.keys, size.size) + c.packed(size.values, size.keys) + c.simd->rows * c.row()) * sizeof(float);
  kernel.numerics = Numerics::blocked;
  return kernel;
}

Kernel backward(const AttentionSize& size, bool has_dlogs, int slices, const Machine& machine) {
  const Plan c{size, &gemm::simd_for(machine), row_functions(), has_dlogs, slices};
  Kernel kernel = make_kernel<Plan>("attention_gradient.simd", c, run_backward, slices);
  const int64_t packed = c.packed(size.keys, size.size) + c.packed(size.keys, size.values) + c.packed(size.size, size.keys) + c.packed(size.size, size.queries) + c.packed(size.values, size.queries);
  kernel.scratch_bytes = static_cast<size_t>(packed + 2 * size.queries * c.row()) * sizeof(float);
  kernel.numerics = Numerics::blocked;
  return kernel;
}

}  // namespace cornu::attention
