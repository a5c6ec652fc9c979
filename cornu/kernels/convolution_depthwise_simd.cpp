// Depthwise convolutions on vectors of channels, once for each kind of processor.
#include "cornu/kernels/convolution_depthwise.h"

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cornu/kernels/convolution_depthwise_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace cornu::convolution {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

/// `P` results at a time share the loads of the kernel; `some` lanes of a last vector that is not whole.
template <int P, bool whole, class M>
HWY_INLINE void gather_some(D d, M some, int64_t taps, const float* const* from, int64_t from_step, const float* const* w, int64_t at, int64_t c, float* to,
                            int64_t to_step) {
  const auto load = [&](const float* x) {
    if constexpr (whole) return hn::LoadU(d, x);
    else return hn::MaskedLoad(some, d, x);
  };
  V sum[P];
  for (int i = 0; i < P; ++i) sum[i] = hn::Zero(d);
  for (int64_t t = 0; t < taps; ++t) {
    const V of_w = load(w[t] + c);
    const float* x = from[t] + at * from_step + c;
    for (int i = 0; i < P; ++i) sum[i] = hn::MulAdd(load(x + i * from_step), of_w, sum[i]);
  }
  for (int i = 0; i < P; ++i) {
    if constexpr (whole) hn::StoreU(sum[i], d, to + (at + i) * to_step + c);
    else hn::BlendedStore(sum[i], some, d, to + (at + i) * to_step + c);
  }
}

void gather(int64_t count, int64_t channels, int64_t taps, const float* const* from, int64_t from_step, const float* const* w, float* to, int64_t to_step) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t c = 0; c < channels; c += lanes) {
    const auto some = hn::FirstN(d, static_cast<size_t>(channels - c < lanes ? channels - c : lanes));
    int64_t at = 0;
    if (c + lanes <= channels) {
      for (; at + 4 <= count; at += 4) gather_some<4, true>(d, some, taps, from, from_step, w, at, c, to, to_step);
      for (; at < count; ++at) gather_some<1, true>(d, some, taps, from, from_step, w, at, c, to, to_step);
    } else {
      for (; at < count; ++at) gather_some<1, false>(d, some, taps, from, from_step, w, at, c, to, to_step);
    }
  }
}

/// `T` taps share the loads of dy.
template <int T, class M>
HWY_INLINE void sums_of(D d, M some, int64_t count, const float* const* from, int64_t from_step, const float* dy, int64_t dy_step, int64_t c, float* to,
                        int64_t channels) {
  V sum[T];
  for (int t = 0; t < T; ++t) sum[t] = hn::MaskedLoad(some, d, to + t * channels + c);
  for (int64_t p = 0; p < count; ++p) {
    const V of_dy = hn::MaskedLoad(some, d, dy + p * dy_step + c);
    for (int t = 0; t < T; ++t) sum[t] = hn::MulAdd(hn::MaskedLoad(some, d, from[t] + p * from_step + c), of_dy, sum[t]);
  }
  for (int t = 0; t < T; ++t) hn::BlendedStore(sum[t], some, d, to + t * channels + c);
}

void sums(int64_t count, int64_t channels, int64_t taps, const float* const* from, int64_t from_step, const float* dy, int64_t dy_step, float* to) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t c = 0; c < channels; c += lanes) {
    const auto some = hn::FirstN(d, static_cast<size_t>(channels - c < lanes ? channels - c : lanes));
    int64_t t = 0;
    for (; t + 5 <= taps; t += 5) sums_of<5>(d, some, count, from + t, from_step, dy, dy_step, c, to + t * channels, channels);
    for (; t + 2 <= taps; t += 2) sums_of<2>(d, some, count, from + t, from_step, dy, dy_step, c, to + t * channels, channels);
    for (; t < taps; ++t) sums_of<1>(d, some, count, from + t, from_step, dy, dy_step, c, to + t * channels, channels);
  }
}

DepthwiseLoops loops() { return {gather, sums}; }

}  // namespace HWY_NAMESPACE
}  // namespace cornu::convolution
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cornu::convolution {
HWY_EXPORT(loops);
DepthwiseLoops depthwise_loops() { return HWY_DYNAMIC_DISPATCH(loops)(); }
}  // namespace cornu::convolution
#endif
