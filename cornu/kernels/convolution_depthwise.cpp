// Depthwise convolutions: each channel has `multiplier` filters of its own, so that channels are lanes and nothing is multiplied
// across them. With a multiplier above one, x is read with each channel repeated.
#include "cornu/kernels/convolution_depthwise.h"

#include <algorithm>

#include "cornu/kernels/convolution_parts.h"

namespace cornu::convolution {
namespace {

constexpr int64_t positions_of_a_block = 256;
constexpr int64_t most_parts = 16;

struct Depthwise {
  ConvolutionShape shape;
  ConvolutionPass pass;
  Field from, to;  // of weights: x and dy
  DepthwiseLoops loops;
  int64_t multiplier;
  std::vector<Sheet> sheets;
  std::vector<int64_t> first_block;
  int64_t blocks = 0, stage_floats = 0, row_floats = 0, most_taps = 1;
  int slices = 1;

  /// How often a channel of what is read is repeated.
  int64_t repeat() const { return pass == ConvolutionPass::input ? 1 : multiplier; }
  int64_t kernel_floats() const { return shape.taps() * shape.filters; }
};

/// Where each tap's numbers begin for the block's first result.
void find_taps(const Sheet& sheet, const View& v, int64_t channels, const float** from) {
  for (const Sheet::Run& run : sheet.runs) *from++ = v.data + begin_of(sheet, run, v, channels);
}
int64_t index_of(const Depthwise& c, const Sheet& sheet, const Sheet::Run& run) {
  const auto& [depth, row, column] = sheet.axis;
  return (depth.taps[run.depth_tap].index * c.shape.kernel[1] + row.taps[run.row_tap].index) * c.shape.kernel[2] + column.taps[run.column_tap].index;
}

/// A thread's scratch: pointers to the taps of x and of w, then floats.
struct Scratch {
  const float **from, **w;
  float *stage, *row;
  Scratch(const Depthwise& c, void* scratch) {
    from = static_cast<const float**>(scratch), w = from + whole_lines(c.most_taps);
    stage = reinterpret_cast<float*>(w + whole_lines(c.most_taps)), row = stage + c.stage_floats;
  }
};

void gather(const Depthwise& c, void* const* buffers, int slice, void* scratch) {
  const Scratch s(c, scratch);
  const auto* w = static_cast<const float*>(buffers[1]);
  const int64_t channels = c.shape.filters;  // lanes: of dy, or of x repeated
  const bool folds = c.pass == ConvolutionPass::input && c.multiplier > 1;
  const Range blocks = slice_of(c.blocks, c.slices, slice);
  for (int64_t index = blocks.first; index < blocks.last; ++index) {
    size_t i = c.sheets.size() - 1;
    while (c.first_block[i] > index) --i;
    const Sheet& sheet = c.sheets[i];
    const Block b = block_of(sheet, index - c.first_block[i]);
    const auto& [depth, row, column] = sheet.axis;
    const bool empty = sheet.is_empty();
    const View v = empty ? View{} : view(sheet, c.from, b, buffers[0], s.stage, c.repeat());
    if (!empty) find_taps(sheet, v, channels, s.from);
    for (size_t t = 0; t < sheet.runs.size(); ++t) s.w[t] = w + index_of(c, sheet, sheet.runs[t]) * channels;
    for (int64_t r = 0; r < b.rows; ++r) {
      const int64_t first = ((b.n * c.to.size[0] + depth.first + b.depth * depth.step) * c.to.size[1] + row.first + (b.row + r) * row.step) * c.to.size[2] +
                            column.first + b.column * column.step;
      float* to = static_cast<float*>(buffers[2]) + first * c.to.channels;
      const int64_t to_step = column.step * c.to.channels;
      c.loops.gather(b.columns, channels, static_cast<int64_t>(sheet.runs.size()), s.from, column.from_step * channels, s.w, folds ? s.row : to,
                     folds ? channels : to_step);
      for (int64_t p = 0; folds && p < b.columns; ++p)
        for (int64_t k = 0; k < c.to.channels; ++k) {
          const float* parts = s.row + p * channels + k * c.multiplier;
          float sum = parts[0];
          for (int64_t m = 1; m < c.multiplier; ++m) sum += parts[m];
          to[p * to_step + k] = sum;
        }
      for (size_t t = 0; t < sheet.runs.size(); ++t) s.from[t] += row.from_step * v.row;
    }
  }
}

/// Blocks of positions are dealt to parts with sums of their own.
void add_up(const void* context, void* const* buffers, int slice, void* scratch) {
  const auto& c = *static_cast<const Depthwise*>(context);
  const Scratch s(c, scratch);
  const Sheet& sheet = c.sheets[0];
  const int64_t channels = c.shape.filters, taps = c.shape.taps();
  float* sums = static_cast<float*>(c.slices == 1 ? buffers[2] : buffers[3]) + slice * whole_lines(c.kernel_floats());
  std::fill_n(sums, c.kernel_floats(), 0.0f);
  const Range blocks = slice_of(c.blocks, c.slices, slice);
  for (int64_t index = blocks.first; index < blocks.last; ++index) {
    const Block b = block_of(sheet, index);
    const View v = view(sheet, c.from, b, buffers[0], s.stage, c.multiplier);
    find_taps(sheet, v, channels, s.from);
    const float* dy = static_cast<const float*>(buffers[1]) + b.n * c.to.sample() + b.depth * c.to.plane() + b.row * c.to.row() + b.column * channels;
    for (int64_t r = 0; r < b.rows; ++r) {
      c.loops.sums(b.columns, channels, taps, s.from, sheet.axis[2].from_step * channels, dy + r * c.to.row(), channels, sums);
      for (int64_t t = 0; t < taps; ++t) s.from[t] += sheet.axis[1].from_step * v.row;
    }
  }
}

void join(const void* context, void* const* buffers, int, void*) {
  const auto& c = *static_cast<const Depthwise*>(context);
  const auto* parts = static_cast<const float*>(buffers[3]);
  float* to = static_cast<float*>(buffers[2]);
  std::copy_n(parts, c.kernel_floats(), to);
  for (int64_t p = 1; p < c.slices; ++p)
    for (int64_t i = 0; i < c.kernel_floats(); ++i) to[i] += parts[p * whole_lines(c.kernel_floats()) + i];
}

}  // namespace

std::optional<Kernel> depthwise(const Convolving& v, const Machine&, const Epilogue* epilogue) {
  const ConvolutionShape& s = v.shape;
  const bool weights = v.pass == ConvolutionPass::weights, forward = v.pass == ConvolutionPass::forward;
  if (epilogue || s.groups == 1 || s.groups != s.channels || !computes_in_float32(v) || s.kernel[0] > static_cast<int64_t>(most_depth_taps)) return {};
  if (weights && s.batch * s.out_positions() == 0) return {};
  Depthwise c{.shape = s, .pass = v.pass, .from = weights || forward ? field_x(v) : field_y(v), .to = weights || forward ? field_y(v) : field_x(v),
              .loops = depthwise_loops(), .multiplier = s.group_filters(), .sheets = sheets(v.pass, s, positions_of_a_block), .first_block = {}};
  for (const Sheet& sheet : c.sheets) {
    c.first_block.push_back(c.blocks);
    c.blocks += s.batch * sheet.blocks_of_sample();
    c.most_taps = std::max(c.most_taps, static_cast<int64_t>(sheet.runs.size()));
    if (!sheet.is_empty() && needs_stage(sheet, c.from, c.repeat())) c.stage_floats = std::max(c.stage_floats, sheet.stage_floats(c.from.channels * c.repeat()));
    if (v.pass == ConvolutionPass::input) c.row_floats = std::max(c.row_floats, sheet.block_columns * s.filters);
  }
  if (c.sheets.empty()) return {};
  // A multiply-add costs a load here.
  const int64_t wanted = slices_for(s.multiply_adds(), 60000);
  c.slices = static_cast<int>(std::max<int64_t>(1, std::min({wanted, c.blocks, weights ? most_parts : wanted})));
  const int slices = c.slices;
  const size_t pointers = 2 * static_cast<size_t>(whole_lines(c.most_taps)) * sizeof(float*);
  const size_t scratch = pointers + static_cast<size_t>(c.stage_floats + c.row_floats) * sizeof(float);
  const size_t workspace = weights && slices > 1 ? static_cast<size_t>(slices * whole_lines(c.kernel_floats())) * sizeof(float) : 0;
  Kernel kernel{.name = "convolution.depthwise"};
  if (weights) {
    kernel.context = std::make_shared<const Depthwise>(std::move(c));
    kernel.phases.push_back({add_up, slices});
    if (slices > 1) kernel.phases.push_back({join, 1});
  } else {
    kernel = make_kernel("convolution.depthwise", std::move(c), gather, slices);
  }
  kernel.scratch_bytes = scratch, kernel.workspace_bytes = workspace;
  kernel.numerics = Numerics::blocked;
  return kernel;
}

}  // namespace cornu::convolution
