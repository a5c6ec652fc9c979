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

namespace hn = hwy::HWY_NAMESPACE;

HWY_INLINE void store_numbers(hn::ScalableTag<float> d, hn::Vec<hn::ScalableTag<float>> v, int32_t* to) {
  const hn::RebindToSigned<decltype(d)> whole;
  hn::StoreU(hn::ConvertTo(whole, v), whole, to);
}
HWY_INLINE void store_numbers(hn::ScalableTag<double> d, hn::Vec<hn::ScalableTag<double>> v, int32_t* to) {
  const hn::Rebind<int32_t, decltype(d)> half;
  hn::StoreU(hn::DemoteTo(half, v), half, to);
}

template <class T> void max(const PoolingStretch& s, const T* x, T* HWY_RESTRICT y, int32_t* HWY_RESTRICT where) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t p = 0; p < s.count; ++p, x += s.step, y += s.channels, where += s.channels) {
    int64_t c = 0;
    for (; c + lanes <= s.channels; c += lanes) {
      auto best = hn::LoadU(d, x + s.from[0] + c), number = hn::Set(d, static_cast<T>(s.number[0]));
      for (int64_t t = 1; t < s.taps; ++t) {
        const auto v = hn::LoadU(d, x + s.from[t] + c);
        // Larger, or the first NaN.
        const auto more = hn::And(hn::Eq(best, best), hn::Not(hn::Le(v, best)));
        best = hn::IfThenElse(more, v, best);
        number = hn::IfThenElse(more, hn::Set(d, static_cast<T>(s.number[t])), number);
      }
      hn::StoreU(best, d, y + c);
      store_numbers(d, number, where + c);
    }
    for (; c < s.channels; ++c) {
      T best = x[s.from[0] + c];
      int32_t number = s.number[0];
      for (int64_t t = 1; t < s.taps; ++t) {
        const T v = x[s.from[t] + c];
        if (best == best && !(v <= best)) best = v, number = s.number[t];
      }
      y[c] = best, where[c] = number;
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
