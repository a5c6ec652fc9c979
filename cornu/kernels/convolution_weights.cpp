// The gradient with respect to the kernel: for each of its rows of numbers the product of what they met, transposed, with dy.
// Blocks of positions are dealt to parts, each with sums of its own; these are added up at the end, in order.
#include <algorithm>
#include <cstring>

#include "cornu/kernels/convolution_parts.h"
#include "cornu/kernels/convolution_simd.h"

namespace cornu::convolution {
namespace {

constexpr int64_t positions_of_a_block = 128;
constexpr int64_t short_run = 8;                    // shorter ones are gathered first
constexpr double most_partial_floats = 1 << 20;     // of all parts
constexpr int64_t most_parts = 16, most_cuts = 8;
constexpr int64_t most_bundled = 16;  // blocks of small images that are met together

/// Up to `simd.rows` neighbouring numbers of the kernel's sum.
struct Strip {
  size_t run;
  int64_t offset, begins;
  int rows;
};

struct Weights {
  ConvolutionShape shape;
  Field x, dy;
  const gemm::Simd* simd;
  const Loops* loops;
  Sheet sheet;
  bool gathers, stages;  // what x holds, or its numbers as float32 with zeros around them
  bool packs;            // dy as panels; else it is one
  std::vector<Strip> strips;
  int64_t panels, parts, cuts, blocks, bundle, stage_floats, panel_floats;

  int64_t kernel_floats() const { return sheet.length * shape.filters; }
};

/// A block, what it reads if that is staged, and its rows of the first panel.
struct Ready {
  Block block;
  View view;
  const float* panel;
};

/// Where a block begins in dy.
const float* begin_in_dy(const Weights& c, const Block& b, const void* dy) {
  return static_cast<const float*>(dy) + b.n * c.dy.sample() + b.depth * c.dy.plane() + b.row * c.dy.row() + b.column * c.dy.channels;
}

/// dy of a block as panels for one group: a row for each position.
void pack_panels(const Weights& c, const Block& b, const float* dy, int64_t group, float* panels) {
  const int64_t width = c.simd->columns, filters = c.dy.channels;
  for (int64_t j = 0; j < c.panels; ++j) {
    const int64_t first = j * width, count = std::min<int64_t>(width, c.shape.group_filters() - first);
    float* to = panels + j * c.panel_floats;
    for (int64_t r = 0; r < b.rows; ++r, to += b.columns * width)
      c.simd->pack(DType::float32, dy + r * c.dy.row() + group * c.shape.group_filters() + first, 1, filters, count, width, b.columns, to);
  }
}

/// Which of `count` results from `first` on read at `offset` something that is there: a stretch of them.
Range inside(const Lattice& axis, int64_t offset, int64_t size, int64_t first, int64_t count) {
  const int64_t at = axis.from_step * first + offset, left = size - at;
  const int64_t begin = at >= 0 ? 0 : std::min(count, (-at + axis.from_step - 1) / axis.from_step);
  return {begin, std::clamp<int64_t>(left > 0 ? (left + axis.from_step - 1) / axis.from_step : 0, begin, count)};
}

/// The stretches of positions of a bundle that meet a run, each of `columns`.
struct Lines {
  int64_t count = 0, columns = 0;
  Line line[positions_of_a_block];
};
void find_lines(const Weights& c, const Sheet::Run& run, const Ready* ready, int64_t count, int64_t first_channel, const float* x, Lines& lines) {
  lines.count = 0;
  const auto& [depth, row, column] = c.sheet.axis;
  const int64_t width = c.simd->columns;
  for (int64_t k = 0; k < count; ++k) {
    const Block& b = ready[k].block;
    if (c.stages) {
      const float* from = ready[k].view.data + begin_of(c.sheet, run, ready[k].view, c.x.channels) + first_channel;
      for (int64_t r = 0; r < b.rows; ++r) lines.line[lines.count++] = {from + r * row.from_step * ready[k].view.row, ready[k].panel + r * b.columns * width};
      lines.columns = b.columns;
      continue;
    }
    const int64_t of_depth = depth.taps[run.depth_tap].offset, of_row = row.taps[run.row_tap].offset, of_column = column.taps[run.column_tap].offset;
    const auto depths = inside(depth, of_depth, c.x.size[0], b.depth, 1), rows = inside(row, of_row, c.x.size[1], b.row, b.rows);
    const auto columns = inside(column, of_column, c.x.size[2], b.column, b.columns);
    if (depths.first == depths.last || columns.first == columns.last) continue;
    const float* from = x + b.n * c.x.sample() + (depth.from_step * b.depth + of_depth) * c.x.plane() +
                        (column.from_step * (b.column + columns.first) + of_column) * c.x.channels + first_channel;
    for (int64_t r = rows.first; r < rows.last; ++r)
      lines.line[lines.count++] = {from + (row.from_step * (b.row + r) + of_row) * c.x.row(), ready[k].panel + (r * b.columns + columns.first) * width};
    lines.columns = columns.last - columns.first;
  }
}

/// Adds what a bundle of blocks contributes to the strips of the kernel.
void add_bundle(const Weights& c, Ready* ready, int64_t count, void* const* buffers, Range strips, float* panels, float* sums) {
  const int64_t width = c.simd->columns, step = c.sheet.axis[2].from_step * c.x.channels;
  float* patches = panels + (c.packs ? c.panels * c.panel_floats : 0);
  Lines lines;
  for (int64_t g = 0; g < c.shape.groups; ++g) {
    const int64_t first_channel = g * c.shape.group_channels();
    int64_t positions = 0;
    for (int64_t k = 0; k < count; ++k) {
      const Block& b = ready[k].block;
      const float* dy = begin_in_dy(c, b, buffers[1]);
      float* panel = panels + positions * width;
      if (c.packs) pack_panels(c, b, dy, g, panel);
      ready[k].panel = c.packs ? panel : dy;
      positions += b.rows * b.columns;
    }
    if (c.gathers) gather_columns(c.sheet, ready[0].block, ready[0].view, c.x.channels, first_channel, patches);
    for (int64_t s = strips.first, last; s < strips.last; s = last) {  // the strips of one run
      const size_t run = c.strips[static_cast<size_t>(s)].run;
      for (last = s + 1; last < strips.last && c.strips[static_cast<size_t>(last)].run == run;) ++last;
      if (!c.gathers) find_lines(c, c.sheet.runs[run], ready, count, first_channel, static_cast<const float*>(buffers[0]), lines);
      for (int64_t j = 0; j < c.panels; ++j) {
        const int n = static_cast<int>(std::min<int64_t>(width, c.shape.group_filters() - j * width));
        for (int64_t i = s; i < last; ++i) {
          const Strip& strip = c.strips[static_cast<size_t>(i)];
          float* to = sums + strip.begins * c.shape.filters + g * c.shape.group_filters() + j * width;
          if (c.gathers)
            c.simd->tile_in_place(positions, patches + strip.begins * positions, positions, 1, ready[0].panel + j * c.panel_floats, to, c.shape.filters, true, strip.rows, n);
          else
            c.loops->weights(lines.count, lines.line, strip.offset, j * c.panel_floats, lines.columns, step, to, c.shape.filters, strip.rows, n);
        }
      }
    }
  }
}

/// The same with a run for each tap: what they read need not lie inside together.
Sheet apart(Sheet sheet, int64_t channels) {
  std::vector<Sheet::Run> runs;
  for (const Sheet::Run& run : sheet.runs)
    for (int64_t i = 0; i < run.length / channels; ++i)
      runs.push_back({run.depth_tap, run.row_tap, run.column_tap + static_cast<size_t>(i), channels, run.begins + i * channels});
  sheet.runs = std::move(runs), sheet.longest = channels;
  return sheet;
}

void add_up(const void* context, void* const* buffers, int slice, void* scratch) {
  const auto& c = *static_cast<const Weights*>(context);
  const int64_t part = slice / c.cuts, cut = slice % c.cuts;
  const Range strips = slice_of(static_cast<int64_t>(c.strips.size()), static_cast<int>(c.cuts), static_cast<int>(cut));
  const Range blocks = slice_of(c.blocks, static_cast<int>(c.parts), static_cast<int>(part));
  float* sums = static_cast<float*>(c.parts == 1 ? buffers[2] : buffers[3]) + part * whole_lines(c.kernel_floats());
  const auto begins = [&](int64_t s) { return s < static_cast<int64_t>(c.strips.size()) ? c.strips[static_cast<size_t>(s)].begins : c.sheet.length; };
  std::fill(sums + begins(strips.first) * c.shape.filters, sums + begins(strips.last) * c.shape.filters, 0.0f);
  Ready ready[most_bundled];
  float* stages = static_cast<float*>(scratch);
  for (int64_t i = blocks.first; i < blocks.last; i += c.bundle) {
    const int64_t count = std::min<int64_t>(c.bundle, blocks.last - i);
    for (int64_t k = 0; k < count; ++k) {
      ready[k].block = block_of(c.sheet, i + k);
      if (c.stages) ready[k].view = view(c.sheet, c.x, ready[k].block, buffers[0], stages + k * c.stage_floats);
    }
    add_bundle(c, ready, count, buffers, strips, stages + c.bundle * c.stage_floats, sums);
  }
}

void join(const void* context, void* const* buffers, int slice, void*) {
  const auto& c = *static_cast<const Weights*>(context);
  const Range range = slice_of(c.kernel_floats(), slices_for(static_cast<double>(c.kernel_floats() * c.parts)), slice, 16);
  const auto* parts = static_cast<const float*>(buffers[3]);
  float* to = static_cast<float*>(buffers[2]);
  std::copy(parts + range.first, parts + range.last, to + range.first);
  for (int64_t p = 1; p < c.parts; ++p) {
    const float* part = parts + p * whole_lines(c.kernel_floats());
    for (long i = range.first; i < range.last; ++i) to[i] += part[i];
  }
}

}  // namespace

std::optional<Kernel> direct_weights(const Convolving& v, const Machine& machine) {
  const ConvolutionShape& s = v.shape;
  if (!computes_in_float32(v) || s.kernel[0] > static_cast<int64_t>(most_depth_taps) || s.batch * s.out_positions() == 0) return {};
  Weights c{.shape = s, .x = field_x(v), .dy = field_y(v), .simd = &gemm::simd_for(machine), .loops = &loops_for(machine),
            .sheet = sheets(ConvolutionPass::weights, s, positions_of_a_block)[0], .gathers = false, .stages = false, .packs = true, .strips = {}, .panels = 0, .parts = 1, .cuts = 1,
            .blocks = 0, .bundle = 1, .stage_floats = 0, .panel_floats = 0};
  c.gathers = c.sheet.longest < short_run;
  c.stages = c.gathers || v.x != DType::float32 || s.group_channels() < short_run;
  if (!c.stages) c.sheet = apart(std::move(c.sheet), s.group_channels());
  const auto cut_strips = [&](size_t run, int64_t length, int64_t begins) {
    const int64_t strips = (length + c.simd->rows - 1) / c.simd->rows;
    for (int64_t i = 0; i < strips; ++i) {
      const int64_t first = length * i / strips, rows = length * (i + 1) / strips - first;
      c.strips.push_back({run, first, begins + first, static_cast<int>(rows)});
    }
  };
  if (c.gathers) cut_strips(0, c.sheet.length, 0);
  else
    for (size_t r = 0; r < c.sheet.runs.size(); ++r) cut_strips(r, c.sheet.runs[r].length, c.sheet.runs[r].begins);
  c.panels = (s.group_filters() + c.simd->columns - 1) / c.simd->columns;
  c.blocks = s.batch * c.sheet.blocks_of_sample();
  if (!c.gathers) c.bundle = std::clamp<int64_t>(positions_of_a_block / c.sheet.block_positions(), 1, most_bundled);
  const int64_t positions = c.bundle * c.sheet.block_positions();
  c.panel_floats = whole_lines(positions * c.simd->columns);
  c.packs = s.groups > 1 || s.filters != c.simd->columns || c.sheet.block_columns != s.out[2];
  if (c.stages && needs_stage(c.sheet, c.x)) c.stage_floats = c.sheet.stage_floats(c.x.channels);
  const int64_t patch_floats = c.gathers ? positions * c.sheet.length : 0;

  const int64_t wanted = slices_for(s.multiply_adds(), 400000);
  const auto affordable = static_cast<int64_t>(most_partial_floats / static_cast<double>(std::max<int64_t>(c.kernel_floats(), 1)));
  c.parts = std::max<int64_t>(1, std::min({wanted, most_parts, c.blocks, affordable}));
  c.cuts = std::clamp<int64_t>(std::min({wanted / c.parts, most_cuts, static_cast<int64_t>(c.strips.size())}), 1, most_cuts);
  const auto slices = static_cast<int>(c.parts * c.cuts);

  Kernel kernel{.name = "convolution.direct"};
  kernel.workspace_bytes = c.parts == 1 ? 0 : static_cast<size_t>(c.parts * whole_lines(c.kernel_floats())) * sizeof(float);
  kernel.scratch_bytes = static_cast<size_t>(c.bundle * c.stage_floats + (c.packs ? c.panels * c.panel_floats : 0) + patch_floats) * sizeof(float);
  kernel.numerics = Numerics::blocked;
  const int joins = slices_for(static_cast<double>(c.kernel_floats() * c.parts));
  const bool in_parts = c.parts > 1;
  kernel.context = std::make_shared<const Weights>(std::move(c));
  kernel.phases.push_back({add_up, slices});
  if (in_parts) kernel.phases.push_back({join, joins});
  return kernel;
}

}  // namespace cornu::convolution
