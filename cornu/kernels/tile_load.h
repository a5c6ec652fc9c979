// How numbers of any dtype enter and leave the registers of the tile machine.
#pragma once
#include "cornu/kernels/tile.h"

namespace cornu {

/// to[i] = from[i * stride], converted, for i < n; stride in elements.
using TileCopy = void (*)(const void* from, int64_t stride, void* to, int64_t n);

constexpr size_t bytes_of(Lane lane) { return lane == Lane::f32 ? 4 : 8; }
/// Whether memory of this dtype can be a register as it is.
constexpr bool is_native(DType dtype, Lane lane) {
  return dtype == (lane == Lane::f32 ? DType::float32 : lane == Lane::f64 ? DType::float64 : DType::int64);
}

TileCopy tile_load(DType from, Lane to);
/// Integers wrap; bool is x != 0; bfloat16 rounds to nearest even.
TileCopy tile_store(Lane from, DType to);

}  // namespace cornu
