// The scalar column of pointwise.def: float64, integers, and the naive twins of the float32 functions.
#include "cornu/ops/pointwise_scalar.h"

#include <algorithm>
#include <cmath>
#include <compare>
#include <numbers>
#include <type_traits>
#include <utility>

#include "cornu/ops/pointwise_simd.h"

namespace cornu {

double scalar_softplus(double x) { return (x < 0 ? 0.0 : x) + std::log1p(std::exp(-std::abs(x))); }
double scalar_logaddexp(double a, double b) {
  const double top = scalar_maximum(a, b);
  return std::isinf(top) ? top : top + std::log1p(std::exp(-std::abs(a - b)));
}
double scalar_gelu(double x) {
  const double low = std::max(x, -40.0);  // below, the chance is no double
  return low * 0.5 * std::erfc(-low / std::numbers::sqrt2);
}
double scalar_gelu_slope(double x) {
  const double within = std::clamp(x, -40.0, 40.0);
  return 0.5 * std::erfc(-within / std::numbers::sqrt2) + within * std::exp(-0.5 * within * within) * (std::numbers::inv_sqrtpi / std::numbers::sqrt2);
}
double scalar_maximum(double a, double b) { return std::isnan(a) || a > b ? a : b; }
double scalar_minimum(double a, double b) { return std::isnan(a) || a < b ? a : b; }
int64_t scalar_maximum(int64_t a, int64_t b) { return std::max(a, b); }
int64_t scalar_minimum(int64_t a, int64_t b) { return std::min(a, b); }

double scalar_mod(double a, double b) {
  const double r = std::fmod(a, b);
  if (r == 0) return std::copysign(0.0, b);
  return (r < 0) != (b < 0) ? r + b : r;
}
double scalar_floor_divide(double a, double b) {
  if (b == 0 || !std::isfinite(a) || !std::isfinite(b)) return std::floor(a / b);
  const double q = (a - scalar_mod(a, b)) / b, whole = std::floor(q);  // q is whole but for rounding
  return q - whole > 0.5 ? whole + 1 : whole == 0 ? std::copysign(0.0, a / b) : whole;
}
int64_t scalar_mod(int64_t a, int64_t b) {
  if (b == 0 || b == -1) return 0;  // -1: the quotient of the smallest integer does not fit
  const int64_t r = a % b;
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
int64_t scalar_floor_divide(int64_t a, int64_t b) {
  if (b == 0) return 0;
  if (b == -1) return static_cast<int64_t>(0 - static_cast<uint64_t>(a));
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

namespace {

/// int64 arithmetic that wraps, as NumPy's does, instead of being undefined.
struct Wrapping {
  int64_t value = 0;
  constexpr Wrapping(int64_t v = 0) : value(v) {}
  constexpr auto operator<=>(const Wrapping&) const = default;
  friend constexpr Wrapping operator+(Wrapping a, Wrapping b) { return of(a.bits() + b.bits()); }
  friend constexpr Wrapping operator-(Wrapping a, Wrapping b) { return of(a.bits() - b.bits()); }
  friend constexpr Wrapping operator*(Wrapping a, Wrapping b) { return of(a.bits() * b.bits()); }
  constexpr uint64_t bits() const { return static_cast<uint64_t>(value); }
  static constexpr Wrapping of(uint64_t bits) { return static_cast<int64_t>(bits); }
};
using cornu::scalar_floor_divide, cornu::scalar_maximum, cornu::scalar_minimum, cornu::scalar_mod;
int64_t scalar_maximum(Wrapping a, Wrapping b) { return std::max(a.value, b.value); }
int64_t scalar_minimum(Wrapping a, Wrapping b) { return std::min(a.value, b.value); }
int64_t scalar_floor_divide(Wrapping a, Wrapping b) { return scalar_floor_divide(a.value, b.value); }
int64_t scalar_mod(Wrapping a, Wrapping b) { return scalar_mod(a.value, b.value); }

template <class In, Takes takes> using Result = std::conditional_t<gives_bool(takes), float, In>;

/// y[i] = op(x[i]...): In is what an operand's register holds; a condition (operand 0 of choose) is a float's.
template <class Op, class In, Takes takes, size_t... k>
void loop(const TileSource* in, void* y_, int64_t n, std::index_sequence<k...>) {
  using T = std::conditional_t<std::is_same_v<In, int64_t>, Wrapping, double>;
  using Out = Result<In, takes>;
  auto* y = static_cast<Out*>(y_);
  const auto at = [&]<size_t operand>(std::integral_constant<size_t, operand>, int64_t i) -> T {
    using Register = std::conditional_t<takes == Takes::choose && operand == 0, float, In>;
    const Register x = static_cast<const Register*>(in[operand].data)[i & in[operand].mask];
    if constexpr (std::is_same_v<T, double>) return double{x};
    else return T(static_cast<int64_t>(x));
  };
  for (int64_t i = 0; i < n; ++i) {
    const auto value = Op::template run<T>(at(std::integral_constant<size_t, k>(), i)...);
    if constexpr (std::is_same_v<T, Wrapping> && !std::is_same_v<Out, float>) y[i] = Wrapping(value).value;
    else y[i] = static_cast<Out>(value);
  }
}
template <class Op, class In, Takes takes> void over_tile(const TileSource* in, void* y, int64_t n) {
  loop<Op, In, takes>(in, y, n, std::make_index_sequence<Op::operands>());
}

#define UNARY(op, takes_, simd, scalar, ...)                                                                         \
  struct op##_scalar {                                                                                               \
    static constexpr size_t operands = 1;                                                                            \
    static constexpr Takes takes = Takes::takes_;                                                                    \
    template <class T> static auto run(T x) { return scalar; }                                                       \
  };
#define BINARY(op, takes_, simd, scalar, ...)                                                                        \
  struct op##_scalar {                                                                                               \
    static constexpr size_t operands = 2;                                                                            \
    static constexpr Takes takes = Takes::takes_;                                                                    \
    template <class T> static auto run(T a, T b) { return scalar; }                                                  \
  };
#define TERNARY(op, takes_, simd, scalar, ...)                                                                       \
  struct op##_scalar {                                                                                               \
    static constexpr size_t operands = 3;                                                                            \
    static constexpr Takes takes = Takes::takes_;                                                                    \
    template <class T> static auto run(T a, T b, T c) { return scalar; }                                             \
  };
#include "cornu/ops/pointwise.def"

struct Functions {
  TileFunction f32, f64, i64;
};
template <class Op> constexpr Functions functions_of() {
  Functions f{over_tile<Op, float, Op::takes>, nullptr, nullptr};
  if constexpr (Op::takes != Takes::bools) f.f64 = over_tile<Op, double, Op::takes>;
  if constexpr (takes_integers(Op::takes)) f.i64 = over_tile<Op, int64_t, Op::takes>;
  return f;
}
constexpr Functions table[] = {
#define UNARY(op, ...) functions_of<op##_scalar>(),
#define BINARY(op, ...) functions_of<op##_scalar>(),
#define TERNARY(op, ...) functions_of<op##_scalar>(),
#include "cornu/ops/pointwise.def"
};

}  // namespace

TileFunction scalar_function(Pointwise op, Lane lane) {
  const Functions& f = table[static_cast<size_t>(op)];
  return lane == Lane::f64 ? f.f64 : lane == Lane::i64 ? f.i64 : f.f32;
}
TileFunction naive_function(Pointwise op) { return table[static_cast<size_t>(op)].f32; }

}  // namespace cornu
