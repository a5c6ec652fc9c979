// Softmax in float32 on vectors. Few classes: rows are short, so the exponentials, which are most of the work, run over a
// block of rows as one array, and only maxima, sums and scaling go row by row. Many classes: row by row.
#include "cornu/kernels/softmax.h"

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cornu/kernels/softmax_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>

#include "cornu/kernels/exp-inl.h"

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace cornu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using Full = hn::ScalableTag<float>;

// Rows of at least one vector: what is left over is read as one more vector that overlaps the one before. A NaN need not
// reach the maximum: its exponential makes the row's sum, and so the whole row, NaN.

template <class D> HWY_INLINE float row_max(D d, const float* x, int64_t n) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto m = hn::LoadU(d, x);
  for (int64_t i = lanes; i < n; i += lanes) m = hn::Max(m, hn::LoadU(d, x + std::min(i, n - lanes)));
  return hn::GetLane(hn::MaxOfLanes(d, m));
}

/// The sum of the vectors f(offset).
template <class D, class F> HWY_INLINE float row_total(D d, int64_t n, F f) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto s = f(0);
  int64_t i = lanes;
  for (; i + lanes <= n; i += lanes) s = hn::Add(s, f(i));
  if (i < n) s = hn::Add(s, hn::IfThenZeroElse(hn::FirstN(d, static_cast<size_t>(i + lanes - n)), f(n - lanes)));
  return hn::GetLane(hn::SumOfLanes(d, s));
}
template <class D> HWY_INLINE float row_sum(D d, const float* x, int64_t n) {
  return row_total(d, n, [&](int64_t i) { return hn::LoadU(d, x + i); });
}

/// y = the vectors f(offset), which may read y: the overlapping last one is computed before any is written.
template <class D, class F> HWY_INLINE void row_write(D d, int64_t n, float* y, F f) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto last = f(n - lanes);
  for (int64_t i = 0; i + lanes < n; i += lanes) hn::StoreU(f(i), d, y + i);
  hn::StoreU(last, d, y + n - lanes);
}
template <class D, class F> HWY_INLINE void row_map(D d, const float* x, int64_t n, float* y, F f) {
  row_write(d, n, y, [&](int64_t i) { return f(hn::LoadU(d, x + i)); });
}

/// Calls f with the widest tag of at most 16 lanes that a row of n fills, or f(0) when none does.
template <class F> HWY_INLINE void with_row_tag(int64_t n, F f) {
  const hn::CappedTag<float, 16> d16;
  const hn::CappedTag<float, 8> d8;
  const hn::CappedTag<float, 4> d4;
  if (n >= static_cast<int64_t>(hn::Lanes(d16))) f(d16);
  else if (n >= static_cast<int64_t>(hn::Lanes(d8))) f(d8);
  else if (n >= static_cast<int64_t>(hn::Lanes(d4))) f(d4);
  else f(0);
}

void exp_array(float* y, int64_t n) {
  const Full d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(exp_nonpositive(d, hn::LoadU(d, y + i)), d, y + i);
  if (i == n) return;
  const auto some = hn::FirstN(d, static_cast<size_t>(n - i));
  hn::BlendedStore(exp_nonpositive(d, hn::MaskedLoad(some, d, y + i)), some, d, y + i);
}

template <class D> void few_classes(D d, const float* x, Rows size, float* y, float* max, float* sum) {
  const int64_t n = size.classes;
  for (int64_t r = 0; r < size.rows; ++r) {
    max[r] = row_max(d, x + r * n, n);
    const auto m = hn::Set(d, max[r]);
    row_map(d, x + r * n, n, y + r * n, [&](auto v) { return hn::Sub(v, m); });
  }
  exp_array(y, size.rows * n);
  for (int64_t r = 0; r < size.rows; ++r) {
    sum[r] = row_sum(d, y + r * n, n);
    const auto by = hn::Set(d, 1.0f / sum[r]);
    row_map(d, y + r * n, n, y + r * n, [&](auto v) { return hn::Mul(v, by); });
  }
}

/// Less than a vector of four.
void few_classes(int, const float* x, Rows size, float* y, float* max, float* sum) {
  const int64_t n = size.classes;
  for (int64_t r = 0; r < size.rows; ++r) {
    float m = x[r * n];
    for (int64_t k = 1; k < n; ++k) m = std::max(m, x[r * n + k]);
    for (int64_t k = 0; k < n; ++k) y[r * n + k] = x[r * n + k] - m;
    max[r] = m;
  }
  exp_array(y, size.rows * n);
  for (int64_t r = 0; r < size.rows; ++r) {
    float s = 0;
    for (int64_t k = 0; k < n; ++k) s += y[r * n + k];
    for (int64_t k = 0; k < n; ++k) y[r * n + k] /= s;
    sum[r] = s;
  }
}

/// One row; sums of 1024 exponentials are added in double.
void many_classes(const float* x, int64_t n, float* y, float* max, float* sum) {
  const Full d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto m0 = hn::LoadU(d, x), m1 = m0;
  int64_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    m0 = hn::Max(m0, hn::LoadU(d, x + i));
    m1 = hn::Max(m1, hn::LoadU(d, x + i + lanes));
  }
  for (; i < n; i += lanes) m0 = hn::Max(m0, hn::LoadU(d, x + std::min(i, n - lanes)));
  *max = hn::GetLane(hn::MaxOfLanes(d, hn::Max(m0, m1)));

  const auto m = hn::Set(d, *max);
  double total = 0;
  for (int64_t block = 0; block < n; block += 1024) {
    const int64_t end = std::min<int64_t>(block + 1024, n);
    auto s0 = hn::Zero(d), s1 = s0;
    for (i = block; i + 2 * lanes <= end; i += 2 * lanes) {
      const auto e0 = exp_nonpositive(d, hn::Sub(hn::LoadU(d, x + i), m)), e1 = exp_nonpositive(d, hn::Sub(hn::LoadU(d, x + i + lanes), m));
      hn::StoreU(e0, d, y + i);
      hn::StoreU(e1, d, y + i + lanes);
      s0 = hn::Add(s0, e0);
      s1 = hn::Add(s1, e1);
    }
    for (; i < end; i += lanes) {
      const auto some = hn::FirstN(d, static_cast<size_t>(end - i));  // all, where a whole vector is left
      const auto e = hn::IfThenElseZero(some, exp_nonpositive(d, hn::Sub(hn::MaskedLoad(some, d, x + i), m)));
      hn::BlendedStore(e, some, d, y + i);
      s0 = hn::Add(s0, e);
    }
    total += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::Add(s0, s1))));
  }
  *sum = static_cast<float>(total);
  const auto by = hn::Set(d, static_cast<float>(1 / total));
  row_map(d, y, n, y, [&](auto v) { return hn::Mul(v, by); });
}

void softmax(const float* x, Rows size, float* y, float* max, float* log_sum) {
  HWY_ALIGN float sum[softmax_rows_at_once];
  if (size.classes >= 64)
    for (int64_t r = 0; r < size.rows; ++r) many_classes(x + r * size.classes, size.classes, y + r * size.classes, max + r, sum + r);
  else
    with_row_tag(size.classes, [&](auto d) { few_classes(d, x, size, y, max, sum); });
  const hn::CappedTag<float, 16> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  std::fill(sum + size.rows, sum + (size.rows + lanes - 1) / lanes * lanes, 1.0f);
  for (int64_t r = 0; r < size.rows; r += lanes) hn::Store(hn::Log(d, hn::Load(d, sum + r)), d, sum + r);
  std::copy_n(sum, size.rows, log_sum);
}

/// y row by row: f(row, vector of x), or f(row, float).
template <class Vector, class Number> HWY_INLINE void map_rows(const float* x, Rows size, float* y, Vector vector, Number number) {
  const int64_t n = size.classes;
  with_row_tag(n, [&](auto d) {
    for (int64_t r = 0; r < size.rows; ++r)
      if constexpr (std::is_same_v<decltype(d), int>)
        for (int64_t k = 0; k < n; ++k) y[r * n + k] = number(r, x[r * n + k]);
      else
        row_map(d, x + r * n, n, y + r * n, vector(d, r));
  });
}

void subtract_rows(const float* x, Rows size, const float* max, const float* log_sum, float* y) {
  map_rows(
      x, size, y,
      [&](auto d, int64_t r) { return [m = hn::Set(d, max[r]), s = hn::Set(d, log_sum[r])](auto v) { return hn::Sub(hn::Sub(v, m), s); }; },
      [&](int64_t r, float v) { return v - max[r] - log_sum[r]; });
}

void scale_rows(const float* p, Rows size, const float* by, float* y) {
  map_rows(
      p, size, y, [&](auto d, int64_t r) { return [b = hn::Set(d, by[r])](auto v) { return hn::Mul(v, b); }; },
      [&](int64_t r, float v) { return v * by[r]; });
}

void cross_entropy(const float* x, const float* t, Rows size, const float* max, const float* log_sum, float* loss) {
  const int64_t n = size.classes;
  with_row_tag(n, [&](auto d) {
    for (int64_t r = 0; r < size.rows; ++r, x += n, t += n)
      if constexpr (std::is_same_v<decltype(d), int>) {
        loss[r] = 0;
        for (int64_t k = 0; k < n; ++k) loss[r] += t[k] != 0 ? t[k] * (log_sum[r] - (x[k] - max[r])) : 0.0f;
      } else {
        const auto m = hn::Set(d, max[r]), s = hn::Set(d, log_sum[r]);
        loss[r] = row_total(d, n, [&](int64_t i) {
          const auto target = hn::LoadU(d, t + i);
          return hn::IfThenZeroElse(hn::Eq(target, hn::Zero(d)), hn::Mul(target, hn::Sub(s, hn::Sub(hn::LoadU(d, x + i), m))));
        });
      }
  });
}

void cross_entropy_gradient(const float* p, const float* t, Rows size, const float* dloss, float* y) {
  const int64_t n = size.classes;
  with_row_tag(n, [&](auto d) {
    for (int64_t r = 0; r < size.rows; ++r, p += n, t += n, y += n)
      if constexpr (std::is_same_v<decltype(d), int>) {
        float total = 0;
        for (int64_t k = 0; k < n; ++k) total += t[k];
        for (int64_t k = 0; k < n; ++k) y[k] = dloss[r] * (p[k] * total - t[k]);
      } else {
        const auto total = hn::Set(d, row_sum(d, t, n)), by = hn::Set(d, dloss[r]);
        row_write(d, n, y, [&](int64_t i) { return hn::Mul(by, hn::Sub(hn::Mul(hn::LoadU(d, p + i), total), hn::LoadU(d, t + i))); });
      }
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace cornu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cornu {
HWY_EXPORT(softmax);
HWY_EXPORT(subtract_rows);
HWY_EXPORT(scale_rows);
HWY_EXPORT(cross_entropy);
HWY_EXPORT(cross_entropy_gradient);

void simd_softmax(const float* x, Rows size, float* y, float* max, float* log_sum) { HWY_DYNAMIC_DISPATCH(softmax)(x, size, y, max, log_sum); }
void simd_subtract_rows(const float* x, Rows size, const float* max, const float* log_sum, float* y) {
  HWY_DYNAMIC_DISPATCH(subtract_rows)(x, size, max, log_sum, y);
}
void simd_scale_rows(const float* p, Rows size, const float* by, float* d) { HWY_DYNAMIC_DISPATCH(scale_rows)(p, size, by, d); }
void simd_cross_entropy(const float* x, const float* t, Rows size, const float* max, const float* log_sum, float* loss) {
  HWY_DYNAMIC_DISPATCH(cross_entropy)(x, t, size, max, log_sum, loss);
}
void simd_cross_entropy_gradient(const float* p, const float* t, Rows size, const float* dloss, float* d) {
  HWY_DYNAMIC_DISPATCH(cross_entropy_gradient)(p, t, size, dloss, d);
}
}  // namespace cornu
#endif
