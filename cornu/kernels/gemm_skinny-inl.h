// The innermost loops for products with few rows or columns, included once for each kind of processor.
#if defined(CORNU_GEMM_SKINNY_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef CORNU_GEMM_SKINNY_INL
#undef CORNU_GEMM_SKINNY_INL
#else
#define CORNU_GEMM_SKINNY_INL
#endif

#include <array>
#include <utility>

#include "cornu/kernels/gemm_simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cornu::gemm {
namespace HWY_NAMESPACE {

/// to[0..3] = the sums over the lanes of a, b, c and e.
#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void four_sums(V a, V b, V c, V e, float* to) {
  to[0] = hn::GetLane(a), to[1] = hn::GetLane(b), to[2] = hn::GetLane(c), to[3] = hn::GetLane(e);
}
#else
template <class D_> HWY_INLINE void store_folded(D_ d, hn::Vec<D_> v, float* to) {
  if constexpr (hn::MaxLanes(D_()) <= 4) {
    hn::Store(v, d, to);
  } else {
    const hn::Half<D_> half;
    store_folded(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)), to);
  }
}
HWY_INLINE void four_sums(V a, V b, V c, V e, float* to) {
  const D d;
  const hn::Repartition<uint64_t, D> pairs;
  const auto ab = hn::BitCast(pairs, hn::Add(hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b)));
  const auto ce = hn::BitCast(pairs, hn::Add(hn::InterleaveLower(d, c, e), hn::InterleaveUpper(d, c, e)));
  store_folded(d, hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, ab, ce)), hn::BitCast(d, hn::InterleaveUpper(pairs, ab, ce))), to);
}
#endif

/// R rows of a with C rows of b: R * C running vectors.
template <class T, int R, int C>
void dots(int64_t k, const void* a_data, int64_t a_row, const float* HWY_RESTRICT b, int64_t b_row, float* HWY_RESTRICT c, int64_t ldc) {
  const D d;
  const T* HWY_RESTRICT a = static_cast<const T*>(a_data);
  V sum[R * C];
#pragma GCC unroll 16
  for (int i = 0; i < R * C; ++i) sum[i] = hn::Zero(d);
  int64_t p = 0;
  for (; p + lanes <= k; p += lanes) {
    V of_a[R];
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) of_a[i] = load(d, a + i * a_row + p);
#pragma GCC unroll 16
    for (int j = 0; j < C; ++j) {
      const V of_b = in_register(hn::LoadU(d, b + j * b_row + p));
#pragma GCC unroll 16
      for (int i = 0; i < R; ++i) sum[i * C + j] = hn::MulAdd(of_a[i], of_b, sum[i * C + j]);
    }
  }
  if (p < k) {
    V of_a[R];
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) of_a[i] = load_part(d, a + i * a_row + p, k - p);
#pragma GCC unroll 16
    for (int j = 0; j < C; ++j) {
      const V of_b = load_part(d, b + j * b_row + p, k - p);
#pragma GCC unroll 16
      for (int i = 0; i < R; ++i) sum[i * C + j] = hn::MulAdd(of_a[i], of_b, sum[i * C + j]);
    }
  }
  HWY_ALIGN float total[(R * C + 3) / 4 * 4];
  const V zero = hn::Zero(d);
#pragma GCC unroll 16
  for (int i = 0; i < R * C; i += 4)
    four_sums(sum[i], i + 1 < R * C ? sum[i + 1] : zero, i + 2 < R * C ? sum[i + 2] : zero, i + 3 < R * C ? sum[i + 3] : zero, total + i);
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 16
    for (int j = 0; j < C; ++j) c[i * ldc + j] = total[i * C + j];
}

// One row of a meets up to ten of b at once, two rows up to five: ten sums keep both multipliers busy and fit 16 registers.
inline constexpr int dot_columns = 5;
using Dots = void (*)(int64_t, const void*, int64_t, const float*, int64_t, float*, int64_t);
template <class T, int R, int... C> constexpr std::array<Dots, sizeof...(C)> dot_table(std::integer_sequence<int, C...>) {
  return {dots<T, R, C + 1>...};
}

template <class T>
void dot_any(int64_t m, int64_t n, int64_t k, const T* a, int64_t a_row, const float* b, int64_t b_row, float* c, int64_t ldc) {
  static constexpr auto one = dot_table<T, 1>(std::make_integer_sequence<int, 2 * dot_columns>());
  static constexpr auto two = dot_table<T, 2>(std::make_integer_sequence<int, dot_columns>());
  // Five rows of b stay in the first-level cache while all of a passes by.
  const int64_t pairs = m / 2 * 2;
  for (int64_t j = 0; pairs > 0 && j < n; j += dot_columns) {
    const auto multiply = two[static_cast<size_t>((n - j < dot_columns ? n - j : dot_columns) - 1)];
    for (int64_t i = 0; i < pairs; i += 2) multiply(k, a + i * a_row, a_row, b + j * b_row, b_row, c + i * ldc + j, ldc);
  }
  if (pairs == m) return;
  for (int64_t j = 0; j < n; j += 2 * dot_columns) {
    const int64_t columns = n - j < 2 * dot_columns ? n - j : 2 * dot_columns;
    one[static_cast<size_t>(columns - 1)](k, a + pairs * a_row, a_row, b + j * b_row, b_row, c + pairs * ldc + j, ldc);
  }
}

void dot(DType a_type, int64_t m, int64_t n, int64_t k, const void* a, int64_t a_row, const float* b, int64_t b_row, float* c, int64_t ldc) {
  if (a_type == DType::uint8) dot_any(m, n, k, static_cast<const uint8_t*>(a), a_row, b, b_row, c, ldc);
  else dot_any(m, n, k, static_cast<const float*>(a), a_row, b, b_row, c, ldc);
}

/// R rows by C vectors of columns. The last vector begins at column `last`: where a row is no whole number of vectors, it
/// overlaps the one before and computes some columns twice. Rows shorter than a vector (C is 1) have `few` columns.
template <class T, int R, int C, bool whole>
void directs(int64_t k, const float* HWY_RESTRICT a, int64_t a_row, int64_t a_column, const void* b_data, int64_t b_row, float* HWY_RESTRICT c,
             int64_t ldc, int64_t last, [[maybe_unused]] int64_t few) {
  const D d;
  const T* HWY_RESTRICT b = static_cast<const T*>(b_data);
  V sum[R][C];
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 16
    for (int j = 0; j < C; ++j) sum[i][j] = hn::Zero(d);
  for (int64_t p = 0; p < k; ++p, a += a_column, b += b_row) {
    V of_b[C];
#pragma GCC unroll 16
    for (int j = 0; j < C; ++j) of_b[j] = whole ? load(d, b + (j < C - 1 ? j * lanes : last)) : load_part(d, b, few);
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) {
      const V of_a = hn::Set(d, a[i * a_row]);
#pragma GCC unroll 16
      for (int j = 0; j < C; ++j) sum[i][j] = hn::MulAdd(of_a, of_b[j], sum[i][j]);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 16
    for (int j = 0; j < C; ++j) {
      if (whole) hn::StoreU(sum[i][j], d, c + i * ldc + (j < C - 1 ? j * lanes : last));
      else store_part(d, sum[i][j], c + i * ldc, few);
    }
}

inline constexpr int direct_rows = 6;
/// Vectors of columns for R rows: as many sums as registers allow.
constexpr int direct_vectors(int rows) { return rows == 1 ? 8 : rows == 2 ? 4 : rows <= 4 ? 3 : 2; }
using Directs = void (*)(int64_t, const float*, int64_t, int64_t, const void*, int64_t, float*, int64_t, int64_t, int64_t);
struct DirectTable {
  Directs whole[9] = {}, part = nullptr;
};
template <class T, int R, int... C> constexpr DirectTable direct_row(std::integer_sequence<int, C...>) {
  DirectTable table;
  ((table.whole[C + 1] = directs<T, R, C + 1, true>), ...);
  table.part = directs<T, R, 1, false>;
  return table;
}
template <class T, int... R> constexpr std::array<DirectTable, sizeof...(R)> direct_table(std::integer_sequence<int, R...>) {
  return {direct_row<T, R + 1>(std::make_integer_sequence<int, direct_vectors(R + 1)>())...};
}

template <class T>
void direct_any(int64_t m, int64_t n, int64_t k, const float* a, int64_t a_row, int64_t a_column, const T* b, int64_t b_row, float* c, int64_t ldc) {
  static constexpr auto table = direct_table<T>(std::make_integer_sequence<int, direct_rows>());
  // Blocks of rows of nearly one height: 10 are 5 and 5, not 6 and 4.
  const int64_t blocks = (m + direct_rows - 1) / direct_rows;
  for (int64_t block = 0; block < blocks; ++block) {
    const int64_t first = m * block / blocks, rows = m * (block + 1) / blocks - first;
    const DirectTable& of = table[static_cast<size_t>(rows - 1)];
    const int64_t step = direct_vectors(static_cast<int>(rows)) * lanes;
    const float* from = a + first * a_row;
    float* to = c + first * ldc;
    if (n < lanes) {
      of.part(k, from, a_row, a_column, b, b_row, to, ldc, 0, n);
      continue;
    }
    for (int64_t j = 0; j < n; j += step) {
      const int64_t left = n - j < step ? n - j : step, vectors = (left + lanes - 1) / lanes;
      of.whole[vectors](k, from, a_row, a_column, b + j, b_row, to + j, ldc, left - lanes, 0);
    }
  }
}

void direct(DType b_type, int64_t m, int64_t n, int64_t k, const float* a, int64_t a_row, int64_t a_column, const void* b, int64_t b_row, float* c,
            int64_t ldc) {
  if (b_type == DType::uint8) direct_any(m, n, k, a, a_row, a_column, static_cast<const uint8_t*>(b), b_row, c, ldc);
  else direct_any(m, n, k, a, a_row, a_column, static_cast<const float*>(b), b_row, c, ldc);
}

}  // namespace HWY_NAMESPACE
}  // namespace cornu::gemm
HWY_AFTER_NAMESPACE();
#endif
