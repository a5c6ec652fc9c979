// Convolutions and their gradient with respect to x as sums of small matrix products, whose left operand is read where it lies:
// the numbers that neighbouring results meet at one row of the kernel are rows of a matrix, `stride` pixels apart.
// The kernel is packed into panels first. What lies outside is staged: a block's numbers are copied with zeros around them.
#include <algorithm>
#include <cstring>

#include "cornu/kernels/convolution_parts.h"
#include "cornu/kernels/convolution_simd.h"
#include "cornu/kernels/gemm_parts.h"

namespace cornu::convolution {
namespace {

constexpr int64_t positions_of_a_block = 128, block_depth = 256;
constexpr size_t most_runs = 32;      // that are added up together
constexpr int64_t most_depth = 400;  // of their terms
constexpr int64_t short_run = 4;   // shorter ones are gathered first
constexpr int64_t short_row = 4;  // so few results side by side leave the tiles half empty

enum class Reading { in_place, columns, rows };

struct Part {
  Sheet sheet;
  Reading reading = Reading::in_place;
  int64_t panels_begin = 0;  // in the workspace
  int64_t first_block = 0;
};

struct Gather {
  ConvolutionShape shape;
  bool forward;
  Field from, to;
  const gemm::Simd* simd;
  const Loops* loops;
  gemm::Result result;
  std::vector<Part> parts;
  int64_t panels;  // of one group
  int64_t blocks = 0, result_floats = 0, stage_floats = 0;
  int pack_slices = 1, slices = 1;

  int64_t from_channels() const { return from.channels / shape.groups; }
  int64_t to_channels() const { return to.channels / shape.groups; }
  int64_t panel_floats(const Part& p) const { return p.sheet.length * simd->columns; }
};

/// Which of `parts` item `index` belongs to, counted by `begins`.
template <class Begins> const Part& part_of(const Gather& c, int64_t index, const Begins& begins) {
  size_t i = c.parts.size() - 1;
  while (begins(c.parts[i], i) > index) --i;
  return c.parts[i];
}

/// Panels of the kernel: part by part, group by group; a row for each number of the sum.
void pack(const void* context, void* const* buffers, int slice, void*) {
  const auto& c = *static_cast<const Gather*>(context);
  const auto* w = static_cast<const float*>(buffers[1]);
  auto* workspace = static_cast<float*>(c.result.workspace(buffers));
  const int64_t each = c.shape.groups * c.panels, cg = c.shape.group_channels(), filters = c.shape.filters;
  const Range items = slice_of(static_cast<int64_t>(c.parts.size()) * each, c.pack_slices, slice);
  for (int64_t item = items.first; item < items.last; ++item) {
    const Part& part = c.parts[static_cast<size_t>(item / each)];
    const int64_t group = item % each / c.panels, first = item % c.panels * c.simd->columns;
    const int64_t count = std::min<int64_t>(c.simd->columns, c.to_channels() - first), channels = c.from_channels();
    float* to = workspace + part.panels_begin + item % each * c.panel_floats(part);
    const auto& [depth, row, column] = part.sheet.axis;
    for (const Tap& d : depth.taps)
      for (const Tap& r : row.taps)
        for (const Tap& k : column.taps) {
          const int64_t tap = (d.index * c.shape.kernel[1] + r.index) * c.shape.kernel[2] + k.index;
          const float* of_tap = w + tap * cg * filters + group * c.shape.group_filters();
          if (c.forward) c.simd->pack(DType::float32, of_tap + first, 1, filters, count, c.simd->columns, channels, to);
          else c.simd->pack(DType::float32, of_tap + first * filters, filters, 1, count, c.simd->columns, channels, to);
          to += channels * c.simd->columns;
        }
  }
}

/// One group's results of a block, from patches that stand as rows or columns.
void multiply_patches(const Gather& c, const Part& part, const Block& b, const float* patches, const float* panels, float* to, int64_t to_row, int64_t ldc) {
  const int64_t positions = b.rows * b.columns, length = part.sheet.length, width = c.simd->columns;
  const bool columns = part.reading == Reading::columns;
  const int64_t a_row = columns ? 1 : length, a_column = columns ? positions : 1;
  const bool together = to_row == b.columns * ldc;  // the results are rows of one matrix
  const int64_t lines = together ? 1 : b.rows, of_line = together ? positions : b.columns;
  for (int64_t p = 0; p < length; p += block_depth)
    for (int64_t j = 0; j < c.panels; ++j) {
      const int n = static_cast<int>(std::min<int64_t>(width, c.to_channels() - j * width));
      for (int64_t line = 0; line < lines; ++line) {
        const int64_t tiles = (of_line + c.simd->rows - 1) / c.simd->rows;
        for (int64_t t = 0; t < tiles; ++t) {
          const int64_t i = of_line * t / tiles, m = of_line * (t + 1) / tiles - i;
          c.simd->tile_in_place(std::min(block_depth, length - p), patches + (line * of_line + i) * a_row + p * a_column, a_row, a_column,
                                panels + j * c.panel_floats(part) + p * width, to + line * to_row + i * ldc + j * width, ldc, p > 0, static_cast<int>(m), n);
        }
      }
    }
}

/// Taps of `axis` that are inside `from` for result `at`: a stretch of them, as their offsets ascend.
Range inside(const Lattice& axis, int64_t size, int64_t at) {
  const auto taps = static_cast<long>(axis.taps.size());
  const auto position = [&](long t) { return axis.from_step * at + axis.taps[static_cast<size_t>(t)].offset; };
  Range range{0, taps};
  while (range.first < taps && position(range.first) < 0) ++range.first;
  while (range.last > range.first && position(range.last - 1) >= size) --range.last;
  return range;
}

void multiply_in_place(const Gather& c, const Part& part, const Block& b, const View& v, int64_t first_channel, const float* panels, float* to,
                       int64_t to_row, int64_t ldc) {
  const Sheet& sheet = part.sheet;
  const int64_t step = sheet.axis[2].from_step * c.from.channels, row_step = sheet.axis[1].from_step * v.row, width = c.simd->columns;
  const int64_t tiles = (b.columns + c.simd->rows - 1) / c.simd->rows;
  const auto depths = inside(sheet.axis[0], c.from.size[0], b.depth);
  for (int64_t r = 0; r < b.rows; ++r) {
    const auto rows = inside(sheet.axis[1], c.from.size[1], b.row + r);
    if (rows.first < rows.last && depths.first < depths.last) continue;
    for (int64_t i = 0; i < b.columns; ++i) std::fill_n(to + r * to_row + i * ldc, c.to_channels(), 0.0f);
  }
  // Runs are added up in registers, in stretches whose panel stays in the first-level cache.
  for (int64_t j = 0; j < c.panels; ++j) {
    const float* panel = panels + j * c.panel_floats(part);
    const int n = static_cast<int>(std::min<int64_t>(width, c.to_channels() - j * width));
    bool added[positions_of_a_block] = {};  // by row
    for (size_t first = 0, last = 0; first < sheet.runs.size(); first = last) {
      const int64_t length = sheet.runs[first].length;
      last = first + 1;
      while (last < sheet.runs.size() && last < first + most_runs && sheet.runs[last].length == length && static_cast<int64_t>(last + 1 - first) * length <= most_depth) ++last;
      for (int64_t r = 0; r < b.rows; ++r) {
        const auto rows = inside(sheet.axis[1], c.from.size[1], b.row + r);
        const auto met = [&](const Sheet::Run& run) {
          const auto depth_tap = static_cast<long>(run.depth_tap), row_tap = static_cast<long>(run.row_tap);
          return depth_tap >= depths.first && depth_tap < depths.last && row_tap >= rows.first && row_tap < rows.last;  // else zeros
        };
        for (size_t run = first; run < last;) {
          int64_t begins[most_runs];
          int64_t runs = 0;
          const int64_t begins_at = sheet.runs[run].begins;
          for (; run < last && met(sheet.runs[run]); ++run) begins[runs++] = begin_of(sheet, sheet.runs[run], v, c.from.channels) + first_channel + r * row_step;
          if (runs == 0) {
            ++run;
            continue;
          }
          for (int64_t p = 0; p < length; p += block_depth) {  // more than once for a run by itself
            for (int64_t t = 0; t < tiles; ++t) {
              const int64_t i = b.columns * t / tiles, m = b.columns * (t + 1) / tiles - i;
              c.loops->results(runs, std::min(block_depth, length - p), begins, v.data + i * step + p, step, panel + (begins_at + p) * width,
                               to + r * to_row + i * ldc + j * width, ldc, added[r], static_cast<int>(m), n);
            }
            added[r] = true;
          }
        }
      }
    }
  }
}

void multiply(const void* context, void* const* buffers, int slice, void* scratch) {
  const auto& c = *static_cast<const Gather*>(context);
  const auto* workspace = static_cast<const float*>(c.result.workspace(buffers));
  float* own = c.result.own(scratch);
  float* stage = own + c.result_floats;
  float* patches = stage + c.stage_floats;
  const Range blocks = slice_of(c.blocks, c.slices, slice);
  for (int64_t index = blocks.first; index < blocks.last; ++index) {
    const Part& part = part_of(c, index, [](const Part& p, size_t) { return p.first_block; });
    const Block b = block_of(part.sheet, index - part.first_block);
    const auto& [depth, row, column] = part.sheet.axis;
    const int64_t first = ((b.n * c.to.size[0] + depth.first + b.depth * depth.step) * c.to.size[1] + row.first + b.row * row.step) * c.to.size[2] +
                          column.first + b.column * column.step;  // position of the first result
    const bool direct = c.result.direct();
    float* to = direct ? c.result.y(buffers) + first * c.to.channels : own;
    const int64_t ldc = direct ? column.step * c.to.channels : c.to.channels;
    const int64_t to_row = direct ? row.step * c.to.row() : b.columns * c.to.channels;
    if (part.sheet.is_empty()) {
      for (int64_t r = 0; r < b.rows; ++r)
        for (int64_t i = 0; i < b.columns; ++i) std::fill_n(to + r * to_row + i * ldc, c.to.channels, 0.0f);
      continue;
    }
    const View v = view(part.sheet, c.from, b, buffers[0], stage);
    for (int64_t g = 0; g < c.shape.groups; ++g) {
      const float* panels = workspace + part.panels_begin + g * c.panels * c.panel_floats(part);
      float* of_group = to + g * c.to_channels();
      if (part.reading == Reading::in_place) {
        multiply_in_place(c, part, b, v, g * c.from_channels(), panels, of_group, to_row, ldc);
      } else {
        const auto fill = part.reading == Reading::columns ? gather_columns : gather_rows;
        fill(part.sheet, b, v, c.from.channels, g * c.from_channels(), patches);
        multiply_patches(c, part, b, patches, panels, of_group, to_row, ldc);
      }
    }
    if (direct) continue;
    // Rows of a block lie side by side in the result only where it is as wide as the result.
    const bool whole = b.columns == c.to.size[2];
    for (int64_t r = 0; r < (whole ? 1 : b.rows); ++r)
      c.result.finish(own + r * to_row, c.to.channels, first + r * c.to.size[2], whole ? b.rows * b.columns : b.columns, 0, c.to.channels, buffers, scratch);
  }
}

}  // namespace

std::optional<Kernel> direct_gather(const Convolving& v, const Machine& machine, const Epilogue* epilogue) {
  const bool forward = v.pass == ConvolutionPass::forward;
  const ConvolutionShape& s = v.shape;
  if (!computes_in_float32(v) || s.kernel[0] > static_cast<int64_t>(most_depth_taps)) return {};
  if (!forward && epilogue && s.stride != std::array<int64_t, 3>{1, 1, 1}) return {};
  Field from = forward ? field_x(v) : field_y(v), to = forward ? field_y(v) : field_x(v);
  Gather c{.shape = s, .forward = forward, .from = from, .to = to, .simd = &gemm::simd_for(machine), .loops = &loops_for(machine),
           .result = gemm::Result({.n = to.channels}, epilogue), .parts = {}, .panels = 0};
  c.panels = (c.to_channels() + c.simd->columns - 1) / c.simd->columns;
  int64_t panels_end = 0, patch_floats = 0;
  for (Sheet& sheet : sheets(v.pass, s, positions_of_a_block)) {
    Part part{.sheet = std::move(sheet), .panels_begin = panels_end, .first_block = c.blocks};
    if (part.sheet.longest < short_run) part.reading = Reading::columns;
    else if (part.sheet.axis[2].count < short_row && part.sheet.axis[1].count > 1) part.reading = Reading::rows;
    panels_end += whole_lines(s.groups * c.panels * c.panel_floats(part));
    c.blocks += s.batch * part.sheet.blocks_of_sample();
    if (part.reading != Reading::in_place) patch_floats = std::max(patch_floats, part.sheet.block_positions() * part.sheet.length);
    if (!part.sheet.is_empty() && needs_stage(part.sheet, from)) c.stage_floats = std::max(c.stage_floats, part.sheet.stage_floats(from.channels));
    if (!c.result.direct()) c.result_floats = std::max(c.result_floats, whole_lines(part.sheet.block_positions() * to.channels));
    c.parts.push_back(std::move(part));
  }
  if (c.parts.empty()) return {};
  c.pack_slices = slices_for(static_cast<double>(panels_end), 16000);
  c.slices = static_cast<int>(std::clamp<int64_t>(slices_for(s.multiply_adds(), 400000), 1, std::max<int64_t>(c.blocks, 1)));
  const int pack_slices = c.pack_slices, slices = c.slices;

  Kernel kernel{.name = "convolution.direct"};
  kernel.workspace_bytes = std::max<size_t>(static_cast<size_t>(panels_end) * sizeof(float), 64);
  kernel.scratch_bytes = c.result.scratch_bytes() + static_cast<size_t>(c.result_floats + c.stage_floats + patch_floats) * sizeof(float);
  kernel.numerics = Numerics::blocked;
  kernel.context = std::make_shared<const Gather>(std::move(c));
  kernel.phases.push_back({pack, pack_slices});
  kernel.phases.push_back({multiply, slices});
  return kernel;
}

}  // namespace cornu::convolution
