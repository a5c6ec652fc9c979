// Vectors for matrix products: loads that convert, included once for each kind of processor.
#if defined(CORNU_GEMM_SIMD_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef CORNU_GEMM_SIMD_INL
#undef CORNU_GEMM_SIMD_INL
#else
#define CORNU_GEMM_SIMD_INL
#endif

#include <hwy/highway.h>

#include "cornu/tensor/dtype.h"

HWY_BEFORE_NAMESPACE();
namespace cornu::gemm {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
inline constexpr int lanes = static_cast<int>(hn::MaxLanes(D()));

/// v, loaded once. g++ would rather read the memory again with every use, and these loops are bound by their loads.
HWY_INLINE V in_register(V v) {
#if HWY_ARCH_X86
  __asm__("" : "+v"(v.raw));
#endif
  return v;
}

template <class T> HWY_INLINE float as_float(T x) { return static_cast<float>(x); }

template <class D_> HWY_INLINE hn::Vec<D_> load(D_ d, const float* from) { return hn::LoadU(d, from); }
template <class D_> HWY_INLINE hn::Vec<D_> load(D_ d, const uint8_t* from) {
  return hn::ConvertTo(d, hn::PromoteTo(hn::RebindToSigned<D_>(), hn::LoadU(hn::Rebind<uint8_t, D_>(), from)));
}
template <class D_> HWY_INLINE hn::Vec<D_> load(D_ d, const bfloat16* from) {
  const hn::RebindToUnsigned<D_> bits;
  const auto upper = hn::LoadU(hn::Rebind<uint16_t, D_>(), reinterpret_cast<const uint16_t*>(from));
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(bits, upper)));
}
/// The first n < lanes numbers, zeros after them; reads no further.
template <class T> HWY_INLINE V load_part(D d, const T* from, int64_t n) {
  HWY_ALIGN float numbers[lanes] = {};
  for (int64_t i = 0; i < n; ++i) numbers[i] = as_float(from[i]);
  return hn::Load(d, numbers);
}
HWY_INLINE V load_part(D d, const float* from, int64_t n) { return hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(n)), d, from); }
HWY_INLINE void store_part(D d, V v, float* to, int64_t n) {
  HWY_ALIGN float numbers[lanes];
  hn::Store(v, d, numbers);
  for (int64_t i = 0; i < n; ++i) to[i] = numbers[i];
}

}  // namespace HWY_NAMESPACE
}  // namespace cornu::gemm
HWY_AFTER_NAMESPACE();
#endif
