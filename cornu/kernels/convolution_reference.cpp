// The plainest convolution there is: one result after another, added up in double. What the others are tested against, and
// the kernel for float64.
#include "cornu/kernels/convolution_parts.h"
#include "cornu/kernels/gemm_parts.h"

namespace cornu::convolution {
namespace {

struct Reference {
  Convolving c;
  int64_t rows;  // of results: all but their last axis
  int slices;
  gemm::Result result;
};

using Position = std::array<int64_t, 3>;
Position position(int64_t index, const Position& sizes) { return {index / (sizes[1] * sizes[2]), index / sizes[2] % sizes[1], index % sizes[2]}; }

/// The position of x that result `o` meets with tap `k`, or -1 outside x.
int64_t met_x(const ConvolutionShape& s, const Position& o, const Position& k) {
  int64_t index = 0;
  for (size_t a = 0; a < 3; ++a) {
    const int64_t i = o[a] * s.stride[a] + k[a] * s.dilation[a] - s.before[a];
    if (i < 0 || i >= s.in[a]) return -1;
    index = index * s.in[a] + i;
  }
  return index;
}
/// The result that meets position `i` of x with tap `k`, or -1 where there is none.
int64_t met_y(const ConvolutionShape& s, const Position& i, const Position& k) {
  int64_t index = 0;
  for (size_t a = 0; a < 3; ++a) {
    const int64_t o = i[a] + s.before[a] - k[a] * s.dilation[a];
    if (o < 0 || o % s.stride[a] != 0 || o / s.stride[a] >= s.out[a]) return -1;
    index = index * s.out[a] + o / s.stride[a];
  }
  return index;
}

/// The number of a result: row `row` (a position, or a tap and channel of the kernel), column `column`.
template <class X, class T> double number(const Convolving& c, const X* first, const T* second, int64_t row, int64_t column) {
  const ConvolutionShape& s = c.shape;
  const int64_t cg = s.group_channels(), fg = s.group_filters(), in = s.in_positions(), out = s.out_positions();
  double sum = 0;
  const auto add = [&](X a, T b) { sum += static_cast<double>(a) * static_cast<double>(b); };
  if (c.pass == ConvolutionPass::forward) {
    const int64_t n = row / out, channel = column / fg * cg;
    for (int64_t tap = 0; tap < s.taps(); ++tap) {
      const int64_t x = met_x(s, position(row % out, s.out), position(tap, s.kernel));
      for (int64_t i = 0; x >= 0 && i < cg; ++i) add(first[(n * in + x) * s.channels + channel + i], second[(tap * cg + i) * s.filters + column]);
    }
  } else if (c.pass == ConvolutionPass::input) {
    const int64_t n = row / in, filter = column / cg * fg;
    for (int64_t tap = 0; tap < s.taps(); ++tap) {
      const int64_t y = met_y(s, position(row % in, s.in), position(tap, s.kernel));
      for (int64_t f = filter; y >= 0 && f < filter + fg; ++f) add(first[(n * out + y) * s.filters + f], second[(tap * cg + column % cg) * s.filters + f]);
    }
  } else {
    const Position tap = position(row / cg, s.kernel);
    const int64_t channel = column / fg * cg + row % cg;
    for (int64_t o = 0; o < out; ++o) {
      const int64_t x = met_x(s, position(o, s.out), tap);
      for (int64_t n = 0; x >= 0 && n < s.batch; ++n) add(first[(n * in + x) * s.channels + channel], second[(n * out + o) * s.filters + column]);
    }
  }
  return sum;
}

int64_t columns_of(const Convolving& c) { return c.pass == ConvolutionPass::input ? c.shape.channels : c.shape.filters; }

template <class X, class T> void fill(const Reference& r, void* const* buffers, int slice, void* scratch) {
  const int64_t columns = columns_of(r.c);
  const Range rows = slice_of(r.rows, r.slices, slice);
  for (int64_t row = rows.first; row < rows.last; ++row) {
    const bool direct = r.result.direct();
    T* to = direct ? static_cast<T*>(buffers[2]) + row * columns : reinterpret_cast<T*>(r.result.own(scratch));
    for (int64_t column = 0; column < columns; ++column)
      to[column] = static_cast<T>(number(r.c, static_cast<const X*>(buffers[0]), static_cast<const T*>(buffers[1]), row, column));
    if (!direct) r.result.finish(reinterpret_cast<const float*>(to), columns, row, 1, 0, columns, buffers, scratch);
  }
}

void run(const Reference& r, void* const* buffers, int slice, void* scratch) {
  if (r.c.other == DType::float64) fill<double, double>(r, buffers, slice, scratch);
  else if (r.c.x == DType::uint8) fill<uint8_t, float>(r, buffers, slice, scratch);
  else fill<float, float>(r, buffers, slice, scratch);
}

}  // namespace

std::optional<Kernel> reference(const Convolving& c, const Machine&, const Epilogue* epilogue) {
  const bool doubles = c.x == DType::float64 && c.other == DType::float64 && !epilogue;
  if (!doubles && !computes_in_float32(c)) return {};
  const ConvolutionShape& s = c.shape;
  const int64_t rows = c.pass == ConvolutionPass::forward ? s.batch * s.out_positions()
                       : c.pass == ConvolutionPass::input ? s.batch * s.in_positions()
                                                          : s.taps() * s.group_channels();
  const int slices = static_cast<int>(std::clamp<int64_t>(slices_for(s.multiply_adds()), 1, std::max<int64_t>(rows, 1)));
  Reference r{c, rows, slices, gemm::Result({.n = columns_of(c)}, epilogue)};
  const size_t scratch = r.result.scratch_bytes() + static_cast<size_t>(columns_of(c)) * sizeof(float);
  Kernel kernel = make_kernel("convolution.reference", std::move(r), run, slices);
  kernel.scratch_bytes = scratch;
  return kernel;
}

}  // namespace cornu::convolution
