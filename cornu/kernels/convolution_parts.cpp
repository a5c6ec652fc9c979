#include "cornu/kernels/convolution_parts.h"

#include <algorithm>
#include <cstring>

namespace cornu::convolution {

std::vector<Lattice> lattices(ConvolutionPass pass, const ConvolutionShape& s, int axis) {
  const auto a = static_cast<size_t>(axis);
  const int64_t stride = s.stride[a], dilation = s.dilation[a], before = s.before[a];
  if (pass != ConvolutionPass::input) {
    Lattice all{.count = s.out[a], .from_step = stride};
    for (int64_t k = 0; k < s.kernel[a]; ++k) all.taps.push_back({k * dilation - before, k});
    return {all};
  }
  // dx[i] = sum of dy[o] w[k] over o stride + k dilation - before = i: with i = first + stride j, o is j + an offset.
  std::vector<Lattice> list;
  for (int64_t first = 0; first < std::min(stride, s.in[a]); ++first) {
    Lattice part{.first = first, .step = stride, .count = (s.in[a] - first + stride - 1) / stride};
    for (int64_t k = s.kernel[a]; k-- > 0;) {
      const int64_t o = first + before - k * dilation;
      if (o % stride == 0) part.taps.push_back({o / stride, k});
    }
    list.push_back(std::move(part));
  }
  return list;
}

Field field_x(const Convolving& c) { return {c.shape.in, c.shape.channels, c.x}; }
Field field_y(const Convolving& c) { return {c.shape.out, c.shape.filters, c.other}; }

bool computes_in_float32(const Convolving& c) {
  const bool bytes = c.x == DType::uint8 && c.pass != ConvolutionPass::input;
  return c.other == DType::float32 && (c.x == DType::float32 || bytes);
}

int64_t Sheet::stage_floats(int64_t channels) const {
  if (is_empty()) return 0;
  return whole_lines(static_cast<int64_t>(axis[0].taps.size()) * axis[1].reach(block_rows) * axis[2].reach(block_columns) * channels);
}

Sheet make_sheet(std::array<Lattice, 3> axis, int64_t group_channels, int64_t groups, int64_t positions) {
  Sheet sheet{.axis = std::move(axis)};
  const auto& [depth, row, column] = sheet.axis;
  for (size_t d = 0; d < depth.taps.size(); ++d)
    for (size_t r = 0; r < row.taps.size(); ++r)
      for (size_t c = 0; c < column.taps.size(); ++c) {
        // Taps that read neighbours make one run, where all channels belong together.
        if (c > 0 && groups == 1 && column.taps[c].offset == column.taps[c - 1].offset + 1) sheet.runs.back().length += group_channels;
        else sheet.runs.push_back({d, r, c, group_channels, sheet.length});
        sheet.length += group_channels;
        sheet.longest = std::max(sheet.longest, sheet.runs.back().length);
      }
  sheet.block_columns = std::clamp<int64_t>(column.count, 1, positions);
  if (column.count > positions) {  // in parts of nearly one size
    const int64_t parts = (column.count + positions - 1) / positions;
    sheet.block_columns = (column.count + parts - 1) / parts;
  }
  sheet.block_rows = std::clamp<int64_t>(positions / sheet.block_columns, 1, std::max<int64_t>(row.count, 1));
  if (row.count > 0) {
    const int64_t parts = (row.count + sheet.block_rows - 1) / sheet.block_rows;
    sheet.block_rows = (row.count + parts - 1) / parts;
  }
  return sheet;
}

std::vector<Sheet> sheets(ConvolutionPass pass, const ConvolutionShape& s, int64_t positions) {
  const int64_t channels = pass == ConvolutionPass::input ? s.group_filters() : s.group_channels();
  std::vector<Sheet> all;
  for (const Lattice& depth : lattices(pass, s, 0))
    for (const Lattice& row : lattices(pass, s, 1))
      for (const Lattice& column : lattices(pass, s, 2)) all.push_back(make_sheet({depth, row, column}, channels, s.groups, positions));
  return all;
}

Block block_of(const Sheet& sheet, int64_t index) {
  const int64_t columns = sheet.column_blocks(), rows = sheet.row_blocks();
  Block b{};
  b.column = index % columns * sheet.block_columns, index /= columns;
  b.row = index % rows * sheet.block_rows, index /= rows;
  b.depth = index % sheet.axis[0].count, b.n = index / sheet.axis[0].count;
  b.rows = std::min(sheet.block_rows, sheet.axis[1].count - b.row);
  b.columns = std::min(sheet.block_columns, sheet.axis[2].count - b.column);
  return b;
}

bool needs_stage(const Sheet& sheet, const Field& from, int64_t repeat) {
  if (from.dtype != DType::float32 || repeat > 1) return true;
  for (size_t a = 0; a < 3; ++a) {
    const Lattice& l = sheet.axis[a];
    if (l.lowest() < 0 || l.lowest() + l.reach(l.count) > from.size[a]) return true;
  }
  return false;
}

namespace {

template <class T> void copy_numbers(const T* from, int64_t count, int64_t repeat, float* to) {
  if constexpr (std::is_same_v<T, float>) {
    if (repeat == 1) {
      std::memcpy(to, from, static_cast<size_t>(count) * sizeof(float));
      return;
    }
  }
  for (int64_t i = 0; i < count; ++i)
    for (int64_t r = 0; r < repeat; ++r) *to++ = static_cast<float>(from[i]);
}

template <class T>
void fill_stage(const Sheet& sheet, const Field& from, const Block& b, const T* numbers, float* stage, int64_t repeat) {
  const auto& [depth, row, column] = sheet.axis;
  const int64_t rows = row.reach(b.rows), columns = column.reach(b.columns), channels = from.channels * repeat;
  const int64_t first_row = row.from_step * b.row + row.lowest(), first_column = column.from_step * b.column + column.lowest();
  const int64_t left = std::clamp<int64_t>(-first_column, 0, columns), right = std::clamp<int64_t>(from.size[2] - first_column, left, columns);
  for (const Tap& tap : depth.taps) {
    const int64_t plane = depth.from_step * b.depth + tap.offset;
    for (int64_t r = first_row; r < first_row + rows; ++r, stage += columns * channels) {
      if (plane < 0 || plane >= from.size[0] || r < 0 || r >= from.size[1]) {
        std::fill_n(stage, columns * channels, 0.0f);
        continue;
      }
      std::fill_n(stage, left * channels, 0.0f);
      const T* source = numbers + b.n * from.sample() + plane * from.plane() + r * from.row() + (first_column + left) * from.channels;
      copy_numbers(source, (right - left) * from.channels, repeat, stage + left * channels);
      std::fill_n(stage + right * channels, (columns - right) * channels, 0.0f);
    }
  }
}

}  // namespace

View view(const Sheet& sheet, const Field& from, const Block& b, const void* numbers, float* stage, int64_t repeat) {
  const auto& [depth, row, column] = sheet.axis;
  const int64_t rows = row.reach(b.rows), columns = column.reach(b.columns);
  const int64_t first_row = row.from_step * b.row + row.lowest(), first_column = column.from_step * b.column + column.lowest();
  const int64_t first_plane = depth.from_step * b.depth + depth.lowest(), last_plane = depth.from_step * b.depth + depth.taps.back().offset;
  const bool inside = first_row >= 0 && first_row + rows <= from.size[1] && first_column >= 0 && first_column + columns <= from.size[2] &&
                      first_plane >= 0 && last_plane < from.size[0];
  View v{};
  if (inside && from.dtype == DType::float32 && repeat == 1) {
    v.data = static_cast<const float*>(numbers) + b.n * from.sample() + first_plane * from.plane() + first_row * from.row() + first_column * from.channels;
    v.row = from.row();
    for (size_t t = 0; t < depth.taps.size(); ++t) v.plane[t] = (depth.taps[t].offset - depth.lowest()) * from.plane();
    return v;
  }
  if (from.dtype == DType::uint8) fill_stage(sheet, from, b, static_cast<const uint8_t*>(numbers), stage, repeat);
  else fill_stage(sheet, from, b, static_cast<const float*>(numbers), stage, repeat);
  v.data = stage, v.row = columns * from.channels * repeat;
  for (size_t t = 0; t < depth.taps.size(); ++t) v.plane[t] = static_cast<int64_t>(t) * rows * v.row;
  return v;
}

void gather_columns(const Sheet& sheet, const Block& b, const View& v, int64_t channels, int64_t first_channel, float* to) {
  const int64_t step = sheet.axis[2].from_step * channels, row_step = sheet.axis[1].from_step * v.row;
  for (const Sheet::Run& run : sheet.runs) {
    const float* begin = v.data + begin_of(sheet, run, v, channels) + first_channel;
    for (int64_t i = 0; i < run.length; ++i)
      for (int64_t r = 0; r < b.rows; ++r) {
        const float* from = begin + r * row_step + i;
        if (step == 1) std::memcpy(to, from, static_cast<size_t>(b.columns) * sizeof(float));
        else
          for (int64_t c = 0; c < b.columns; ++c) to[c] = from[c * step];
        to += b.columns;
      }
  }
}

void gather_rows(const Sheet& sheet, const Block& b, const View& v, int64_t channels, int64_t first_channel, float* to) {
  const int64_t step = sheet.axis[2].from_step * channels, row_step = sheet.axis[1].from_step * v.row;
  for (const Sheet::Run& run : sheet.runs) {
    const float* begin = v.data + begin_of(sheet, run, v, channels) + first_channel;
    for (int64_t r = 0; r < b.rows; ++r)
      for (int64_t c = 0; c < b.columns; ++c)
        std::memcpy(to + (r * b.columns + c) * sheet.length + run.begins, begin + r * row_step + c * step, static_cast<size_t>(run.length) * sizeof(float));
  }
}

}  // namespace cornu::convolution
