// Rows of scores on vectors: between the two products of attention.
#include "cornu/kernels/attention_simd.h"

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cornu/kernels/attention_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <limits>

#include "cornu/kernels/exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cornu::attention {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using cornu::HWY_NAMESPACE::exp_nonpositive;

/// y[i] = f(i's vector, where) for i < n. `f` is handed a function that loads the same lanes of any row.
template <class F> HWY_INLINE void each(int64_t n, float* y, F f) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(f([&](const float* x) { return hn::LoadU(d, x + i); }), d, y + i);
  if (i == n) return;
  const auto some = hn::FirstN(d, static_cast<size_t>(n - i));
  hn::BlendedStore(f([&](const float* x) { return hn::MaskedLoad(some, d, x + i); }), some, d, y + i);
}

float weigh(float* s, int64_t n, int64_t width, float scale, float* max) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto top = hn::Set(d, s[0]);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) top = hn::Max(top, hn::LoadU(d, s + i));
  float m = hn::GetLane(hn::MaxOfLanes(d, top));
  for (; i < n; ++i) m = std::max(m, s[i]);
  *max = m;
  const auto by = hn::Set(d, scale), off = hn::Set(d, m);
  auto sum = hn::Zero(d);
  for (i = 0; i + lanes <= n; i += lanes) {
    const auto e = exp_nonpositive(d, hn::Mul(hn::Sub(hn::LoadU(d, s + i), off), by));
    hn::StoreU(e, d, s + i);
    sum = hn::Add(sum, e);
  }
  if (i < n) {
    const auto some = hn::FirstN(d, static_cast<size_t>(n - i));
    const auto e = hn::IfThenElseZero(some, exp_nonpositive(d, hn::Mul(hn::Sub(hn::MaskedLoad(some, d, s + i), off), by)));
    hn::BlendedStore(e, some, d, s + i);
    sum = hn::Add(sum, e);
  }
  std::fill(s + n, s + width, 0.0f);
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

void weigh_again(float* p, int64_t n, int64_t width, float scale, float log) {
  const D d;
  const auto by = hn::Set(d, scale), off = hn::Set(d, log);
  each(n, p, [&](auto load) { return exp_nonpositive(d, hn::MulSub(load(p), by, off)); });
  std::fill(p + n, p + width, 0.0f);
}

void differentiate(const float* p, float* g, int64_t n, int64_t width, float delta, float scale) {
  const D d;
  const auto by = hn::Set(d, scale), off = hn::Set(d, delta);
  each(n, g, [&](auto load) { return hn::Mul(hn::Mul(load(p), by), hn::Sub(load(g), off)); });
  std::fill(g + n, g + width, 0.0f);
}

float dot(const float* a, const float* b, int64_t n) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto sum = hn::Zero(d);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) sum = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), sum);
  float total = hn::GetLane(hn::SumOfLanes(d, sum));
  for (; i < n; ++i) total += a[i] * b[i];
  return total;
}

void multiply(float* y, int64_t n, float by) {
  const D d;
  const auto factor = hn::Set(d, by);
  each(n, y, [&](auto load) { return hn::Mul(load(y), factor); });
}

RowFunctions functions() { return {weigh, weigh_again, differentiate, dot, multiply}; }

}  // namespace HWY_NAMESPACE
}  // namespace cornu::attention
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cornu::attention {
HWY_EXPORT(functions);
RowFunctions row_functions() { return HWY_DYNAMIC_DISPATCH(functions)(); }
}  // namespace cornu::attention
#endif
