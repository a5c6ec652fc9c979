// The functions that the tile machine runs for pointwise ops: one table for each instruction set, chosen at run time, and the
// scalar twins that float64, integers and tests use.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "cornu/kernels/tile.h"

namespace cornu {

/// The ops of pointwise.def, in its order.
enum class Pointwise : uint8_t {
#define UNARY(op, ...) op,
#define BINARY(op, ...) op,
#define TERNARY(op, ...) op,
#include "cornu/ops/pointwise.def"
};
/// The dtypes of an op's operands, and whether it gives a bool: see pointwise.def.
enum class Takes : uint8_t { numbers, floats, ask_numbers, ask_floats, ask_any, bools, choose };
constexpr bool gives_bool(Takes t) { return t == Takes::ask_numbers || t == Takes::ask_floats || t == Takes::ask_any || t == Takes::bools; }
constexpr bool takes_integers(Takes t) { return t != Takes::floats && t != Takes::ask_floats && t != Takes::bools; }

inline constexpr size_t pointwise_count = 0
#define UNARY(op, ...) +1
#define BINARY(op, ...) +1
#define TERNARY(op, ...) +1
#include "cornu/ops/pointwise.def"
    ;

// Two or more float32 ops in one instruction: what the update rules and dense layers are made of. A fused multiply-add rounds
// once on machines that have it.
//      name                operands  SIMD
#define CORNU_SUPER_OPS(SUPER)                                        \
  SUPER(multiply_add,       3, MulAdd(a, b, c))                       \
  SUPER(multiply_subtract,  3, MulSub(a, b, c))                       \
  SUPER(subtract_product,   3, NegMulAdd(a, b, c))                    \
  SUPER(add_relu,           2, ReluF(d, Add(a, b)))                   \
  SUPER(interpolate,        3, MulAdd(Sub(b, a), c, a))               \
  SUPER(interpolate_square, 3, MulAdd(MulSub(b, b, a), c, a))         \
  SUPER(sqrt_add,           2, Add(Sqrt(a), b))                       \
  SUPER(divide_sqrt_add,    3, Div(a, Add(Sqrt(b), c)))               \
  SUPER(scaled_step,        5, Sub(a, Div(Mul(b, c), Add(Sqrt(e), f))))

enum class SuperOp : uint8_t {
#define CORNU_SUPER(name, ...) name,
  CORNU_SUPER_OPS(CORNU_SUPER)
#undef CORNU_SUPER
};
inline constexpr size_t super_op_count = 0
#define CORNU_SUPER(...) +1
    CORNU_SUPER_OPS(CORNU_SUPER)
#undef CORNU_SUPER
    ;

/// float32 functions for one instruction set.
struct SimdFunctions {
  const char* name = "";  // "avx2"
  TileFunction pointwise[pointwise_count] = {};
  TileFunction super[super_op_count] = {};
  /// interpolate, interpolate_square, and the scaled_step whose second operand is the result of the first and whose fourth that of
  /// the second: both moments and the step of Adam. Square root and division hide what the streams wait for.
  TileGroup moments_step = nullptr;
};

/// Every table that this machine can run, the best first; the last runs anywhere.
std::span<const SimdFunctions* const> simd_functions();

/// The scalar twins: double or int64 operands (a bool operand or result is a float register), or, for tests, float32 operands
/// computed in double. Null where the op does not take that lane.
TileFunction scalar_function(Pointwise op, Lane lane);
TileFunction naive_function(Pointwise op);

/// Conversions between registers, as Cast defines them. `to` decides what the values become: int32 and uint8 wrap within
/// int64, bfloat16 rounds within float32, bool is 0 or 1. Null where the register stays as it is.
TileFunction cast_function(Lane from, DType to);
/// Copies a register.
TileFunction copy_function(Lane lane);

}  // namespace cornu
