// float32 reductions on vectors, once for each kind of processor.
#include "cornu/kernels/reduce.h"

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cornu/kernels/reduce_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <limits>

HWY_BEFORE_NAMESPACE();
namespace cornu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

struct Sum {
  static constexpr float identity = 0;
  static HWY_INLINE V join(V a, V b) { return hn::Add(a, b); }
  static HWY_INLINE float across(D d, V v) { return hn::GetLane(hn::SumOfLanes(d, v)); }
};
struct Product {
  static constexpr float identity = 1;
  static HWY_INLINE V join(V a, V b) { return hn::Mul(a, b); }
  static HWY_INLINE float across(D d, V v) {
    HWY_ALIGN float lane[hn::MaxLanes(D())];
    hn::Store(v, d, lane);
    float y = 1;
    for (size_t i = 0; i < hn::Lanes(d); ++i) y *= lane[i];
    return y;
  }
};
/// A NaN wins, and stays because every comparison with it is false.
struct Largest {
  static HWY_INLINE V join_numbers(V a, V b) { return hn::Max(a, b); }
  static HWY_INLINE V spread(D d, V v) { return hn::MaxOfLanes(d, v); }
  static constexpr float identity = -std::numeric_limits<float>::infinity();
  static HWY_INLINE V join(V a, V b) { return hn::IfThenElse(hn::Or(hn::Gt(b, a), hn::IsNaN(b)), b, a); }
  static HWY_INLINE float across(D d, V v) {
    if (!hn::AllTrue(d, hn::Eq(v, v))) return std::numeric_limits<float>::quiet_NaN();
    return hn::GetLane(hn::MaxOfLanes(d, v));
  }
};
struct Smallest {
  static HWY_INLINE V join_numbers(V a, V b) { return hn::Min(a, b); }
  static HWY_INLINE V spread(D d, V v) { return hn::MinOfLanes(d, v); }
  static constexpr float identity = std::numeric_limits<float>::infinity();
  static HWY_INLINE V join(V a, V b) { return hn::IfThenElse(hn::Or(hn::Lt(b, a), hn::IsNaN(b)), b, a); }
  static HWY_INLINE float across(D d, V v) {
    if (!hn::AllTrue(d, hn::Eq(v, v))) return std::numeric_limits<float>::quiet_NaN();
    return hn::GetLane(hn::MinOfLanes(d, v));
  }
};

template <class F> HWY_INLINE V load_part(D d, const float* x, int64_t n) {
  const auto some = hn::FirstN(d, static_cast<size_t>(n));
  const V v = hn::MaskedLoad(some, d, x);
  return F::identity == 0.0f ? v : hn::IfThenElse(some, v, hn::Set(d, F::identity));
}

/// Pairwise above 2048 elements; below, four vectors side by side.
template <class F> V fold_run(D d, const float* x, int64_t n) {
  if (n > 2048) {
    const int64_t half = n / 2 / 1024 * 1024;
    return F::join(fold_run<F>(d, x, half), fold_run<F>(d, x + half, n - half));
  }
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  V a = hn::Set(d, F::identity), b = a, c = a, e = a;
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    a = F::join(a, hn::LoadU(d, x + i));
    b = F::join(b, hn::LoadU(d, x + i + lanes));
    c = F::join(c, hn::LoadU(d, x + i + 2 * lanes));
    e = F::join(e, hn::LoadU(d, x + i + 3 * lanes));
  }
  for (; i + lanes <= n; i += lanes) a = F::join(a, hn::LoadU(d, x + i));
  if (i < n) b = F::join(b, load_part<F>(d, x + i, n - i));
  return F::join(F::join(a, b), F::join(c, e));
}

template <class F> void fold_rows(const void* x, int64_t rows, int64_t n, int64_t stride, void* y) {
  const D d;
  for (int64_t r = 0; r < rows; ++r) static_cast<float*>(y)[r] = F::across(d, fold_run<F>(d, static_cast<const float*>(x) + r * stride, n));
}

/// `vectors` vectors of columns at a time, rows alternating between two accumulators.
template <class F, int vectors> HWY_INLINE void fold_full_columns(D d, const float* x, int64_t n, int64_t stride, float* y) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  V even[vectors], odd[vectors];
  for (int v = 0; v < vectors; ++v) even[v] = odd[v] = hn::Set(d, F::identity);
  int64_t i = 0;
  for (; i + 2 <= n; i += 2, x += 2 * stride)
    for (int v = 0; v < vectors; ++v) {
      even[v] = F::join(even[v], hn::LoadU(d, x + v * lanes));
      odd[v] = F::join(odd[v], hn::LoadU(d, x + stride + v * lanes));
    }
  for (int v = 0; v < vectors; ++v) {
    if (i < n) even[v] = F::join(even[v], hn::LoadU(d, x + v * lanes));
    hn::StoreU(F::join(even[v], odd[v]), d, y + v * lanes);
  }
}

template <class F> void fold_columns(const void* from, int64_t n, int64_t stride, int64_t columns, void* to) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto* x = static_cast<const float*>(from);
  auto* y = static_cast<float*>(to);
  int64_t c = 0;
  for (; c + 4 * lanes <= columns; c += 4 * lanes) fold_full_columns<F, 4>(d, x + c, n, stride, y + c);
  for (; c + lanes <= columns; c += lanes) fold_full_columns<F, 1>(d, x + c, n, stride, y + c);
  if (c == columns) return;
  // What is left is less than a vector: masked loads, four rows at a time so that they need not wait for each other.
  const auto some = hn::FirstN(d, static_cast<size_t>(columns - c));
  V total[4];
  for (V& t : total) t = hn::Set(d, F::identity);
  int64_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (int k = 0; k < 4; ++k) total[k] = F::join(total[k], hn::MaskedLoad(some, d, x + (i + k) * stride + c));
  for (; i < n; ++i) total[0] = F::join(total[0], hn::MaskedLoad(some, d, x + i * stride + c));
  hn::BlendedStore(F::join(F::join(total[0], total[1]), F::join(total[2], total[3])), some, d, y + c);
}

FoldFunctions functions(Fold fold) {
  switch (fold) {
    case Fold::max: return {fold_rows<Largest>, fold_columns<Largest>};
    case Fold::min: return {fold_rows<Smallest>, fold_columns<Smallest>};
    case Fold::product: return {fold_rows<Product>, fold_columns<Product>};
    case Fold::sum: break;
  }
  return {fold_rows<Sum>, fold_columns<Sum>};
}

/// One or two vectors, without NaN: the extreme stays in registers. False leaves the row to the loop below.
template <class F> HWY_INLINE bool find_in_short_row(D d, const float* x, int64_t n, int64_t* y) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const V low = hn::LoadU(d, x), high = hn::LoadU(d, x + n - lanes);  // they overlap
  if (HWY_UNLIKELY(!hn::AllTrue(d, hn::And(hn::Eq(low, low), hn::Eq(high, high))))) return false;
  const V wanted = F::spread(d, F::join_numbers(low, high));
  const auto in_low = hn::FindFirstTrue(d, hn::Eq(low, wanted));
  *y = in_low >= 0 ? in_low : n - lanes + hn::FindFirstTrue(d, hn::Eq(high, wanted));
  return true;
}

/// Two passes: the extreme, then the first place that equals it.
template <class F> HWY_INLINE void find_rows(const float* x, int64_t rows, int64_t n, int64_t* y) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t r = 0; r < rows; ++r, x += n) {
    if (lanes <= n && n <= 2 * lanes && find_in_short_row<F>(d, x, n, y + r)) continue;
    const float extreme = F::across(d, fold_run<F>(d, x, n));
    const V wanted = hn::Set(d, extreme);
    int64_t at = 0;
    for (int64_t i = 0; i < n; i += lanes) {
      const V v = i + lanes <= n ? hn::LoadU(d, x + i) : load_part<F>(d, x + i, n - i);
      const auto found = extreme == extreme ? hn::Eq(v, wanted) : hn::IsNaN(v);
      const auto place = hn::FindFirstTrue(d, found);
      if (place >= 0) {
        at = i + place;
        break;
      }
    }
    y[r] = at;
  }
}

void argmax_rows(const float* x, int64_t rows, int64_t n, bool smallest, int64_t* y) {
  smallest ? find_rows<Smallest>(x, rows, n, y) : find_rows<Largest>(x, rows, n, y);
}

}  // namespace HWY_NAMESPACE
}  // namespace cornu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cornu {
HWY_EXPORT(functions);
HWY_EXPORT(argmax_rows);

FoldFunctions simd_fold(Fold fold) { return HWY_DYNAMIC_DISPATCH(functions)(fold); }
void simd_argmax_rows(const float* x, int64_t rows, int64_t n, bool smallest, int64_t* y) {
  HWY_DYNAMIC_DISPATCH(argmax_rows)(x, rows, n, smallest, y);
}
}  // namespace cornu
#endif
