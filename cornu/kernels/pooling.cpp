#include "cornu/kernels/pooling.h"

#include <algorithm>

#include "cornu/base/error.h"

namespace cornu {
namespace {

template <class T> struct Windows {
  PoolingShape shape;
  PoolingLoops<T> loops;
  int slices;
  int64_t taps() const { return shape.size[0] * shape.size[1] * shape.size[2]; }
};

/// The cells along an axis that result `o` covers and that are inside: [first, last) of its window.
Range inside(const PoolingShape& s, size_t axis, int64_t o) {
  const int64_t begin = o * s.stride[axis] - s.before[axis];
  return {std::max<int64_t>(0, -begin), std::min(s.size[axis], s.in[axis] - begin)};
}

/// Calls f(stretch, first position) for stretches of the row of results `row` (sample, depth and row in one number).
/// Scratch: two lists of taps() numbers.
template <class T, class F> void each_stretch(const Windows<T>& w, int64_t row, void* scratch, const F& f) {
  const PoolingShape& s = w.shape;
  auto* from = static_cast<int64_t*>(scratch);
  auto* number = reinterpret_cast<int32_t*>(from + w.taps());
  const int64_t h = row % s.out[1], d = row / s.out[1] % s.out[0], n = row / s.out[1] / s.out[0];
  const Range depths = inside(s, 0, d), rows = inside(s, 1, h);
  for (int64_t o = 0; o < s.out[2];) {
    const Range columns = inside(s, 2, o);
    int64_t count = 1;  // results that cover whole windows are taken together
    while (columns.last - columns.first == s.size[2] && o + count < s.out[2] && inside(s, 2, o + count).last == s.size[2]) ++count;
    PoolingStretch stretch{count, s.channels, 0, from, number, s.stride[2] * s.channels};
    for (int64_t a = depths.first; a < depths.last; ++a)
      for (int64_t b = rows.first; b < rows.last; ++b)
        for (int64_t c = columns.first; c < columns.last; ++c) {
          const int64_t plane = n * s.in[0] + d * s.stride[0] - s.before[0] + a, line = plane * s.in[1] + h * s.stride[1] - s.before[1] + b;
          from[stretch.taps] = (line * s.in[2] + o * s.stride[2] - s.before[2] + c) * s.channels;
          number[stretch.taps++] = static_cast<int32_t>((a * s.size[1] + b) * s.size[2] + c);
        }
    f(stretch, (row * s.out[2] + o) * s.channels);
    o += count;
  }
}

/// Results are made row by row.
template <class T, Pooling what> void make(const Windows<T>& w, void* const* buffers, int slice, void* scratch) {
  const PoolingShape& s = w.shape;
  const auto* x = static_cast<const T*>(buffers[0]);
  const Range rows = slice_of(s.batch * s.out[0] * s.out[1], w.slices, slice);
  for (int64_t row = rows.first; row < rows.last; ++row)
    each_stretch(w, row, scratch, [&](const PoolingStretch& stretch, int64_t at) {
      if constexpr (what == Pooling::max) w.loops.max(stretch, x, static_cast<T*>(buffers[1]) + at, static_cast<int32_t*>(buffers[2]) + at);
      else if constexpr (what == Pooling::max_pick) w.loops.pick(stretch, x, static_cast<const int32_t*>(buffers[1]) + at, static_cast<T*>(buffers[2]) + at);
      else w.loops.average(stretch, x, static_cast<T*>(buffers[1]) + at);
    });
}

/// Windows may overlap: the results of a sample are put back one after another.
template <class T, Pooling what> void put_back(const Windows<T>& w, void* const* buffers, int slice, void* scratch) {
  const PoolingShape& s = w.shape;
  const auto* dy = static_cast<const T*>(buffers[0]);
  T* dx = static_cast<T*>(buffers[what == Pooling::max_put ? 2 : 1]);
  const int64_t sample = s.in_positions() * s.channels, rows = s.out[0] * s.out[1];
  const Range samples = slice_of(s.batch, w.slices, slice);
  for (int64_t n = samples.first; n < samples.last; ++n) {
    std::fill_n(dx + n * sample, sample, T(0));
    for (int64_t row = n * rows; row < (n + 1) * rows; ++row)
      each_stretch(w, row, scratch, [&](const PoolingStretch& stretch, int64_t at) {
        if constexpr (what == Pooling::max_put) w.loops.put(stretch, dy + at, static_cast<const int32_t*>(buffers[1]) + at, dx);
        else w.loops.spread(stretch, dy + at, dx);
      });
  }
}

template <class T> Kernel prepare(Pooling what, const PoolingShape& s) {
  const bool back = what == Pooling::max_put || what == Pooling::average_transpose;
  Windows<T> w{s, pooling_loops<T>(), 1};
  const double work = static_cast<double>(s.batch * s.out_positions() * s.channels) * static_cast<double>(w.taps());
  w.slices = static_cast<int>(std::clamp<int64_t>(back ? s.batch : s.batch * s.out[0] * s.out[1], 1, slices_for(work)));
  const int slices = w.slices;
  const auto scratch = static_cast<size_t>(w.taps()) * (sizeof(int64_t) + sizeof(int32_t));
  Kernel kernel;
  switch (what) {
    case Pooling::max: kernel = make_kernel("pooling.max", w, make<T, Pooling::max>, slices); break;
    case Pooling::max_pick: kernel = make_kernel("pooling.pick", w, make<T, Pooling::max_pick>, slices); break;
    case Pooling::max_put: kernel = make_kernel("pooling.put", w, put_back<T, Pooling::max_put>, slices); break;
    case Pooling::average: kernel = make_kernel("pooling.average", w, make<T, Pooling::average>, slices); break;
    case Pooling::average_transpose: kernel = make_kernel("pooling.spread", w, put_back<T, Pooling::average_transpose>, slices); break;
  }
  kernel.scratch_bytes = scratch;
  return kernel;
}

}  // namespace

std::vector<Kernel> pooling_kernels(Pooling what, DType dtype, const PoolingShape& shape) {
  require<UnsupportedError>(dtype == DType::float32 || dtype == DType::float64, "pooling of ", dtype, " has no kernel: cast it to float32");
  return {dtype == DType::float64 ? prepare<double>(what, shape) : prepare<float>(what, shape)};
}

}  // namespace cornu
