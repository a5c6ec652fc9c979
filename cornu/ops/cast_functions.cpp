// Registers from one dtype to another: what Cast runs.
#include <cmath>
#include <limits>
#include <type_traits>

#include "cornu/ops/pointwise_simd.h"

namespace cornu {
namespace {

/// Towards zero. Beyond int64 the nearest of its ends, and 0 for NaN, so that every machine agrees.
int64_t truncated(double x) {
  if (std::isnan(x)) return 0;
  if (x >= 0x1p63) return std::numeric_limits<int64_t>::max();
  if (x < -0x1p63) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(x);
}

template <class From, class To> To convert(From x) {
  if constexpr (std::is_same_v<To, bool>) {
    return x != 0;
  } else if constexpr (std::is_integral_v<To>) {
    if constexpr (std::is_integral_v<From>) return static_cast<To>(x);
    else return static_cast<To>(truncated(double{x}));
  } else if constexpr (std::is_same_v<To, bfloat16>) {
    return bfloat16(static_cast<float>(x));
  } else {
    return static_cast<To>(x);
  }
}

template <class From, class To, class Out> void over_tile(const TileSource* in, void* y_, int64_t n) {
  const auto* x = static_cast<const From*>(in[0].data);
  auto* y = static_cast<Out*>(y_);
  const int64_t mask = in[0].mask;
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<Out>(convert<From, To>(x[i & mask]));
}

template <class T> void copy(const TileSource* in, void* y_, int64_t n) {
  const auto* x = static_cast<const T*>(in[0].data);
  auto* y = static_cast<T*>(y_);
  for (int64_t i = 0; i < n; ++i) y[i] = x[i & in[0].mask];
}

template <class F> decltype(auto) with_lane(Lane lane, F&& f) {
  return lane == Lane::f32 ? f(float{}) : lane == Lane::f64 ? f(double{}) : f(int64_t{});
}

}  // namespace

TileFunction cast_function(Lane from, DType to) {
  const bool stays = (from == Lane::f32 && to == DType::float32) || (from == Lane::f64 && to == DType::float64) ||
                     (from == Lane::i64 && to == DType::int64);
  if (stays) return nullptr;
  return with_lane(from, [&](auto f) {
    return with_type(to, [](auto t) -> TileFunction {
      using To = decltype(t);
      using Out = std::conditional_t<std::is_same_v<To, double>, double, std::conditional_t<std::is_integral_v<To> && !std::is_same_v<To, bool>, int64_t, float>>;
      return over_tile<decltype(f), To, Out>;
    });
  });
}

TileFunction copy_function(Lane lane) {
  return with_lane(lane, [](auto t) -> TileFunction { return copy<decltype(t)>; });
}

}  // namespace cornu
