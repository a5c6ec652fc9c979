// The innermost loops for packed panels, and the choice of the loops that fit the machine.
#include "cornu/kernels/gemm_simd.h"

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cornu/kernels/gemm_simd.cpp"
#include <hwy/foreach_target.h>

#include "cornu/kernels/gemm_simd-inl.h"
#include "cornu/kernels/gemm_skinny-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cornu::gemm {
namespace HWY_NAMESPACE {

// As many sums as registers hold beside two vectors of B and one number of A: 12 of 16, 24 of 32.
inline constexpr int tile_rows = HWY_TARGET == HWY_AVX3 ? 12 : 6;
inline constexpr int tile_vectors = 2;
inline constexpr int tile_columns = tile_vectors * lanes;

/// R rows of A. The order of the sum is that of p, whatever R is.
template <int R, bool packed>
HWY_INLINE void sums(int64_t k, const float* HWY_RESTRICT a, int64_t a_row, int64_t a_column, const float* HWY_RESTRICT b, float* HWY_RESTRICT c,
                     int64_t ldc, bool add) {
  const D d;
  V sum[R][tile_vectors];
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 16
    for (int j = 0; j < tile_vectors; ++j) sum[i][j] = add ? hn::LoadU(d, c + i * ldc + j * lanes) : hn::Zero(d);
  for (int64_t p = 0; p < k; ++p) {
    V of_b[tile_vectors];
#pragma GCC unroll 16
    for (int j = 0; j < tile_vectors; ++j) of_b[j] = hn::LoadU(d, b + j * lanes);
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) {
      const V of_a = hn::Set(d, packed ? a[i] : a[i * a_row]);
#pragma GCC unroll 16
      for (int j = 0; j < tile_vectors; ++j) sum[i][j] = hn::MulAdd(of_a, of_b[j], sum[i][j]);
    }
    a += packed ? tile_rows : a_column;
    b += tile_columns;
  }
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 16
    for (int j = 0; j < tile_vectors; ++j) hn::StoreU(sum[i][j], d, c + i * ldc + j * lanes);
}

template <bool packed, int R = tile_rows>
void rows(int m, int64_t k, const float* a, int64_t a_row, int64_t a_column, const float* b, float* c, int64_t ldc, bool add) {
  if constexpr (R > 1) {
    if (m < R) return rows<packed, R - 1>(m, k, a, a_row, a_column, b, c, ldc, add);
  }
  sums<R, packed>(k, a, a_row, a_column, b, c, ldc, add);
}

template <bool packed>
void any_tile(int64_t k, const float* a, int64_t a_row, int64_t a_column, const float* b, float* c, int64_t ldc, bool add, int m, int n) {
  if (n == tile_columns) return rows<packed>(m, k, a, a_row, a_column, b, c, ldc, add);
  HWY_ALIGN float block[tile_rows * tile_columns];
  for (int i = 0; add && i < m; ++i)
    for (int j = 0; j < n; ++j) block[i * tile_columns + j] = c[i * ldc + j];
  for (int i = 0; add && i < m; ++i)
    for (int j = n; j < tile_columns; ++j) block[i * tile_columns + j] = 0;
  rows<packed>(m, k, a, a_row, a_column, b, block, tile_columns, add);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) c[i * ldc + j] = block[i * tile_columns + j];
}

void tile(int64_t k, const float* a, const float* b, float* c, int64_t ldc, bool add, int m, int n) {
  any_tile<true>(k, a, 0, 0, b, c, ldc, add, m, n);
}
void tile_in_place(int64_t k, const float* a, int64_t a_row, int64_t a_column, const float* b, float* c, int64_t ldc, bool add, int m, int n) {
  any_tile<false>(k, a, a_row, a_column, b, c, ldc, add, m, n);
}

/// Rows of numbers side by side in memory become columns of a panel, four by four.
template <class T> void pack_across(const T* from, int64_t step, int64_t count, int64_t width, int64_t k, float* to) {
  int64_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::FixedTag<float, 4> d;
  const hn::Repartition<uint64_t, decltype(d)> pairs;
  for (; i + 4 <= count; i += 4) {
    const T* r = from + i * step;
    int64_t p = 0;
    for (; p + 4 <= k; p += 4) {
      const auto a = load(d, r + p), b = load(d, r + step + p), c = load(d, r + 2 * step + p), e = load(d, r + 3 * step + p);
      const auto ab0 = hn::BitCast(pairs, hn::InterleaveLower(d, a, b)), ab2 = hn::BitCast(pairs, hn::InterleaveUpper(d, a, b));
      const auto ce0 = hn::BitCast(pairs, hn::InterleaveLower(d, c, e)), ce2 = hn::BitCast(pairs, hn::InterleaveUpper(d, c, e));
      float* y = to + p * width + i;
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, ab0, ce0)), d, y);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, ab0, ce0)), d, y + width);
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, ab2, ce2)), d, y + 2 * width);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, ab2, ce2)), d, y + 3 * width);
    }
    for (; p < k; ++p)
      for (int64_t q = 0; q < 4; ++q) to[p * width + i + q] = as_float(r[q * step + p]);
  }
#endif
  for (; i < width; ++i)
    for (int64_t p = 0; p < k; ++p) to[p * width + i] = i < count ? as_float(from[i * step + p]) : 0.0f;
}

template <class T> void pack_along(const T* from, int64_t step, int64_t k_step, int64_t count, int64_t width, int64_t k, float* to) {
  const D d;
  int64_t done = 0;
  if (step == 1 && count == width && width == tile_columns)  // the commonest panels
    for (; done < k; ++done, from += k_step, to += width)
#pragma GCC unroll 16
      for (int j = 0; j < tile_vectors; ++j) hn::StoreU(load(d, from + j * lanes), d, to + j * lanes);
  // Panels narrower than a vector: what a whole vector holds too much is written over by the next row.
  if (step == 1 && count == width && width < lanes && k_step >= lanes)
    for (; done + 1 < k; ++done, from += k_step, to += width) hn::StoreU(load(d, from), d, to);
  for (int64_t p = done; p < k; ++p, from += k_step, to += width) {
    int64_t i = 0;
    if (step == 1)
      for (; i + lanes <= count; i += lanes) hn::StoreU(load(d, from + i), d, to + i);
    for (; i < count; ++i) to[i] = as_float(from[i * step]);
    for (; i < width; ++i) to[i] = 0;
  }
}

template <class T> void pack_any(const void* from, int64_t step, int64_t k_step, int64_t count, int64_t width, int64_t k, float* to) {
  const T* x = static_cast<const T*>(from);
  if (k_step == 1 && step != 1) pack_across(x, step, count, width, k, to);
  else pack_along(x, step, k_step, count, width, k, to);
}
void pack(DType dtype, const void* from, int64_t step, int64_t k_step, int64_t count, int64_t width, int64_t k, float* to) {
  if (dtype == DType::uint8) pack_any<uint8_t>(from, step, k_step, count, width, k, to);
  else if (dtype == DType::bfloat16) pack_any<bfloat16>(from, step, k_step, count, width, k, to);
  else pack_any<float>(from, step, k_step, count, width, k, to);
}

template <class T> void convert_any(const void* from, float* to, int64_t n) {
  const D d;
  const T* x = static_cast<const T*>(from);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(load(d, x + i), d, to + i);
  for (; i < n; ++i) to[i] = as_float(x[i]);
}
void convert(DType dtype, const void* from, float* to, int64_t n) {
  if (dtype == DType::uint8) convert_any<uint8_t>(from, to, n);
  else if (dtype == DType::bfloat16) convert_any<bfloat16>(from, to, n);
  else convert_any<float>(from, to, n);
}

inline constexpr Simd simd = {.rows = tile_rows, .columns = tile_columns, .tile = tile, .tile_in_place = tile_in_place, .pack = pack,
                       .dot = dot, .direct = direct, .convert = convert};

}  // namespace HWY_NAMESPACE
}  // namespace cornu::gemm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cornu::gemm {

const Simd& simd_for([[maybe_unused]] const Machine& machine) {
#if HWY_TARGETS & HWY_AVX3
  if (machine.avx512) return N_AVX3::simd;
#endif
#if HWY_TARGETS & HWY_AVX2
  if (machine.avx2) return N_AVX2::simd;
#endif
  return HWY_STATIC_DISPATCH(simd);
}

}  // namespace cornu::gemm
#endif
