// The inner loops of convolution_maxima.cpp, compiled once for each kind of processor.
#include "cornu/kernels/convolution_maxima.h"

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cornu/kernels/convolution_maxima_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace cornu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
inline constexpr int64_t lanes = static_cast<int64_t>(hn::MaxLanes(D()));
inline constexpr int most_vectors = 12;  // sums that stay in registers
inline constexpr int64_t ahead = 8;      // results

/// p, of which the compiler knows nothing: it would keep a pointer for each of many neighbours.
template <class T> HWY_INLINE T* one_pointer(T* p) {
  __asm__("" : "+r"(p));
  return p;
}

template <int N> HWY_INLINE void gather_vectors(const Maximum* entries, int64_t count, const float* x, float* sums) {
  const D d;
  V sum[N];
#pragma GCC unroll 16
  for (int v = 0; v < N; ++v) sum[v] = hn::LoadU(d, sums + v * lanes);
  for (int64_t e = 0; e < count; ++e) {
    const V g = hn::Set(d, entries[e].gradient);
    const float* from = one_pointer(x + entries[e].offset);
#pragma GCC unroll 16
    for (int v = 0; v < N; ++v) sum[v] = hn::MulAdd(g, hn::LoadU(d, from + v * lanes), sum[v]);
  }
#pragma GCC unroll 16
  for (int v = 0; v < N; ++v) hn::StoreU(sum[v], d, sums + v * lanes);
}

/// f(std::integral_constant<int, N>, first) for all whole vectors of n, up to most_vectors at a time; what was covered.
template <int N = most_vectors, class F> HWY_INLINE int64_t in_vectors(int64_t n, const F& f, int64_t first = 0) {
  for (; first + N * lanes <= n; first += N * lanes) f(std::integral_constant<int, N>(), first);
  if constexpr (N > 1) return in_vectors<(N + 1) / 2>(n, f, first);
  else return first;
}

void gather(const Maximum* entries, int64_t count, const float* x, int64_t n, float* sums) {
  const int64_t done = in_vectors(n, [&](auto N, int64_t first) { gather_vectors<N()>(entries, count, x + first, sums + first); });
  for (int64_t i = done; i < n; ++i) {
    float sum = sums[i];
    for (int64_t e = 0; e < count; ++e) sum = __builtin_fmaf(entries[e].gradient, x[entries[e].offset + i], sum);
    sums[i] = sum;
  }
}

/// H rows of R sums for one vector of filters, or (unless it is whole) the first of it.
template <bool whole_vector, int H, int R>
HWY_INLINE void masked_sums(const float* d_of, const int32_t* where, int64_t d_row, int64_t filters, int64_t results, const int64_t* bases,
                            const int64_t* cells, int64_t cell_count, const float* x, int64_t x_row, float* sums, int64_t sums_row) {
  const D d;
  const hn::RebindToSigned<D> whole;
  const auto few = hn::FirstN(d, static_cast<size_t>(filters));
  V sum[H * R];
#pragma GCC unroll 16
  for (int k = 0; k < H * R; ++k) sum[k] = hn::MaskedLoad(few, d, sums + k * sums_row);
  for (int64_t p = 0; p < results; ++p, d_of += d_row, where += d_row) {
    __builtin_prefetch(d_of + ahead * d_row), __builtin_prefetch(where + ahead * d_row);  // each for the first time
    V g;
    hn::Vec<decltype(whole)> cell;
    if constexpr (whole_vector) g = hn::LoadU(d, d_of), cell = hn::LoadU(whole, where);
    else g = hn::MaskedLoad(few, d, d_of), cell = hn::MaskedLoad(hn::FirstN(whole, static_cast<size_t>(filters)), whole, where);
    for (int64_t t = 0; t < cell_count; ++t) {
      const V chosen = hn::IfThenElseZero(hn::RebindMask(d, hn::Eq(cell, hn::Set(whole, static_cast<int32_t>(t)))), g);
      const float* from = x + bases[p] + cells[t];
#pragma GCC unroll 16
      for (int h = 0; h < H; ++h, from = one_pointer(from + x_row))
#pragma GCC unroll 16
        for (int i = 0; i < R; ++i) sum[h * R + i] = hn::MulAdd(chosen, hn::Set(d, from[i]), sum[h * R + i]);
    }
  }
#pragma GCC unroll 16
  for (int k = 0; k < H * R; ++k) hn::BlendedStore(sum[k], few, d, sums + k * sums_row);
}

template <bool whole_vector, int R = 9, class... Args> void one_row(int64_t n, const Args&... args) {
  if (n == R) return masked_sums<whole_vector, 1, R>(args...);
  if constexpr (R > 1) one_row<whole_vector, R - 1>(n, args...);
}

template <bool whole_vector>
void masked_vector(const float* d_of, const int32_t* where, int64_t d_row, int64_t filters, int64_t results, const int64_t* bases, const int64_t* cells,
                   int64_t cell_count, const float* x, int64_t x_row, int64_t rows, int64_t run, float* sums, int64_t sums_row) {
  int64_t h = 0;
  for (; run == 3 && h + 3 <= rows; h += 3)
    masked_sums<whole_vector, 3, 3>(d_of, where, d_row, filters, results, bases, cells, cell_count, x + h * x_row, x_row, sums + h * run * sums_row, sums_row);
  for (; h < rows; ++h)
    for (int64_t i = 0; i < run; i += 9)
      one_row<whole_vector>(run - i < 9 ? run - i : 9, d_of, where, d_row, filters, results, bases, cells, cell_count, x + h * x_row + i, x_row,
                            sums + (h * run + i) * sums_row, sums_row);
}

void masked(const float* d_of, const int32_t* where, int64_t d_row, int64_t filters, int64_t results, const int64_t* bases, const int64_t* cells,
            int64_t cell_count, const float* x, int64_t x_row, int64_t rows, int64_t run, float* sums, int64_t sums_row) {
  for (int64_t f = 0; f < filters; f += lanes) {
    const auto vector = f + lanes <= filters ? masked_vector<true> : masked_vector<false>;
    vector(d_of + f, where + f, d_row, filters - f, results, bases, cells, cell_count, x, x_row, rows, run, sums + f, sums_row);
  }
}

inline constexpr MaximaLoops loops = {.gather = gather, .masked = masked};
const MaximaLoops* loops_here() { return &loops; }

}  // namespace HWY_NAMESPACE
}  // namespace cornu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cornu {
HWY_EXPORT(loops_here);
const MaximaLoops& maxima_loops() { return *HWY_DYNAMIC_DISPATCH(loops_here)(); }
}  // namespace cornu
#endif
