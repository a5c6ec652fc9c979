#include "cornu/kernels/convolution_simd.h"

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cornu/kernels/convolution_simd.cpp"
#include <hwy/foreach_target.h>

#include "cornu/kernels/gemm_simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cornu::convolution {
namespace HWY_NAMESPACE {

using namespace gemm::HWY_NAMESPACE;

// As gemm_simd.cpp's, whose panels these loops read.
inline constexpr int tile_rows = HWY_TARGET == HWY_AVX3 ? 12 : 6;
inline constexpr int tile_vectors = 2;
inline constexpr int tile_columns = tile_vectors * lanes;

template <int R> struct Sums {
  V sum[R][tile_vectors];

  HWY_INLINE void load(const float* c, int64_t ldc, bool add) {
    const D d;
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 16
      for (int j = 0; j < tile_vectors; ++j) sum[i][j] = add ? hn::LoadU(d, c + i * ldc + j * lanes) : hn::Zero(d);
  }
  HWY_INLINE void store(float* c, int64_t ldc) const {
    const D d;
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 16
      for (int j = 0; j < tile_vectors; ++j) hn::StoreU(sum[i][j], d, c + i * ldc + j * lanes);
  }
  /// a_of(i): the number of row i.
  template <class A> HWY_INLINE void add(const A& a_of, const float* b) {
    const D d;
    V of_b[tile_vectors];
#pragma GCC unroll 16
    for (int j = 0; j < tile_vectors; ++j) of_b[j] = hn::LoadU(d, b + j * lanes);
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) {
      const V of_a = hn::Set(d, a_of(i));
#pragma GCC unroll 16
      for (int j = 0; j < tile_vectors; ++j) sum[i][j] = hn::MulAdd(of_a, of_b[j], sum[i][j]);
    }
  }
};

template <int R>
HWY_INLINE void results_of(int64_t runs, int64_t length, const int64_t* begins, const float* a, int64_t a_row, const float* b, float* c, int64_t ldc,
                           bool add) {
  Sums<R> sums;
  sums.load(c, ldc, add);
  for (int64_t r = 0; r < runs; ++r) {
    // Two pointers reach the rows of a tile with the steps that an address has.
    const float *first = a + begins[r], *second = first + 3 * a_row;
    for (int64_t p = 0; p < length; ++p, ++first, ++second, b += tile_columns)
      sums.add([&](int i) { return R <= 6 && i >= 3 ? second[(i - 3) * a_row] : first[i * a_row]; }, b);
  }
  sums.store(c, ldc);
}

template <int R>
HWY_INLINE void weights_of(int64_t lines, const Line* line, int64_t a_offset, int64_t b_offset, int64_t count, int64_t a_step, float* c, int64_t ldc) {
  Sums<R> sums;
  sums.load(c, ldc, true);
  for (int64_t r = 0; r < lines; ++r) {
    const float *from = line[r].a + a_offset, *b = line[r].b + b_offset;
    for (int64_t p = 0; p < count; ++p, from += a_step, b += tile_columns) sums.add([&](int i) { return from[i]; }, b);
  }
  sums.store(c, ldc);
}

/// tile(R, c, ldc) on whole panels, or on a copy of a narrow one.
template <int R = tile_rows, class Tile> void any_tile(float* c, int64_t ldc, bool add, int m, int n, const Tile& tile) {
  if constexpr (R > 1) {
    if (m < R) return any_tile<R - 1>(c, ldc, add, m, n, tile);
  }
  if (n == tile_columns) return tile(std::integral_constant<int, R>(), c, ldc);
  HWY_ALIGN float block[R * tile_columns];
  for (int i = 0; i < R; ++i)
    for (int j = 0; j < tile_columns; ++j) block[i * tile_columns + j] = add && j < n ? c[i * ldc + j] : 0;
  tile(std::integral_constant<int, R>(), block, static_cast<int64_t>(tile_columns));
  for (int i = 0; i < R; ++i)
    for (int j = 0; j < n; ++j) c[i * ldc + j] = block[i * tile_columns + j];
}

void results(int64_t runs, int64_t length, const int64_t* begins, const float* a, int64_t a_row, const float* b, float* c, int64_t ldc, bool add,
             int m, int n) {
  any_tile(c, ldc, add, m, n, [&](auto R, float* to, int64_t step) { results_of<R()>(runs, length, begins, a, a_row, b, to, step, add); });
}

void weights(int64_t lines, const Line* line, int64_t a_offset, int64_t b_offset, int64_t count, int64_t a_step, float* c, int64_t ldc, int m, int n) {
  any_tile(c, ldc, true, m, n, [&](auto R, float* to, int64_t step) { weights_of<R()>(lines, line, a_offset, b_offset, count, a_step, to, step); });
}

inline constexpr Loops loops = {.results = results, .weights = weights};

}  // namespace HWY_NAMESPACE
}  // namespace cornu::convolution
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cornu::convolution {

const Loops& loops_for([[maybe_unused]] const Machine& machine) {
#if HWY_TARGETS & HWY_AVX3
  if (machine.avx512) return N_AVX3::loops;
#endif
#if HWY_TARGETS & HWY_AVX2
  if (machine.avx2) return N_AVX2::loops;
#endif
  return HWY_STATIC_DISPATCH(loops);
}

}  // namespace cornu::convolution
#endif
