// The SIMD column of pointwise.def, compiled for each instruction set.
#include "cornu/ops/pointwise_simd.h"

#include <cmath>
#include <cstring>
#include <utility>

#include "cornu/ops/pointwise_scalar.h"

// x86-64 without AVX2 takes Highway's scalar code: correct, portable, and rare since 2013.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cornu/ops/pointwise_simd.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h.
#include "cornu/ops/pointwise_math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace cornu {
namespace HWY_NAMESPACE {
namespace {

/// y[i] = F::run(d, operands...)[i]. The tail goes through a vector of its own: nothing beyond n is touched.
template <class F, size_t... k> HWY_INLINE void loop(const TileSource* in, void* y_, int64_t n, std::index_sequence<k...>) {
  const ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(Lanes(d));
  float* y = static_cast<float*>(y_);
  const float* data[] = {static_cast<const float*>(in[k].data)...};
  const int64_t mask[] = {in[k].mask...};
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) StoreU(F::run(d, LoadU(d, data[k] + (i & mask[k]))...), d, y + i);
  if (i == n) return;
  const size_t rest = static_cast<size_t>(n - i) * sizeof(float);
  HWY_ALIGN float tail[sizeof...(k)][MaxLanes(d)] = {};
  (std::memcpy(tail[k], data[k] + (i & mask[k]), rest), ...);
  HWY_ALIGN float out[MaxLanes(d)];
  Store(F::run(d, Load(d, tail[k])...), d, out);
  std::memcpy(y + i, out, rest);
}

template <class F, size_t operands> void over_tile(const TileSource* in, void* y, int64_t n) {
  loop<F>(in, y, n, std::make_index_sequence<operands>());
}

#define CORNU_FUNCTION(prefix, op, simd, ...)                                                       \
  struct prefix##op {                                                                               \
    template <class D> static HWY_INLINE V<D> run([[maybe_unused]] D d, __VA_ARGS__) { return simd; } \
  };
#define UNARY(op, takes, simd, ...) CORNU_FUNCTION(pointwise_, op, (simd), V<D> x)
#define BINARY(op, takes, simd, ...) CORNU_FUNCTION(pointwise_, op, (simd), V<D> a, V<D> b)
#define TERNARY(op, takes, simd, ...) CORNU_FUNCTION(pointwise_, op, (simd), V<D> a, V<D> b, V<D> c)
#include "cornu/ops/pointwise.def"
#define CORNU_ARGUMENTS_2 V<D> a, V<D> b
#define CORNU_ARGUMENTS_3 V<D> a, V<D> b, V<D> c
#define CORNU_ARGUMENTS_5 V<D> a, V<D> b, V<D> c, V<D> e, V<D> f
#define CORNU_SUPER(name, operands, simd) CORNU_FUNCTION(super_, name, (simd), CORNU_ARGUMENTS_##operands)
CORNU_SUPER_OPS(CORNU_SUPER)
#undef CORNU_SUPER

void moments_step(const TileSource (*in)[tile_operands], void* const* y, int64_t n) {
  const ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(Lanes(d));
  const auto from = [&](int j, int k) { return static_cast<const float*>(in[j][k].data); };
  const auto is_number = [&](int j, int k) { return in[j][k].mask == 0; };
  int64_t i = 0;
  if (is_number(0, 2) && is_number(1, 2) && is_number(2, 2) && is_number(2, 4) &&
      !(is_number(0, 0) || is_number(0, 1) || is_number(1, 0) || is_number(1, 1) || is_number(2, 0))) {
    const float *m = from(0, 0), *to_m = from(0, 1), *v = from(1, 0), *to_v = from(1, 1), *w = from(2, 0);
    const auto of_m = LoadU(d, from(0, 2)), of_v = LoadU(d, from(1, 2)), rate = LoadU(d, from(2, 2)), epsilon = LoadU(d, from(2, 4));
    float *const new_m = static_cast<float*>(y[0]), *const new_v = static_cast<float*>(y[1]), *const new_w = static_cast<float*>(y[2]);
    for (; i + lanes <= n; i += lanes) {
      const auto first = super_interpolate::run(d, LoadU(d, m + i), LoadU(d, to_m + i), of_m);
      const auto second = super_interpolate_square::run(d, LoadU(d, v + i), LoadU(d, to_v + i), of_v);
      const auto step = super_scaled_step::run(d, LoadU(d, w + i), first, rate, second, epsilon);
      StoreU(first, d, new_m + i);
      StoreU(second, d, new_v + i);
      StoreU(step, d, new_w + i);
    }
  }
  if (i == n) return;
  // The rest, and other shapes, one after the other.
  constexpr TileFunction functions[] = {over_tile<super_interpolate, 3>, over_tile<super_interpolate_square, 3>, over_tile<super_scaled_step, 5>};
  for (int j = 0; j < 3; ++j) {
    TileSource rest[tile_operands];
    for (int k = 0; k < (j < 2 ? 3 : 5); ++k) rest[k] = {from(j, k) + (i & in[j][k].mask), in[j][k].mask};
    functions[j](rest, static_cast<float*>(y[j]) + i, n - i);
  }
}

}  // namespace

const SimdFunctions& functions() {
  static constexpr SimdFunctions all = {
      .name = HWY_TARGET == HWY_AVX3 ? "avx512" : HWY_TARGET == HWY_AVX2 ? "avx2" : "portable",
      .pointwise = {
#define UNARY(op, ...) over_tile<pointwise_##op, 1>,
#define BINARY(op, ...) over_tile<pointwise_##op, 2>,
#define TERNARY(op, ...) over_tile<pointwise_##op, 3>,
#include "cornu/ops/pointwise.def"
      },
      .super = {
#define CORNU_SUPER(name, operands, ...) over_tile<super_##name, operands>,
          CORNU_SUPER_OPS(CORNU_SUPER)
#undef CORNU_SUPER
      },
      .moments_step = moments_step};
  return all;
}

}  // namespace HWY_NAMESPACE
}  // namespace cornu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <vector>

namespace cornu {

std::span<const SimdFunctions* const> simd_functions() {
  static const std::vector<const SimdFunctions*> usable = [] {
    std::vector<const SimdFunctions*> list;
#if HWY_ARCH_X86
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
#if HWY_TARGETS & HWY_AVX3
    if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd"))
      list.push_back(&N_AVX3::functions());
#endif
#if HWY_TARGETS & HWY_AVX2
    if (avx2) list.push_back(&N_AVX2::functions());
#endif
#endif
    list.push_back(&HWY_STATIC_DISPATCH(functions)());
    return list;
  }();
  return usable;
}

}  // namespace cornu
#endif
