// What the kernels of convolutions share: which numbers meet, and a rectangle of numbers with its margin. Private to them.
#pragma once
#include <vector>

#include "cornu/kernels/convolution.h"
#include "cornu/kernels/gemm_simd.h"

namespace cornu::convolution {

/// Along one axis, kernel position `index` meets from[from_step j + offset] in the sum for result j.
struct Tap {
  int64_t offset, index;
};

/// Along one axis: results at first, first + step, ..., `count` of them, all with the same taps, by ascending offset.
/// A forward pass has one lattice for each axis; the gradient with respect to x one for each remainder modulo the stride.
struct Lattice {
  int64_t first = 0, step = 1, count = 0, from_step = 1;
  std::vector<Tap> taps;

  int64_t lowest() const { return taps.front().offset; }
  /// How many positions `results` neighbours read, from the lowest tap of the first to the highest of the last.
  int64_t reach(int64_t results) const { return (results - 1) * from_step + taps.back().offset - taps.front().offset + 1; }
};
/// For `pass` forward (also what weights reads of x) or input.
std::vector<Lattice> lattices(ConvolutionPass pass, const ConvolutionShape& shape, int axis);

/// What is read and what is written, position by position: [batch, sizes..., channels].
struct Field {
  std::array<int64_t, 3> size;
  int64_t channels;
  DType dtype = DType::float32;
  int64_t row() const { return size[2] * channels; }
  int64_t plane() const { return size[1] * row(); }
  int64_t sample() const { return size[0] * plane(); }
};
Field field_x(const Convolving& c);
Field field_y(const Convolving& c);

/// A lattice for each axis, and the stretches of numbers that lie side by side in what is read and in the kernel.
struct Sheet {
  std::array<Lattice, 3> axis;
  struct Run {
    size_t depth_tap, row_tap, column_tap;
    int64_t length;  // numbers of one group
    int64_t begins;  // where they are in the sum
  };
  std::vector<Run> runs;
  int64_t length = 0;  // of the sum
  int64_t longest = 0;  // run
  /// Results: rows of columns, taken in blocks of up to `block_rows` x `block_columns`.
  int64_t block_rows = 1, block_columns = 1;

  bool is_empty() const { return runs.empty(); }
  int64_t row_blocks() const { return (axis[1].count + block_rows - 1) / block_rows; }
  int64_t column_blocks() const { return (axis[2].count + block_columns - 1) / block_columns; }
  int64_t blocks_of_sample() const { return axis[0].count * row_blocks() * column_blocks(); }
  int64_t block_positions() const { return block_rows * block_columns; }
  /// The most numbers that a block reads, margins and all.
  int64_t stage_floats(int64_t channels) const;
};
/// `group_channels`: of what is read. Blocks of about `positions` results.
Sheet make_sheet(std::array<Lattice, 3> axis, int64_t group_channels, int64_t groups, int64_t positions);
/// Every combination of the lattices of three axes.
std::vector<Sheet> sheets(ConvolutionPass pass, const ConvolutionShape& shape, int64_t positions);

/// Results [row, row + rows) x [column, column + columns) of sample n at depth `depth`: counted in the lattices.
struct Block {
  int64_t n, depth, row, rows, column, columns;
};
Block block_of(const Sheet& sheet, int64_t index);

/// What a block reads.
struct View {
  const float* data;  // what the lowest taps of the first result read, in its first channel
  int64_t row;        // from one row to the next, in floats
  std::array<int64_t, 32> plane;  // where each depth tap's numbers begin
};
inline constexpr size_t most_depth_taps = 32;

/// Whether a block that reads `from` may have to be staged; each channel is then written `repeat` times.
bool needs_stage(const Sheet& sheet, const Field& from, int64_t repeat = 1);
/// The numbers where they lie, or copied into `stage` as float32 with zeros around them.
View view(const Sheet& sheet, const Field& from, const Block& block, const void* numbers, float* stage, int64_t repeat = 1);

/// Where `run` begins for the block's first result.
inline int64_t begin_of(const Sheet& sheet, const Sheet::Run& run, const View& v, int64_t channels) {
  const auto& [depth, row, column] = sheet.axis;
  return v.plane[run.depth_tap] + (row.taps[run.row_tap].offset - row.lowest()) * v.row +
         (column.taps[run.column_tap].offset - column.lowest()) * channels;
}

/// patches[(run.begins + i) * positions + p]: number i of a run for result p of the block; or [p * length + run.begins + i].
void gather_columns(const Sheet& sheet, const Block& block, const View& v, int64_t channels, int64_t first_channel, float* patches);
void gather_rows(const Sheet& sheet, const Block& block, const View& v, int64_t channels, int64_t first_channel, float* patches);

inline int64_t whole_lines(int64_t floats) { return (floats + 15) / 16 * 16; }

// Each candidate lives in a file of its own; nothing where it does not apply.
std::optional<Kernel> reference(const Convolving& c, const Machine& machine, const Epilogue* epilogue);
std::optional<Kernel> product(const Convolving& c, const Machine& machine, const Epilogue* epilogue);
std::optional<Kernel> depthwise(const Convolving& c, const Machine& machine, const Epilogue* epilogue);
std::optional<Kernel> direct(const Convolving& c, const Machine& machine, const Epilogue* epilogue);
/// Two halves of `direct`.
std::optional<Kernel> direct_gather(const Convolving& c, const Machine& machine, const Epilogue* epilogue);
std::optional<Kernel> direct_weights(const Convolving& c, const Machine& machine);

/// Whether the kernels that compute in float32 take these element types.
bool computes_in_float32(const Convolving& c);

}  // namespace cornu::convolution
