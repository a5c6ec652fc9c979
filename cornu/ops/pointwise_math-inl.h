// float32 functions on Highway vectors, within 4 ulp of the exact result wherever it is representable (gelu and its slope within 8). Compiled once for
// each target; included by pointwise_simd.cpp alone. The polynomials are cornu's own minimax fits (Lawson's iteration in
// double); range reductions follow Cody and Waite, "Software Manual for the Elementary Functions", 1980.
// Functions that training seldom needs go through double precision, or lane by lane through the scalar library where an
// operand is out of the ordinary (an infinity, a huge angle).
#if defined(CORNU_OPS_POINTWISE_MATH_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CORNU_OPS_POINTWISE_MATH_INL_H
#undef CORNU_OPS_POINTWISE_MATH_INL_H
#else
#define CORNU_OPS_POINTWISE_MATH_INL_H
#endif

#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace cornu {
namespace HWY_NAMESPACE {
using namespace hwy::HWY_NAMESPACE;  // NOLINT: the table's SIMD column is written in these names

template <class D> using V = Vec<D>;

template <class D, class M> HWY_INLINE V<D> Truth(D d, M mask) { return IfThenElseZero(mask, Set(d, 1.0f)); }

/// c0 + c1 x + ..., the highest first.
template <class D> HWY_INLINE V<D> Poly(D, V<D>, V<D> c) { return c; }
template <class D, class... C> HWY_INLINE V<D> Poly(D d, V<D> x, V<D> c, float next, C... rest) {
  return Poly(d, x, MulAdd(c, x, Set(d, next)), rest...);
}

/// f on every lane, in double.
template <class D, class F, class... X> HWY_NOINLINE V<D> Lanewise(D d, F f, X... x) {
  constexpr size_t n = MaxLanes(d);
  HWY_ALIGN float in[sizeof...(X)][n];
  HWY_ALIGN float out[n];
  size_t k = 0;
  (Store(x, d, in[k++]), ...);
  for (size_t i = 0; i < Lanes(d); ++i) {
    if constexpr (sizeof...(X) == 1) out[i] = static_cast<float>(f(double{in[0][i]}));
    else out[i] = static_cast<float>(f(double{in[0][i]}, double{in[1][i]}));
  }
  return Load(d, out);
}

/// `wide` on the two halves in double where `usual` holds on all lanes, else `scalar` on each lane.
template <class D, class W, class F, class M, class... X> HWY_INLINE V<D> Wide(D d, M usual, W wide, F scalar, X... x) {
#if HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
  (void)usual, (void)wide;  // they have no halves or no infinities, and nothing is gained
#else
  if (HWY_LIKELY(AllTrue(d, usual))) {
    const Half<D> half;
    const Repartition<double, D> dd;
    const auto low = wide(dd, PromoteTo(dd, LowerHalf(half, x))...);
    const auto high = wide(dd, PromoteTo(dd, UpperHalf(half, x))...);
    return Combine(d, DemoteTo(half, high), DemoteTo(half, low));
  }
#endif
  return Lanewise(d, scalar, x...);
}

#define CORNU_WIDE(name, usual, wide, scalar)                                                   \
  template <class D> HWY_INLINE V<D> name(D d, V<D> x) {                                        \
    return Wide(d, usual, [](auto dd, auto w) HWY_ATTR { return wide; }, [](double s) { return scalar; }, x); \
  }
#define CORNU_BELOW(limit) Le(Abs(x), Set(d, limit))
CORNU_WIDE(SinF, CORNU_BELOW(39000.0f), Sin(dd, w), std::sin(s))
CORNU_WIDE(CosF, CORNU_BELOW(39000.0f), Cos(dd, w), std::cos(s))
CORNU_WIDE(TanF, CORNU_BELOW(39000.0f), Div(Sin(dd, w), Cos(dd, w)), std::tan(s))
CORNU_WIDE(AsinF, CORNU_BELOW(1.0f), Asin(dd, w), std::asin(s))
CORNU_WIDE(AcosF, CORNU_BELOW(1.0f), Acos(dd, w), std::acos(s))
CORNU_WIDE(AtanF, CORNU_BELOW(1e30f), Atan(dd, w), std::atan(s))
CORNU_WIDE(SinhF, CORNU_BELOW(100.0f), Sinh(dd, w), std::sinh(s))
CORNU_WIDE(CoshF, CORNU_BELOW(100.0f), Mul(Set(dd, 0.5), Add(Exp(dd, w), Exp(dd, Neg(w)))), std::cosh(s))
CORNU_WIDE(AsinhF, CORNU_BELOW(1e30f), Asinh(dd, w), std::asinh(s))
CORNU_WIDE(AcoshF, And(Ge(x, Set(d, 1.0f)), CORNU_BELOW(1e30f)), Acosh(dd, w), std::acosh(s))
CORNU_WIDE(AtanhF, CORNU_BELOW(0.9999999f), Atanh(dd, w), std::atanh(s))
CORNU_WIDE(Expm1F, CORNU_BELOW(100.0f), Expm1(dd, w), std::expm1(s))
CORNU_WIDE(Log2F, And(Gt(x, Zero(d)), CORNU_BELOW(3e38f)), Log2(dd, w), std::log2(s))
CORNU_WIDE(Log10F, And(Gt(x, Zero(d)), CORNU_BELOW(3e38f)), Log10(dd, w), std::log10(s))
#undef CORNU_WIDE
#undef CORNU_BELOW

template <class D> HWY_INLINE V<D> PowF(D d, V<D> a, V<D> b) {
  const auto usual = And(And(Gt(a, Zero(d)), Le(a, Set(d, 3e38f))), Le(Abs(b), Set(d, 1e30f)));
  return Wide(
      d, usual,
      [](auto dd, auto wa, auto wb) HWY_ATTR {
        // 2^±577 is beyond float32 on either side: the clamp changes no result.
        return Exp(dd, Min(Max(Mul(wb, Log(dd, wa)), Set(dd, -400.0)), Set(dd, 400.0)));
      },
      [](double sa, double sb) { return std::pow(sa, sb); }, a, b);
}
template <class D> HWY_INLINE V<D> Atan2F(D d, V<D> a, V<D> b) {
  const auto usual = And(And(Le(Abs(a), Set(d, 1e30f)), Le(Abs(b), Set(d, 1e30f))), Ne(b, Zero(d)));
  return Wide(
      d, usual,
      [](auto dd, auto y, auto x) HWY_ATTR {
        return Add(Atan(dd, Div(y, x)), IfThenElseZero(Lt(x, Zero(dd)), CopySign(Set(dd, 3.14159265358979323846), y)));
      },
      [](double y, double x) { return std::atan2(y, x); }, a, b);
}
template <class D> HWY_INLINE V<D> HypotF(D d, V<D> a, V<D> b) {
  const auto usual = And(IsFinite(a), IsFinite(b));
  return Wide(
      d, usual, [](auto, auto wa, auto wb) HWY_ATTR { return Sqrt(MulAdd(wa, wa, Mul(wb, wb))); },
      [](double sa, double sb) { return std::hypot(sa, sb); }, a, b);
}
template <class D> HWY_INLINE V<D> FloorDivideF(D d, V<D> a, V<D> b) {
  return Lanewise(d, [](double sa, double sb) { return scalar_floor_divide(sa, sb); }, a, b);
}
template <class D> HWY_INLINE V<D> ModF(D d, V<D> a, V<D> b) {
  return Lanewise(d, [](double sa, double sb) { return scalar_mod(sa, sb); }, a, b);
}

/// e^r for |r| <= log(2) / 2.
template <class D> HWY_INLINE V<D> ExpNearZero(D d, V<D> r) {
  const V<D> p = Poly(d, r, Set(d, 1.991791360e-04f), 1.394619001e-03f, 8.333264850e-03f, 4.166626930e-02f, 1.666666716e-01f, 0.5f);
  return Add(MulAdd(Mul(r, r), p, r), Set(d, 1.0f));
}
/// 2^n for -126 <= n <= 127.
template <class D> HWY_INLINE V<D> PowerOfTwo(D d, Vec<Rebind<int32_t, D>> n) {
  return BitCast(d, ShiftLeft<23>(Add(n, Set(Rebind<int32_t, D>(), 127))));
}
/// 2^n e^r for |r| <= log(2) / 2; the power in two steps, so that the result may be denormal or infinite.
template <class D> HWY_INLINE V<D> ScaledExp(D d, V<D> r, Vec<Rebind<int32_t, D>> n) {
  const auto half = ShiftRight<1>(n);
  return Mul(Mul(ExpNearZero(d, r), PowerOfTwo(d, half)), PowerOfTwo(d, Sub(n, half)));
}

/// x - k log(2), where k is a whole number.
template <class D> HWY_INLINE V<D> WithoutPowers(D d, V<D> x, V<D> k) {
  return NegMulAdd(k, Set(d, -2.12194440e-4f), NegMulAdd(k, Set(d, 0.693359375f), x));
}

template <class D> HWY_INLINE V<D> ExpF(D d, V<D> x) {
  const V<D> inside = Min(Max(x, Set(d, -105.0f)), Set(d, 90.0f));
  const auto n = NearestInt(Mul(inside, Set(d, 1.44269504f)));
  const V<D> k = ConvertTo(d, n);
  return IfThenElse(IsNaN(x), x, ScaledExp(d, WithoutPowers(d, inside, k), n));
}
template <class D> HWY_INLINE V<D> Exp2F(D d, V<D> x) {
  const V<D> inside = Min(Max(x, Set(d, -152.0f)), Set(d, 130.0f));
  const auto n = NearestInt(inside);
  const V<D> r = Mul(Sub(inside, ConvertTo(d, n)), Set(d, 0.693147181f));
  return IfThenElse(IsNaN(x), x, ScaledExp(d, r, n));
}

template <class D> HWY_INLINE V<D> LogF(D d, V<D> x) {
  const Rebind<int32_t, D> di;
  const auto tiny = Lt(x, Set(d, 1.17549435e-38f));
  const V<D> normal = IfThenElse(tiny, Mul(x, Set(d, 33554432.0f)), x);
  // x = 2^e m with m in [sqrt(1/2), sqrt(2)).
  const auto bits = Sub(BitCast(di, normal), Set(di, 0x3f3504f3));
  const auto e = ShiftRight<23>(bits);
  const V<D> m = BitCast(d, Add(And(bits, Set(di, 0x7fffff)), Set(di, 0x3f3504f3)));
  const V<D> k = Sub(ConvertTo(d, e), IfThenElseZero(tiny, Set(d, 25.0f)));
  const V<D> f = Sub(m, Set(d, 1.0f)), f2 = Mul(f, f);
  const V<D> p = Poly(d, f, Set(d, 6.915439665e-02f), -1.178979948e-01f, 1.187293828e-01f, -1.238434836e-01f, 1.421866417e-01f,
                      -1.666925102e-01f, 2.000222653e-01f, -2.499998659e-01f, 3.333331048e-01f);
  V<D> y = MulAdd(k, Set(d, -2.12194440e-4f), Mul(Mul(f2, f), p));
  y = MulAdd(k, Set(d, 0.693359375f), Add(f, NegMulAdd(Set(d, 0.5f), f2, y)));
  y = IfThenElse(Eq(x, Zero(d)), Set(d, -HUGE_VALF), y);
  y = IfThenElse(Lt(x, Zero(d)), Set(d, NAN), y);
  return IfThenElse(Lt(x, Set(d, HUGE_VALF)), y, x);  // infinity and NaN
}

/// log(u) x / (u - 1) with u = 1 + x rounded: the rounding cancels (Kahan; Goldberg 1991, theorem 4).
template <class D> HWY_INLINE V<D> Log1pF(D d, V<D> x) {
  const V<D> u = Add(x, Set(d, 1.0f)), um1 = Sub(u, Set(d, 1.0f));
  const V<D> y = Mul(LogF(d, u), Div(x, um1));
  return IfThenElse(Or(Eq(um1, Zero(d)), Eq(x, Set(d, HUGE_VALF))), x, y);
}

template <class D> HWY_INLINE V<D> TanhF(D d, V<D> x) {
  const V<D> a = Abs(x), x2 = Mul(x, x);
  const V<D> p = Poly(d, x2, Set(d, 2.064670902e-03f), -8.091975935e-03f, 2.166635171e-02f, -5.394056439e-02f, 1.333315820e-01f,
                      -3.333332837e-01f);
  const V<D> small = MulAdd(Mul(x2, x), p, x);
  const V<D> twice = Min(Add(a, a), Set(d, 20.0f));  // tanh(10) rounds to 1
  const auto n = NearestInt(Mul(twice, Set(d, 1.44269504f)));
  const V<D> e = Mul(ExpNearZero(d, WithoutPowers(d, twice, ConvertTo(d, n))), PowerOfTwo(d, n));
  const V<D> large = Sub(Set(d, 1.0f), Div(Set(d, 2.0f), Add(e, Set(d, 1.0f))));
  return IfThenElse(Lt(a, Set(d, 0.625f)), small, IfThenElse(IsNaN(x), x, CopySign(large, x)));
}

/// e^x for x <= 0: the power of two in two steps of which one is always the same.
template <class D> HWY_INLINE V<D> ExpOfNegative(D d, V<D> x) {
  const V<D> inside = Max(x, Set(d, -105.0f));
  const auto n = NearestInt(Mul(inside, Set(d, 1.44269504f)));
  const V<D> y = ExpNearZero(d, WithoutPowers(d, inside, ConvertTo(d, n)));
  return Mul(Mul(y, PowerOfTwo(d, Add(n, Set(Rebind<int32_t, D>(), 64)))), Set(d, 0x1p-64f));
}

template <class D> HWY_INLINE V<D> SigmoidF(D d, V<D> x) {
  const V<D> z = ExpOfNegative(d, Neg(Abs(x))), one = Set(d, 1.0f);
  return IfThenElse(IsNaN(x), x, Div(IfThenElse(Lt(x, Zero(d)), z, one), Add(one, z)));
}

/// y e^(-t^2 / 2) / 2^-64 for 0 <= t <= 15. The square of t's upper half is exact; the rest follows.
template <class D> HWY_INLINE V<D> Bell(D d, V<D> t, V<D> y) {
  const Rebind<uint32_t, D> bits;
  const V<D> upper = BitCast(d, And(BitCast(bits, t), Set(bits, 0xfffff000u)));
  const V<D> rest = Mul(Sub(t, upper), Add(t, upper)), x = Mul(Mul(upper, upper), Set(d, -0.5f));
  const auto n = NearestInt(Mul(x, Set(d, 1.44269504f)));
  const V<D> r = NegMulAdd(Set(d, 0.5f), rest, WithoutPowers(d, x, ConvertTo(d, n)));
  return Mul(Mul(y, ExpNearZero(d, r)), PowerOfTwo(d, Add(n, Set(Rebind<int32_t, D>(), 64))));
}

/// Within 8 ulp. With P the chance that a normal number is below: P(-t) = e^(-t^2 / 2) R(u), where u = 1 / (1 + t / 4).
template <class D> HWY_INLINE V<D> GeluF(D d, V<D> x) {
  const V<D> t = Min(Abs(x), Set(d, 15.0f)), u = Div(Set(d, 1.0f), MulAdd(t, Set(d, 0.25f), Set(d, 1.0f)));
  const V<D> r = Poly(d, u, Set(d, 3.332291171e-02f), -1.928284913e-01f, 3.872145116e-01f, -3.231930435e-01f, 2.960191071e-01f,
                      -1.587294042e-02f, 1.200163439e-01f, 9.515213221e-02f, 1.001889706e-01f, -1.952648927e-05f);
  const V<D> tail = Mul(Bell(d, t, Mul(r, t)), Set(d, 0x1p-64f));  // t P(-t)
  return IfThenElse(Lt(x, Zero(d)), Neg(tail), Sub(x, tail));
}

/// The slope s has s(-t) = 1 - s(t) = e^(-t^2 / 2) (z - t) H(u), where z = 0.7517915246935643 is its zero: relative errors stay small there.
template <class D> HWY_INLINE V<D> GeluSlopeF(D d, V<D> x) {
  const V<D> t = Min(Abs(x), Set(d, 15.0f)), u = Div(Set(d, 1.0f), MulAdd(t, Set(d, 0.25f), Set(d, 1.0f)));
  const V<D> h = Poly(d, u, Set(d, 4.203853663e-03f), -4.080133885e-02f, 1.020807549e-01f, -6.406242400e-02f, 8.962362260e-02f,
                      3.226060420e-02f, 6.833790988e-02f, 7.446599007e-02f, 3.989689946e-01f);
  const V<D> from_zero = Sub(Sub(Set(d, 0.751791537f), t), Set(d, 1.21144497e-08f));
  const V<D> low = Mul(Bell(d, t, Mul(h, from_zero)), Set(d, 0x1p-64f));
  return IfThenElse(IsNaN(x), x, IfThenElse(Lt(x, Zero(d)), low, Sub(Set(d, 1.0f), low)));
}

template <class D> HWY_INLINE V<D> ReluF(D d, V<D> x) { return IfThenElse(Lt(x, Zero(d)), Zero(d), x); }  // keeps NaN

template <class D> HWY_INLINE V<D> SoftplusF(D d, V<D> x) { return Add(ReluF(d, x), Log1pF(d, ExpF(d, Neg(Abs(x))))); }

template <class D> HWY_INLINE V<D> ErfF(D d, V<D> x) {
  const V<D> x2 = Mul(x, x), t = Min(Abs(x), Set(d, 4.0f));  // erf(4) rounds to 1
  const V<D> p = Poly(d, x2, Set(d, 7.889285189e-05f), -8.020894602e-04f, 5.189542193e-03f, -2.685444802e-02f, 1.128360033e-01f,
                      -3.761262596e-01f, 1.283791661e-01f);
  const V<D> q = Poly(d, t, Set(d, 4.313077170e-06f), -3.791741983e-05f, -8.890533354e-05f, 3.039614996e-03f, -2.285277098e-02f,
                      1.054336801e-01f, 6.355363131e-01f, 1.128571153e+00f);
  const V<D> large = Sub(Set(d, 1.0f), ExpF(d, Neg(Mul(t, q))));  // q fits -log(erfc(t)) / t on [0.95, 4]
  return IfThenElse(Lt(Abs(x), Set(d, 1.0f)), MulAdd(x, p, x), IfThenElse(IsNaN(x), x, CopySign(large, x)));
}

template <class D> HWY_INLINE V<D> SignF(D d, V<D> x) {
  return IfThenElse(Gt(x, Zero(d)), Set(d, 1.0f), IfThenElse(Lt(x, Zero(d)), Set(d, -1.0f), x));
}
template <class D> HWY_INLINE V<D> MaxF(D, V<D> a, V<D> b) { return IfThenElse(Or(IsNaN(a), Gt(a, b)), a, b); }
template <class D> HWY_INLINE V<D> MinF(D, V<D> a, V<D> b) { return IfThenElse(Or(IsNaN(a), Lt(a, b)), a, b); }
template <class D> HWY_INLINE V<D> LogAddExpF(D d, V<D> a, V<D> b) {
  const auto usual = And(IsFinite(a), IsFinite(b));
  return Wide(  // in float the sum would cancel where the result passes zero
      d, usual,
      [](auto dd, auto wa, auto wb) HWY_ATTR {
        const auto apart = Min(Abs(Sub(wa, wb)), Set(dd, 700.0));
        return Add(Max(wa, wb), Log1p(dd, Exp(dd, Neg(apart))));
      },
      [](double sa, double sb) { return scalar_logaddexp(sa, sb); }, a, b);
}

}  // namespace HWY_NAMESPACE
}  // namespace cornu
HWY_AFTER_NAMESPACE();
#endif
