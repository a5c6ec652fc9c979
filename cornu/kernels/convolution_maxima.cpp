// Gradients of convolutions that meet only the maxima of their windows: see convolution_maxima.h.
#include "cornu/kernels/convolution_maxima.h"

#include <algorithm>

#include "cornu/kernels/convolution_parts.h"
#include "cornu/kernels/gemm_parts.h"

namespace cornu {
namespace {

constexpr int64_t most_sample_floats = 1 << 16;   // what a sample reads, which every filter passes over
constexpr int64_t filters_of_a_block = 16;
constexpr int64_t short_run = 16;  // so few numbers side by side: filters are the vectors instead
constexpr int64_t masked_block = 64, masked_numbers = 2048;
constexpr int64_t most_parts = 8;

using convolution::whole_lines;

/// A sample of x with its margins, row by row, and where results and taps find their numbers in it.
struct Sample {
  ConvolutionShape c;
  PoolingShape pool;
  int64_t rows, columns;  // that results read
  bool in_place;          // x itself is such a sample

  explicit Sample(const ConvolutionOfMaxima& m)
      : c(m.convolution), pool(m.pool), rows(c.out[1] + c.kernel[1] - 1), columns(c.out[2] + c.kernel[2] - 1),
        in_place(m.x == DType::float32 && c.before[1] == 0 && c.before[2] == 0 && rows <= c.in[1] && columns <= c.in[2]) {
    if (in_place) rows = c.in[1], columns = c.in[2];
  }
  int64_t row() const { return columns * c.channels; }
  int64_t floats() const { return rows * row(); }
  int64_t results() const { return pool.out[1] * pool.out[2]; }
  int64_t run() const { return c.kernel[2] * c.channels; }
  int64_t cells() const { return pool.size[1] * pool.size[2]; }
  /// Whether every cell of every window is a result of the convolution.
  bool windows_inside() const {
    const auto fits = [&](size_t axis) { return pool.before[axis] == 0 && (pool.out[axis] - 1) * pool.stride[axis] + pool.size[axis] <= pool.in[axis]; };
    return fits(1) && fits(2);
  }
  /// Of the first cell of a window, and of the others from there.
  int64_t base(int64_t result) const {
    const int64_t h = result / pool.out[2], w = result % pool.out[2];
    return (h * pool.stride[1] - pool.before[1]) * row() + (w * pool.stride[2] - pool.before[2]) * c.channels;
  }
  int64_t cell(int64_t number) const { return number / pool.size[2] * row() + number % pool.size[2] * c.channels; }

  /// Rows and columns of x that a sample holds, and where they stand in it.
  int64_t rows_inside() const { return std::min(c.in[1], rows - c.before[1]); }
  int64_t columns_inside() const { return std::min(c.in[2], columns - c.before[2]); }
  int64_t inside() const { return c.before[1] * row() + c.before[2] * c.channels; }
};

template <class T> void stage(const Sample& s, const T* x, float* to) {
  std::fill_n(to, s.floats(), 0.0f);
  for (int64_t r = 0; r < s.rows_inside(); ++r) {
    const T* from = x + r * s.c.in[2] * s.c.channels;
    std::transform(from, from + s.columns_inside() * s.c.channels, to + s.inside() + r * s.row(), [](T v) { return static_cast<float>(v); });
  }
}

/// For each of `filters` filters from `first` on, the results of a sample that have a gradient, in order.
struct Lists {
  Maximum* entries;  // `results` for each filter
  int64_t* counts;
  const int64_t* bases;
  const int64_t* cells;

  void fill(const Sample& s, const float* d, const int32_t* where, int64_t first, int64_t filters) const {
    const int64_t results = s.results(), row = s.c.filters;
    for (int64_t f = 0; f < filters; ++f) {
      Maximum* next = entries + f * results;
      for (int64_t p = 0; p < results; ++p) {  // without a branch: every other gradient is zero behind a relu
        const float g = d[p * row + first + f];
        *next = {static_cast<int32_t>(bases[p] + cells[where[p * row + first + f]]), g};
        next += g != 0;
      }
      counts[f] = next - entries - f * results;
    }
  }
};

/// Tables that both gradients read.
struct Tables {
  std::vector<int64_t> bases, cells;
  explicit Tables(const Sample& s) {
    for (int64_t p = 0; p < s.results(); ++p) bases.push_back(s.base(p));
    for (int64_t t = 0; t < s.cells(); ++t) cells.push_back(s.cell(t));
  }
};

struct KernelGradient {
  Sample sample;
  Tables tables;
  DType x;
  const MaximaLoops* loops;
  bool masked;
  int64_t block, blocks, parts;

  int64_t length() const { return sample.c.kernel[1] * sample.run(); }
  int64_t floats() const { return length() * sample.c.filters; }
  int64_t stage_floats() const { return sample.in_place ? 0 : whole_lines(sample.floats()); }
  size_t scratch_bytes() const {
    const auto sums = static_cast<size_t>(stage_floats() + whole_lines(block * length())) * sizeof(float);
    return sums + static_cast<size_t>(block) * (static_cast<size_t>(sample.results() + 1) * sizeof(Maximum) + sizeof(int64_t)) + 64;
  }
};

/// A part of the samples, a block of filters.
void add_up(const void* context, void* const* buffers, int slice, void* scratch) {
  const auto& k = *static_cast<const KernelGradient*>(context);
  const Sample& s = k.sample;
  const int64_t part = slice / k.blocks, first = slice % k.blocks * k.block, filters = std::min(k.block, s.c.filters - first);
  const Range samples = slice_of(s.c.batch, static_cast<int>(k.parts), static_cast<int>(part));
  auto* staged = static_cast<float*>(scratch);
  float* sums = staged + k.stage_floats();
  auto* entries = reinterpret_cast<Maximum*>(sums + whole_lines(k.block * k.length()));
  const Lists lists{entries, reinterpret_cast<int64_t*>(entries + (k.block * s.results() + 8) / 8 * 8), k.tables.bases.data(), k.tables.cells.data()};
  std::fill_n(sums, k.block * k.length(), 0.0f);
  const int64_t size = s.c.in_positions() * s.c.channels, of_sample = s.results() * s.c.filters;
  for (int64_t n = samples.first; n < samples.last; ++n) {
    const float* x = static_cast<const float*>(buffers[0]) + n * size;
    if (!s.in_place) {
      if (k.x == DType::uint8) stage(s, static_cast<const uint8_t*>(buffers[0]) + n * size, staged);
      else stage(s, x, staged);
      x = staged;
    }
    const float* d = static_cast<const float*>(buffers[1]) + n * of_sample;
    const int32_t* where = static_cast<const int32_t*>(buffers[2]) + n * of_sample;
    if (k.masked) {
      const int64_t results = std::max<int64_t>(1, masked_numbers / filters);  // which stay in the first-level cache
      for (int64_t p = 0; p < s.results(); p += results)
        k.loops->masked(d + first + p * s.c.filters, where + first + p * s.c.filters, s.c.filters, filters, std::min(results, s.results() - p), lists.bases + p,
                        lists.cells, s.cells(), x, s.row(), s.c.kernel[1], s.run(), sums, k.block);
      continue;
    }
    lists.fill(s, d, where, first, filters);
    for (int64_t f = 0; f < filters; ++f)
      for (int64_t h = 0; h < s.c.kernel[1]; ++h)
        k.loops->gather(entries + f * s.results(), lists.counts[f], x + h * s.row(), s.run(), sums + f * k.length() + h * s.run());
  }
  float* to = static_cast<float*>(k.parts == 1 ? buffers[3] : buffers[4]) + part * k.floats() + first;
  const int64_t of_tap = k.masked ? k.block : 1, of_filter = k.masked ? 1 : k.length();
  for (int64_t i = 0; i < k.length(); ++i)
    for (int64_t f = 0; f < filters; ++f) to[i * s.c.filters + f] = sums[i * of_tap + f * of_filter];
}

void join(const void* context, void* const* buffers, int slice, void*) {
  const auto& k = *static_cast<const KernelGradient*>(context);
  const Range range = slice_of(k.floats(), slices_for(static_cast<double>(k.floats() * k.parts)), slice, 16);
  const auto* parts = static_cast<const float*>(buffers[4]);
  float* to = static_cast<float*>(buffers[3]);
  std::copy(parts + range.first, parts + range.last, to + range.first);
  for (int64_t p = 1; p < k.parts; ++p)
    for (long i = range.first; i < range.last; ++i) to[i] += parts[p * k.floats() + i];
}

struct InputGradient {
  Sample sample;
  Tables tables;
  const MaximaLoops* loops;
  gemm::Result result;
  int slices, pack_slices;

  int64_t row_floats() const { return sample.c.filters * sample.run(); }  // of the kernel, turned
  int64_t line_floats() const { return whole_lines(sample.c.in[2] * sample.c.channels); }
  int64_t entries() const { return (sample.results() + sample.cells()) * sample.c.filters; }
  int64_t lists() const { return sample.results() * sample.cells(); }
  size_t own_bytes() const {
    return static_cast<size_t>(whole_lines(sample.floats()) + line_floats()) * sizeof(float) + static_cast<size_t>(entries()) * sizeof(Maximum) +
           static_cast<size_t>(lists()) * sizeof(int32_t);
  }
};

/// The kernel row by row, and of each row filter by filter.
void turn(const void* context, void* const* buffers, int slice, void*) {
  const auto& k = *static_cast<const InputGradient*>(context);
  const Sample& s = k.sample;
  const auto* w = static_cast<const float*>(buffers[2]);
  auto* to = static_cast<float*>(k.result.workspace(buffers + 1));
  const Range range = slice_of(s.c.filters, k.pack_slices, slice);
  for (int64_t h = 0; h < s.c.kernel[1]; ++h)
    for (int64_t i = 0; i < s.run(); ++i)
      for (long f = range.first; f < range.last; ++f) to[h * k.row_floats() + f * s.run() + i] = w[(h * s.run() + i) * s.c.filters + f];
}

/// For each result and each cell of its window the filters that chose it, as entries into a row of the kernel, one list after the
/// other; `aside` holds a list for each cell.
void sort_by_cell(const Sample& s, const float* d, const int32_t* where, Maximum* aside, Maximum* entries, int32_t* counts) {
  const int64_t filters = s.c.filters, cells = s.cells(), run = s.run();
  for (int64_t p = 0; p < s.results(); ++p, d += filters, where += filters, counts += cells) {
    std::fill_n(counts, cells, 0);
    for (int64_t f = 0; f < filters; ++f) {
      int32_t& count = counts[where[f]];
      aside[where[f] * filters + count] = {static_cast<int32_t>(f * run), d[f]};
      count += d[f] != 0;
    }
    for (int64_t t = 0; t < cells; ++t) entries = std::copy_n(aside + t * filters, counts[t], entries);
  }
}

/// dx of a sample, which stands in `staged` with its margins, goes where it is wanted.
void hand_over(const InputGradient& k, int64_t n, const float* staged, float* line, void* const* buffers, void* scratch) {
  const Sample& s = k.sample;
  const int64_t channels = s.c.channels, in_line = s.c.in[2] * channels, columns = s.columns_inside() * channels;
  const float* from = staged + s.inside();
  if (s.row() == in_line && s.rows_inside() == s.c.in[1])
    return k.result.finish(from, channels, n * s.c.in_positions(), s.c.in_positions(), 0, channels, buffers + 1, scratch);
  for (int64_t r = 0; r < s.c.in[1]; ++r) {  // what no result has read gets nothing
    const int64_t read = r < s.rows_inside() ? columns : 0;
    std::copy_n(from + (read ? r * s.row() : 0), read, line);
    std::fill(line + read, line + in_line, 0.0f);
    k.result.finish(line, channels, (n * s.c.in[1] + r) * s.c.in[2], s.c.in[2], 0, channels, buffers + 1, scratch);
  }
}

void put_back(const void* context, void* const* buffers, int slice, void* scratch) {
  const auto& k = *static_cast<const InputGradient*>(context);
  const Sample& s = k.sample;
  const auto* w = static_cast<const float*>(k.result.workspace(buffers + 1));
  float* staged = k.result.own(scratch);
  float* line = staged + whole_lines(s.floats());
  auto* aside = reinterpret_cast<Maximum*>(line + k.line_floats());
  Maximum* entries = aside + s.cells() * s.c.filters;
  auto* counts = reinterpret_cast<int32_t*>(aside + k.entries());
  const Range samples = slice_of(s.c.batch, k.slices, slice);
  const int64_t of_sample = s.results() * s.c.filters;
  for (int64_t n = samples.first; n < samples.last; ++n) {
    sort_by_cell(s, static_cast<const float*>(buffers[0]) + n * of_sample, static_cast<const int32_t*>(buffers[1]) + n * of_sample, aside, entries, counts);
    std::fill_n(staged, s.floats(), 0.0f);
    for (int64_t h = 0; h < s.c.kernel[1]; ++h) {  // a row of the kernel stays in the first-level cache
      const Maximum* next = entries;
      for (int64_t i = 0; i < k.lists(); next += counts[i++])
        if (counts[i] > 0)
          k.loops->gather(next, counts[i], w + h * k.row_floats(), s.run(), staged + k.tables.bases[static_cast<size_t>(i / s.cells())] +
                          k.tables.cells[static_cast<size_t>(i % s.cells())] + h * s.row());
    }
    hand_over(k, n, staged, line, buffers, scratch);
  }
}

}  // namespace

bool ConvolutionOfMaxima::applies() const {
  const ConvolutionShape& c = convolution;
  const std::array<int64_t, 3> ones = {1, 1, 1};
  if (c.groups != 1 || c.stride != ones || c.dilation != ones || c.in[0] != 1 || c.kernel[0] != 1 || pool.size[0] != 1) return false;
  if (x != DType::float32 && x != DType::uint8) return false;
  const bool sparse = c.out_positions() >= 2 * pool.out_positions();  // else the dense kernels are as good
  return sparse && c.batch > 0 && pool.in == c.out && Sample(*this).floats() <= most_sample_floats;
}

std::vector<Kernel> kernel_gradient_of_maxima(const ConvolutionOfMaxima& c) {
  const Sample s(c);
  KernelGradient k{.sample = s, .tables = Tables(s), .x = c.x, .loops = &maxima_loops(), .masked = s.run() < short_run && s.windows_inside(), .block = 0, .blocks = 0, .parts = 1};
  k.block = k.masked ? masked_block : filters_of_a_block;
  k.blocks = (s.c.filters + k.block - 1) / k.block;
  const double work = static_cast<double>(s.c.batch * s.results() * (k.masked ? s.cells() : 1)) * static_cast<double>(k.floats());
  k.parts = std::clamp<int64_t>(slices_for(work, 400000) / k.blocks, 1, std::min(most_parts, s.c.batch));
  const auto slices = static_cast<int>(k.parts * k.blocks);
  const int joins = slices_for(static_cast<double>(k.floats() * k.parts));
  const bool in_parts = k.parts > 1;
  Kernel kernel{.name = "convolution.maxima"};
  kernel.workspace_bytes = in_parts ? static_cast<size_t>(k.parts * k.floats()) * sizeof(float) : 0;
  kernel.scratch_bytes = k.scratch_bytes();
  kernel.numerics = Numerics::blocked;
  kernel.context = std::make_shared<const KernelGradient>(std::move(k));
  kernel.phases.push_back({add_up, slices});
  if (in_parts) kernel.phases.push_back({join, joins});
  return {kernel};
}

std::vector<Kernel> input_gradient_of_maxima(const ConvolutionOfMaxima& c, const Epilogue* epilogue) {
  ConvolutionOfMaxima of = c;
  of.x = DType::float32;
  const Sample s(of);
  InputGradient k{.sample = s, .tables = Tables(s), .loops = &maxima_loops(), .result = gemm::Result({.n = s.c.channels}, epilogue), .slices = 1, .pack_slices = 1};
  const double work = static_cast<double>(s.c.batch * s.results()) * static_cast<double>(k.row_floats() * s.c.kernel[1]);
  k.slices = static_cast<int>(std::clamp<int64_t>(slices_for(work, 400000), 1, s.c.batch));
  k.pack_slices = slices_for(static_cast<double>(k.row_floats() * s.c.kernel[1]), 16000);
  const int slices = k.slices, pack_slices = k.pack_slices;
  Kernel kernel{.name = "convolution.maxima"};
  kernel.workspace_bytes = static_cast<size_t>(k.row_floats() * s.c.kernel[1]) * sizeof(float);
  kernel.scratch_bytes = k.result.scratch_bytes() + k.own_bytes();
  kernel.numerics = Numerics::blocked;
  kernel.context = std::make_shared<const InputGradient>(std::move(k));
  kernel.phases.push_back({turn, pack_slices});
  kernel.phases.push_back({put_back, slices});
  return {kernel};
}

}  // namespace cornu
