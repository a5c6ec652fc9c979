// Pooling along channels. Plain loops, which the compiler turns into vectors, once for each kind of processor.
#include "cornu/kernels/pooling.h"

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cornu/kernels/pooling_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace cornu {
namespace HWY_NAMESPACE {

template <class T> void max(const PoolingStretch& s, const T* x, T* HWY_RESTRICT y, int32_t* HWY_RESTRICT where) {
  for (int64_t p = 0; p < s.count; ++p, y += s.channels, where += s.channels) {
    const T* first = x + s.from[0] + p * s.step;
    for (int64_t c = 0; c < s.channels; ++c) y[c] = first[c], where[c] = s.number[0];
    for (int64_t t = 1; t < s.taps; ++t) {
      const T* HWY_RESTRICT from = x + s.from[t] + p * s.step;
      const int32_t number = s.number[t];
      for (int64_t c = 0; c < s.channels; ++c) {
        const T v = from[c], best = y[c];
        const bool more = (v > best) | ((v != v) & (best == best));
        y[c] = more ? v : best;
        where[c] = more ? number : where[c];
      }
    }
  }
}

template <class T> void pick(const PoolingStretch& s, const T* x, const int32_t* HWY_RESTRICT where, T* HWY_RESTRICT y) {
  for (int64_t p = 0; p < s.count; ++p, y += s.channels, where += s.channels) {
    for (int64_t c = 0; c < s.channels; ++c) y[c] = 0;
    for (int64_t t = 0; t < s.taps; ++t) {
      const T* HWY_RESTRICT from = x + s.from[t] + p * s.step;
      const int32_t number = s.number[t];
      for (int64_t c = 0; c < s.channels; ++c) y[c] = where[c] == number ? from[c] : y[c];
    }
  }
}

template <class T> void put(const PoolingStretch& s, const T* HWY_RESTRICT dy, const int32_t* HWY_RESTRICT where, T* dx) {
  for (int64_t p = 0; p < s.count; ++p, dy += s.channels, where += s.channels)
    for (int64_t t = 0; t < s.taps; ++t) {
      T* HWY_RESTRICT to = dx + s.from[t] + p * s.step;
      const int32_t number = s.number[t];
      for (int64_t c = 0; c < s.channels; ++c) to[c] += where[c] == number ? dy[c] : T(0);
    }
}

template <class T> void average(const PoolingStretch& s, const T* x, T* HWY_RESTRICT y) {
  const T share = T(1) / static_cast<T>(s.taps);
  for (int64_t p = 0; p < s.count; ++p, y += s.channels) {
    for (int64_t c = 0; c < s.channels; ++c) y[c] = 0;
    for (int64_t t = 0; t < s.taps; ++t) {
      const T* HWY_RESTRICT from = x + s.from[t] + p * s.step;
      for (int64_t c = 0; c < s.channels; ++c) y[c] += from[c];
    }
    for (int64_t c = 0; c < s.channels; ++c) y[c] *= share;
  }
}

template <class T> void spread(const PoolingStretch& s, const T* HWY_RESTRICT dy, T* dx) {
  const T share = T(1) / static_cast<T>(s.taps);
  for (int64_t p = 0; p < s.count; ++p, dy += s.channels)
    for (int64_t t = 0; t < s.taps; ++t) {
      T* HWY_RESTRICT to = dx + s.from[t] + p * s.step;
      for (int64_t c = 0; c < s.channels; ++c) to[c] += dy[c] * share;
    }
}

PoolingLoops<float> loops_float() { return {max<float>, pick<float>, put<float>, average<float>, spread<float>}; }
PoolingLoops<double> loops_double() { return {max<double>, pick<double>, put<double>, average<double>, spread<double>}; }

}  // namespace HWY_NAMESPACE
}  // namespace cornu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cornu {
HWY_EXPORT(loops_float);
HWY_EXPORT(loops_double);
template <> PoolingLoops<float> pooling_loops() { return HWY_DYNAMIC_DISPATCH(loops_float)(); }
template <> PoolingLoops<double> pooling_loops() { return HWY_DYNAMIC_DISPATCH(loops_double)(); }
}  // namespace cornu
#endif
