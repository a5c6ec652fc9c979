// e^x for softmax, included once for each kind of processor.
#if defined(CORNU_EXP_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef CORNU_EXP_INL
#undef CORNU_EXP_INL
#else
#define CORNU_EXP_INL
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace cornu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// e^x for x <= 0, to one unit in the last place (Cephes's expf, S. Moshier). Below the smallest normal number it is
/// zero, so that minus infinity has no weight; a NaN stays one.
template <class D, class V = hn::Vec<D>> HWY_INLINE V exp_nonpositive(D d, V x) {
  const hn::RebindToUnsigned<D> u;
  const V magic = hn::Set(d, 12582912.0f);  // 1.5 * 2^23: adding it rounds to a whole number, kept in the low bits
  const V shifted = hn::MulAdd(x, hn::Set(d, 1.44269504f), magic);
  const V n = hn::Sub(shifted, magic);
  V r = hn::NegMulAdd(n, hn::Set(d, 0.693359375f), x);
  r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4f), r);
  V p = hn::Set(d, 1.9875691500e-4f);
  p = hn::MulAdd(p, r, hn::Set(d, 1.3981999507e-3f));
  p = hn::MulAdd(p, r, hn::Set(d, 8.3334519073e-3f));
  p = hn::MulAdd(p, r, hn::Set(d, 4.1665795894e-2f));
  p = hn::MulAdd(p, r, hn::Set(d, 1.6666665459e-1f));
  p = hn::MulAdd(p, r, hn::Set(d, 5.0000001201e-1f));
  p = hn::Add(hn::MulAdd(p, hn::Mul(r, r), r), hn::Set(d, 1.0f));
  const auto exponent = hn::Add(hn::ShiftLeft<23>(hn::BitCast(u, shifted)), hn::Set(u, 127u << 23));
  return hn::IfThenZeroElse(hn::Lt(x, hn::Set(d, -87.33f)), hn::Mul(p, hn::BitCast(d, exponent)));
}

}  // namespace HWY_NAMESPACE
}  // namespace cornu
HWY_AFTER_NAMESPACE();
#endif
