// Copies for products with long sums: rows as they lie in memory become rows of panels, once for each kind of processor.
#include "cornu/kernels/gemm_tall.h"

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cornu/kernels/gemm_tall_simd.cpp"
#include <hwy/foreach_target.h>

#include "cornu/kernels/gemm_simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cornu::gemm {
namespace HWY_NAMESPACE {

/// Panels narrower than a vector: what a whole vector holds too much is written over by the next row, or lies between panels.
template <class T> HWY_INLINE void narrow(const T* from, int64_t whole, int64_t count, int64_t width, int64_t panel, float* to) {
  const D d;
  for (int64_t i = 0; i < whole; i += width, to += panel) hn::StoreU(i + lanes <= count ? load(d, from + i) : load_part(d, from + i, width), d, to);
}

/// Panels of two vectors.
template <class T> HWY_INLINE void pairs(const T* from, int64_t whole, int64_t panel, float* to) {
  const D d;
  for (int64_t i = 0; i < whole; i += 2 * lanes, to += panel) {
    hn::StoreU(load(d, from + i), d, to);
    hn::StoreU(load(d, from + i + lanes), d, to + lanes);
  }
}

template <class T> void pack_rows_of(const T* from, int64_t k_step, int64_t count, int64_t width, int64_t panel, int64_t k, float* to) {
  const int64_t whole = count / width * width, rest = count - whole;
  for (int64_t p = 0; p < k; ++p, from += k_step, to += width) {
    if (width == 2 * lanes) {
      pairs(from, whole, panel, to);
    } else if (width < lanes) {
      narrow(from, whole, count, width, panel, to);
    } else {
      for (int64_t i = 0; i < whole; ++i) to[i / width * panel + i % width] = as_float(from[i]);
    }
    if (rest == 0) continue;
    float* last = to + whole / width * panel;
    for (int64_t i = 0; i < width; ++i) last[i] = i < rest ? as_float(from[whole + i]) : 0.0f;
  }
}

void pack_rows(DType dtype, const void* from, int64_t k_step, int64_t count, int64_t width, int64_t panel, int64_t k, float* to) {
  if (dtype == DType::uint8) pack_rows_of(static_cast<const uint8_t*>(from), k_step, count, width, panel, k, to);
  else if (dtype == DType::bfloat16) pack_rows_of(static_cast<const bfloat16*>(from), k_step, count, width, panel, k, to);
  else pack_rows_of(static_cast<const float*>(from), k_step, count, width, panel, k, to);
}

void sum_rows(const float* x, int64_t k, int64_t width, int64_t n, bool add, float* y) {
  const D d;
  int64_t j = 0;
  for (; j + lanes <= n; j += lanes) {
    V even = hn::Zero(d), odd = even;
    int64_t p = 0;
    for (; p + 2 <= k; p += 2) {
      even = hn::Add(even, hn::LoadU(d, x + p * width + j));
      odd = hn::Add(odd, hn::LoadU(d, x + (p + 1) * width + j));
    }
    if (p < k) even = hn::Add(even, hn::LoadU(d, x + p * width + j));
    const V sum = hn::Add(even, odd);
    hn::StoreU(add ? hn::Add(hn::LoadU(d, y + j), sum) : sum, d, y + j);
  }
  for (; j < n; ++j) {
    float even = 0, odd = 0;
    for (int64_t p = 0; p < k; ++p) (p % 2 ? odd : even) += x[p * width + j];
    y[j] = (add ? y[j] : 0.0f) + (even + odd);
  }
}

inline constexpr TallSimd functions = {pack_rows, sum_rows};

}  // namespace HWY_NAMESPACE
}  // namespace cornu::gemm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cornu::gemm {

TallSimd tall_simd([[maybe_unused]] const Machine& machine) {
#if HWY_TARGETS & HWY_AVX3
  if (machine.avx512) return N_AVX3::functions;
#endif
#if HWY_TARGETS & HWY_AVX2
  if (machine.avx2) return N_AVX2::functions;
#endif
  return HWY_STATIC_DISPATCH(functions);
}

}  // namespace cornu::gemm
#endif
