// The gradient with respect to the kernel: for each of its rows of numbers the product of what they met, transposed, with dy.
// Blocks of positions are dealt to parts, each with sums of its own; these are added up at the end, in order.
#include <algorithm>
#include <cstring>

#include "cornu/kernels/convolution_parts.h"

namespace cornu::convolution {
namespace {

constexpr int64_t positions_of_a_block = 192;
constexpr int64_t short_run = 8;                    // shorter ones are gathered first
constexpr double most_partial_floats = 1 << 20;     // of all parts
constexpr int64_t most_parts = 16, most_cuts = 8;
// Sums that do not stay in the cache are met by several blocks at a time, as many as do.
constexpr int64_t many_sums = 64 * 1024, most_bundled = 16, bundled_floats = 96 * 1024;  // of dy

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
  Sheet sheet;
  bool gathers;
  std::vector<Strip> strips;
  int64_t panels, parts, cuts, blocks, stage_floats, panel_floats;
  int64_t block_floats = 0, bundle = 1;  // of a block made ready; how many at a time

  int64_t kernel_floats() const { return sheet.length * shape.filters; }
};

/// dy of a block as panels for one group: a row for each position. The rows of positions begin `pitch` apart, with zeros between.
void pack_panels(const Weights& c, const Block& b, const void* dy, int64_t group, int64_t pitch, float* to) {
  const int64_t width = c.simd->columns, filters = c.dy.channels;
  const float* first = static_cast<const float*>(dy) + b.n * c.dy.sample() + b.depth * c.dy.plane() + b.row * c.dy.row() + b.column * filters +
                       group * c.shape.group_filters();
  for (int64_t j = 0; j < c.panels; ++j) {
    const int64_t count = std::min<int64_t>(width, c.shape.group_filters() - j * width);
    float* panel = to + j * c.panel_floats;
    for (int64_t r = 0; r < b.rows; ++r, panel += pitch * width) {
      c.simd->pack(DType::float32, first + r * c.dy.row() + j * width, 1, filters, count, width, b.columns, panel);
      if (r + 1 < b.rows) std::fill_n(panel + b.columns * width, (pitch - b.columns) * width, 0.0f);
    }
  }
}

/// A block made ready: what it reads, and its dy as panels.
struct Ready {
  Block block;
  View view;
  int64_t of_row, length;  // of its positions as one long row; of_row from one of its rows to the next
  bool is_long;
  float *panels, *patches;
};

Ready make_ready(const Weights& c, const Block& b, const void* x, float* memory) {
  const Sheet& sheet = c.sheet;
  Ready r{.block = b, .view = view(sheet, c.x, b, x, memory), .of_row = b.columns, .length = b.rows * b.columns, .is_long = true,
          .panels = memory + c.stage_floats, .patches = memory + c.stage_floats + c.panels * c.panel_floats};
  if (c.gathers) return r;
  // All rows of positions are one long one where the step fits: what is met between them is met by zeros.
  const int64_t step = sheet.axis[2].from_step * c.x.channels, row_step = sheet.axis[1].from_step * r.view.row;
  const int64_t pitch = row_step % step == 0 ? row_step / step : 0;
  r.is_long = b.rows == 1 || (pitch >= b.columns && (pitch * 4 <= b.columns * 5 || (b.columns < 16 && pitch <= b.columns * 2)));
  if (r.is_long) r.of_row = pitch, r.length = (b.rows - 1) * pitch + b.columns;
  return r;
}

/// Adds what `count` blocks contribute to the strips of the kernel.
void add_blocks(const Weights& c, const Ready* ready, int64_t count, const void* dy, Range strips, float* sums) {
  const Sheet& sheet = c.sheet;
  const int64_t step = sheet.axis[2].from_step * c.x.channels, width = c.simd->columns;
  for (int64_t g = 0; g < c.shape.groups; ++g) {
    for (int64_t k = 0; k < count; ++k) {
      const Ready& r = ready[k];
      pack_panels(c, r.block, dy, g, r.of_row, r.panels);
      if (c.gathers) gather_columns(sheet, r.block, r.view, c.x.channels, g * c.shape.group_channels(), r.patches);
    }
    for (int64_t s = strips.first; s < strips.last; ++s) {
      const Strip& strip = c.strips[static_cast<size_t>(s)];
      float* to = sums + strip.begins * c.shape.filters + g * c.shape.group_filters();
      for (int64_t j = 0; j < c.panels; ++j) {
        const int n = static_cast<int>(std::min<int64_t>(width, c.shape.group_filters() - j * width));
        for (int64_t k = 0; k < count; ++k) {
          const Ready& r = ready[k];
          const float* panel = r.panels + j * c.panel_floats;
          if (c.gathers) {
            c.simd->tile_in_place(r.length, r.patches + strip.begins * r.length, r.length, 1, panel, to + j * width, c.shape.filters, true, strip.rows, n);
            continue;
          }
          const float* a = r.view.data + begin_of(sheet, sheet.runs[strip.run], r.view, c.x.channels) + g * c.shape.group_channels() + strip.offset;
          const int64_t rows = r.is_long ? 1 : r.block.rows, length = r.is_long ? r.length : r.block.columns;
          for (int64_t row = 0; row < rows; ++row)
            c.simd->tile_in_place(length, a + row * sheet.axis[1].from_step * r.view.row, 1, step, panel + row * r.of_row * width, to + j * width, c.shape.filters,
                                  true, strip.rows, n);
        }
      }
    }
  }
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
  for (int64_t i = blocks.first; i < blocks.last; i += c.bundle) {
    const int64_t count = std::min<int64_t>(c.bundle, blocks.last - i);
    for (int64_t k = 0; k < count; ++k) ready[k] = make_ready(c, block_of(c.sheet, i + k), buffers[0], static_cast<float*>(scratch) + k * c.block_floats);
    add_blocks(c, ready, count, buffers[1], strips, sums);
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
  Weights c{.shape = s, .x = field_x(v), .dy = field_y(v), .simd = &gemm::simd_for(machine),
            .sheet = sheets(ConvolutionPass::weights, s, positions_of_a_block)[0], .gathers = false, .strips = {}, .panels = 0, .parts = 1, .cuts = 1,
            .blocks = 0, .stage_floats = 0, .panel_floats = 0};
  c.gathers = c.sheet.longest < short_run;
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
  c.panel_floats = whole_lines(c.sheet.block_positions() * 2 * c.simd->columns);  // margins between rows are no longer than the rows
  if (needs_stage(c.sheet, c.x)) c.stage_floats = c.sheet.stage_floats(c.x.channels);
  const int64_t patch_floats = c.gathers ? c.sheet.length * c.sheet.block_positions() : 0;

  c.block_floats = c.stage_floats + c.panels * c.panel_floats + whole_lines(patch_floats);
  if (c.kernel_floats() > many_sums) c.bundle = std::clamp<int64_t>(bundled_floats / (c.panels * c.panel_floats), 1, most_bundled);

  const int64_t wanted = slices_for(s.multiply_adds(), 400000);
  const auto affordable = static_cast<int64_t>(most_partial_floats / static_cast<double>(std::max<int64_t>(c.kernel_floats(), 1)));
  c.parts = std::max<int64_t>(1, std::min({wanted, most_parts, c.blocks, affordable}));
  c.cuts = std::clamp<int64_t>(std::min({wanted / c.parts, most_cuts, static_cast<int64_t>(c.strips.size())}), 1, most_cuts);
  const auto slices = static_cast<int>(c.parts * c.cuts);

  Kernel kernel{.name = "convolution.direct"};
  kernel.workspace_bytes = c.parts == 1 ? 0 : static_cast<size_t>(c.parts * whole_lines(c.kernel_floats())) * sizeof(float);
  kernel.scratch_bytes = static_cast<size_t>(c.bundle * c.block_floats) * sizeof(float);
  kernel.numerics = Numerics::blocked;
  const int joins = slices_for(static_cast<double>(c.kernel_floats() * c.parts));
  const bool in_parts = c.parts > 1;
  kernel.context = std::make_shared<const Weights>(std::move(c));
  kernel.phases.push_back({add_up, slices});
  if (in_parts) kernel.phases.push_back({join, joins});
  return kernel;
}

}  // namespace cornu::convolution
