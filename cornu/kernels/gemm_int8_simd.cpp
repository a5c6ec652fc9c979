// The innermost loops of products in integers. Bytes are widened to 16 bits and multiplied in pairs: vpmaddwd takes as many products
// at once as vpmaddubsw would without its saturation (two products of a byte and a signed byte may exceed 16 bits).
#include "cornu/kernels/gemm_int8_simd.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cornu/kernels/gemm_int8_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace cornu::integers {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR
using F = hn::ScalableTag<float>;
using I32 = hn::RebindToSigned<F>;
using I16 = hn::Repartition<int16_t, I32>;
using U8 = hn::Rebind<uint8_t, I16>;
inline constexpr int64_t lanes = static_cast<int64_t>(hn::MaxLanes(F())), wide = 2 * lanes;  // of float32, of int16
static_assert(wide <= int8_step);

int32_t round(const float* HWY_RESTRICT from, int64_t k, int16_t* HWY_RESTRICT to, float* unit) {
  const F f;
  const I32 i32;
  const hn::Rebind<int16_t, I32> i16;
  auto largest = hn::Zero(f), broken = hn::Zero(f);
  int64_t p = 0;
  for (; p + lanes <= k; p += lanes) {
    const auto x = hn::LoadU(f, from + p);
    largest = hn::Max(largest, hn::Abs(x));
    broken = hn::MulAdd(x, hn::Zero(f), broken);
  }
  float most = hn::GetLane(hn::MaxOfLanes(f, largest)), nothing = hn::GetLane(hn::SumOfLanes(f, broken));
  for (int64_t q = p; q < k; ++q) most = std::max(most, std::abs(from[q])), nothing += from[q] * 0.0f;
  most += 1e-7f;
  *unit = nothing == 0 ? most / 127.0f : nothing;
  if (nothing != 0) return std::memset(to, 0, static_cast<size_t>((k + int8_step - 1) / int8_step * int8_step) * sizeof(int16_t)), 0;
  const float scale = 127.0f / most;
  const auto scales = hn::Set(f, scale);
  auto sum = hn::Zero(i32);
  p = 0;
  for (; p + lanes <= k; p += lanes) {
    const auto q = hn::NearestInt(hn::LoadU(f, from + p) * scales);
    sum = sum + q;
    hn::StoreU(hn::DemoteTo(i16, q), i16, to + p);
  }
  int32_t total = hn::GetLane(hn::SumOfLanes(i32, sum));
  for (; p < k; ++p) {
    const auto q = static_cast<int16_t>(std::lrint(from[p] * scale));
    to[p] = q, total += q;
  }
  for (; p % int8_step != 0; ++p) to[p] = 0;
  return total;
}

/// R rows of a with C rows of b.
template <int R, int C>
HWY_INLINE void dots(int64_t k, const int16_t* HWY_RESTRICT a, int64_t a_row, const uint8_t* HWY_RESTRICT b, int64_t b_row, int32_t* HWY_RESTRICT c, int64_t ldc) {
  const I16 i16;
  const I32 i32;
  const U8 u8;
  hn::Vec<I32> sum[R * C], other[R * C];
#pragma GCC unroll 16
  for (int i = 0; i < R * C; ++i) sum[i] = other[i] = hn::Zero(i32);
  int64_t p = 0;
  for (; p + wide <= k; p += wide) {
    hn::Vec<I16> of_a[R];
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) of_a[i] = hn::LoadU(i16, a + i * a_row + p);
#pragma GCC unroll 16
    for (int j = 0; j < C; ++j) {
      const auto of_b = hn::PromoteTo(i16, hn::LoadU(u8, b + j * b_row + p));
#pragma GCC unroll 16
      for (int i = 0; i < R; ++i) sum[i * C + j] = hn::ReorderWidenMulAccumulate(i32, of_a[i], of_b, sum[i * C + j], other[i * C + j]);
    }
  }
  if (p < k) {  // a is padded, b is not
    HWY_ALIGN uint8_t last[C][wide] = {};
#pragma GCC unroll 16
    for (int j = 0; j < C; ++j) std::memcpy(last[j], b + j * b_row + p, static_cast<size_t>(k - p));
#pragma GCC unroll 16
    for (int j = 0; j < C; ++j) {
      const auto of_b = hn::PromoteTo(i16, hn::LoadU(u8, last[j]));
#pragma GCC unroll 16
      for (int i = 0; i < R; ++i) sum[i * C + j] = hn::ReorderWidenMulAccumulate(i32, hn::LoadU(i16, a + i * a_row + p), of_b, sum[i * C + j], other[i * C + j]);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 16
    for (int j = 0; j < C; ++j) c[i * ldc + j] = hn::GetLane(hn::SumOfLanes(i32, sum[i * C + j] + other[i * C + j]));
}

template <int R> void rows_of_a(int64_t n, int64_t k, const int16_t* a, int64_t a_row, const uint8_t* b, int64_t b_row, int32_t* c, int64_t ldc) {
  int64_t j = 0;
  for (; j + 4 <= n; j += 4) dots<R, 4>(k, a, a_row, b + j * b_row, b_row, c + j, ldc);
  for (; j < n; ++j) dots<R, 1>(k, a, a_row, b + j * b_row, b_row, c + j, ldc);
}

void dot(int64_t m, int64_t n, int64_t k, const int16_t* a, int64_t a_row, const uint8_t* b, int64_t b_row, int32_t* c, int64_t ldc) {
  int64_t i = 0;
  for (; i + 2 <= m; i += 2) rows_of_a<2>(n, k, a + i * a_row, a_row, b, b_row, c + i * ldc, ldc);
  if (i < m) rows_of_a<1>(n, k, a + i * a_row, a_row, b, b_row, c + i * ldc, ldc);
}

inline constexpr Int8Simd simd = {.round = round, .dot = dot};
#endif

}  // namespace HWY_NAMESPACE
}  // namespace cornu::integers
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cornu::integers {
namespace {

int32_t round_each(const float* from, int64_t k, int16_t* to, float* unit) {
  float largest = 0, nothing = 0;
  for (int64_t p = 0; p < k; ++p) largest = std::max(largest, std::abs(from[p])), nothing += from[p] * 0.0f;
  largest += 1e-7f;
  *unit = nothing == 0 ? largest / 127.0f : nothing;
  const float scale = 127.0f / largest;
  int32_t sum = 0;
  for (int64_t p = 0; p < (k + int8_step - 1) / int8_step * int8_step; ++p) {
    to[p] = p < k && nothing == 0 ? static_cast<int16_t>(std::lrint(from[p] * scale)) : int16_t{0};
    sum += to[p];
  }
  return sum;
}

void dot_each(int64_t m, int64_t n, int64_t k, const int16_t* a, int64_t a_row, const uint8_t* b, int64_t b_row, int32_t* c, int64_t ldc) {
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      int32_t sum = 0;
      for (int64_t p = 0; p < k; ++p) sum += a[i * a_row + p] * b[j * b_row + p];
      c[i * ldc + j] = sum;
    }
}

constexpr Int8Simd one_by_one = {.round = round_each, .dot = dot_each};

}  // namespace

const Int8Simd& int8_simd_for([[maybe_unused]] const Machine* machine) {
  if (!machine) return one_by_one;
#if HWY_TARGETS & HWY_AVX3
  if (machine->avx512) return N_AVX3::simd;
#endif
#if HWY_TARGETS & HWY_AVX2
  if (machine->avx2) return N_AVX2::simd;
#endif
#if HWY_STATIC_TARGET != HWY_SCALAR
  return HWY_STATIC_DISPATCH(simd);
#else
  return one_by_one;
#endif
}

}  // namespace cornu::integers
#endif
