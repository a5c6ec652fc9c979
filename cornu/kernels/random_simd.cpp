// Philox on vectors: the same bits as base/random.h's, one counter in each lane.
#include "cornu/base/random.h"
#include "cornu/kernels/random.h"

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cornu/kernels/random_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace cornu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // no lanes to widen
void philox_blocks(const PhiloxCounters& counters, std::array<uint32_t, 2> key, int64_t n, uint32_t* bits) {
  for (int64_t i = 0; i < n; ++i) {
    const auto four = philox({counters.block[i], counters.row_low[i], counters.row_high[i], counters.last}, key);
    for (size_t k = 0; k < 4; ++k) bits[4 * i + static_cast<int64_t>(k)] = four[k];
  }
}
#else
using D = hn::ScalableTag<uint32_t>;
using V = hn::Vec<D>;

struct Wide {
  V low, high;
};
/// 32 x 32 -> 64 bits in each lane.
HWY_INLINE Wide multiply(D d, V a, V b) {
  const hn::RepartitionToWide<D> wide;
  const auto even = hn::MulEven(a, b);
  const auto odd = hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, a))), b);
  return {hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(odd)), hn::BitCast(d, even)),
          hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<32>(even)))};
}

void philox_blocks(const PhiloxCounters& counters, std::array<uint32_t, 2> key, int64_t n, uint32_t* bits) {
  const D d;
  const V m0 = hn::Set(d, 0xD2511F53u), m1 = hn::Set(d, 0xCD9E8D57u);
  for (int64_t i = 0; i < n; i += static_cast<int64_t>(hn::Lanes(d))) {
    V c0 = hn::LoadU(d, counters.block + i), c1 = hn::LoadU(d, counters.row_low + i), c2 = hn::LoadU(d, counters.row_high + i), c3 = hn::Set(d, counters.last);
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; ++round) {
      const Wide a = multiply(d, c0, m0), b = multiply(d, c2, m1);
      c0 = hn::Xor(hn::Xor(b.high, c1), hn::Set(d, k0));
      c1 = b.low;
      c2 = hn::Xor(hn::Xor(a.high, c3), hn::Set(d, k1));
      c3 = a.low;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    hn::StoreInterleaved4(c0, c1, c2, c3, d, bits + 4 * i);
  }
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace cornu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cornu {
HWY_EXPORT(philox_blocks);

void simd_philox(const PhiloxCounters& counters, std::array<uint32_t, 2> key, int64_t n, uint32_t* bits) {
  HWY_DYNAMIC_DISPATCH(philox_blocks)(counters, key, n, bits);
}
}  // namespace cornu
#endif
