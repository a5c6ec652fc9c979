#include "cornu/kernels/tile_load.h"

#include <cmath>
#include <cstring>
#include <type_traits>

namespace cornu {
namespace {

template <class To, class From> To convert(From x) {
  if constexpr (std::is_same_v<To, bool>) {
    if constexpr (std::is_same_v<From, bfloat16>) return float(x) != 0;
    else return x != From{};
  } else if constexpr (std::is_same_v<From, bfloat16>) {
    return static_cast<To>(float(x));
  } else if constexpr (std::is_same_v<To, bfloat16>) {
    return bfloat16(static_cast<float>(x));
  } else {
    return static_cast<To>(x);
  }
}

template <class From, class To> void copy(const void* from_, int64_t stride, void* to_, int64_t n) {
  const auto* from = static_cast<const From*>(from_);
  auto* to = static_cast<To*>(to_);
  if (stride == 1) {
    if constexpr (std::is_same_v<From, To>) {
      std::memmove(to, from, static_cast<size_t>(n) * sizeof(To));
    } else {
      for (int64_t i = 0; i < n; ++i) to[i] = convert<To>(from[i]);
    }
  } else if (stride == 0) {
    const To value = convert<To>(*from);
    for (int64_t i = 0; i < n; ++i) to[i] = value;
  } else {
    for (int64_t i = 0; i < n; ++i) to[i] = convert<To>(from[i * stride]);
  }
}

template <class F> decltype(auto) with_lane(Lane lane, F&& f) {
  return lane == Lane::f32 ? f(float{}) : lane == Lane::f64 ? f(double{}) : f(int64_t{});
}

}  // namespace

TileCopy tile_load(DType from, Lane to) {
  return with_type(from, [&](auto f) { return with_lane(to, [](auto t) -> TileCopy { return copy<decltype(f), decltype(t)>; }); });
}

TileCopy tile_store(Lane from, DType to) {
  return with_type(to, [&](auto t) {
    return with_lane(from, [](auto f) -> TileCopy {
      using From = decltype(f);
      using To = decltype(t);
      // A register's lane is lane_of the dtype that is stored: other pairs need an instruction before.
      if constexpr (std::is_integral_v<To> && !std::is_same_v<To, bool> && !std::is_integral_v<From>) return nullptr;
      else return copy<From, To>;
    });
  });
}

}  // namespace cornu
