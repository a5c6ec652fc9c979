// Random tensors, block by block of four numbers.
#include "cornu/kernels/random.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "cornu/base/random.h"

namespace cornu {
namespace {

struct Context {
  RandomFill fill;
  int64_t blocks = 0;  // of a row
  int slices = 1;
};
using Bits = std::array<uint32_t, 4>;
using Numbers = std::array<double, 4>;

Numbers normals(const Bits& bits) {
  const auto low = normal_pair(bits[0], bits[1]), high = normal_pair(bits[2], bits[3]);
  return {low[0], low[1], high[0], high[1]};
}

/// Draws those beyond two deviations again.
void truncate(Numbers& z, RandomKey key, uint64_t row, uint32_t block) {
  const auto outside = [](double v) { return std::abs(v) > 2; };
  for (int k = 0; k < 16 && std::any_of(z.begin(), z.end(), outside); ++k) {
    key.stream += 0x9e3779b97f4a7c15u;
    const Numbers other = normals(random_block(key, row, block));
    for (size_t i = 0; i < 4; ++i)
      if (outside(z[i])) z[i] = other[i];
  }
  for (double& v : z) v = std::clamp(v, -2.0, 2.0);
}

template <class T> T stored(double x) {
  if constexpr (std::is_same_v<T, bfloat16>) return bfloat16(static_cast<float>(x));
  else return static_cast<T>(x);
}

/// The largest number of T below `x`.
template <class T> T below(double x) {
  if constexpr (std::is_same_v<T, bfloat16>) {
    const bfloat16 b(static_cast<float>(x));
    if (static_cast<double>(static_cast<float>(b)) < x) return b;
    bfloat16 next = b;  // one step towards minus infinity
    if (b.bits == 0 || b.bits == 0x8000) next.bits = 0x8001;
    else next.bits = static_cast<uint16_t>(b.bits & 0x8000 ? b.bits + 1 : b.bits - 1);
    return next;
  } else {
    const T y = static_cast<T>(x);
    return static_cast<double>(y) < x ? y : std::nextafter(y, -std::numeric_limits<T>::infinity());
  }
}

/// [0, 1): 24 bits where the dtype has no more.
template <class T> double unit(uint32_t bits) {
  if constexpr (std::is_same_v<T, float> || std::is_same_v<T, bfloat16>) return static_cast<double>(unit_float(bits));
  else return unit_double(bits);
}

template <class T> struct Uniform {
  double a, range;
  T last;
  explicit Uniform(const RandomFill& f) : a(f.a), range(f.b - f.a) {
    if constexpr (std::is_integral_v<T>) last = static_cast<T>(f.b - 1);
    else last = range > 0 ? below<T>(f.b) : stored<T>(f.a);
  }
  T operator()(uint32_t bits) const {
    const double u = unit<T>(bits);
    if constexpr (std::is_integral_v<T>) return std::min(static_cast<T>(a + std::floor(range * u)), last);
    else {
      const T y = stored<T>(a + range * u);
      return static_cast<double>(y) > static_cast<double>(last) ? last : y;
    }
  }
};
template <> struct Uniform<bfloat16> {
  double a, range;
  bfloat16 last;
  explicit Uniform(const RandomFill& f) : a(f.a), range(f.b - f.a), last(range > 0 ? below<bfloat16>(f.b) : stored<bfloat16>(f.a)) {}
  bfloat16 operator()(uint32_t bits) const {
    const bfloat16 y = stored<bfloat16>(a + range * unit<bfloat16>(bits));
    return static_cast<float>(y) > static_cast<float>(last) ? last : y;
  }
};

template <class T> void fill(const Context& c, void* const* buffers, int slice, void*) {
  const auto* key_numbers = static_cast<const int64_t*>(buffers[0]);
  auto* y = static_cast<T*>(buffers[1]);
  const RandomFill& f = c.fill;
  const RandomKey key{.seed = static_cast<uint64_t>(key_numbers[0]), .stream = f.stream, .step = static_cast<uint64_t>(key_numbers[1])};
  const auto hashed = philox_key(key);
  const Uniform<T> uniform(f);
  const Range range = slice_of(f.rows * c.blocks, c.slices, slice);
  int64_t row = range.first / std::max<int64_t>(c.blocks, 1), block = range.first - row * c.blocks;
  PhiloxCounters counters{};
  uint32_t bits[4 * philox_blocks_at_once];
  T numbers[4 * philox_blocks_at_once];
  for (int64_t at = range.first; at < range.last; at += philox_blocks_at_once) {
    const int64_t n = std::min<int64_t>(philox_blocks_at_once, range.last - at);
    int64_t r = row, k = block;
    for (int64_t i = 0; i < n; ++i) {
      const auto counter = philox_counter(key, static_cast<uint64_t>(key_numbers[2] + r), static_cast<uint32_t>(k));
      counters.block[i] = counter[0];
      counters.row_low[i] = counter[1];
      counters.row_high[i] = counter[2];
      counters.last = counter[3];
      if (++k == c.blocks) k = 0, ++r;
    }
    simd_philox(counters, hashed, n, bits);
    if (f.draw == Draw::uniform) {
      for (int64_t i = 0; i < 4 * n; ++i) numbers[i] = uniform(bits[i]);
    } else if (f.draw == Draw::bernoulli) {
      for (int64_t i = 0; i < 4 * n; ++i) numbers[i] = stored<T>(unit<T>(bits[i]) < f.a ? 1 : 0);
    } else {
      for (int64_t i = 0; i < n; ++i) {
        Numbers z = normals({bits[4 * i], bits[4 * i + 1], bits[4 * i + 2], bits[4 * i + 3]});
        if (f.draw == Draw::truncated_normal) truncate(z, key, static_cast<uint64_t>(counters.row_high[i]) << 32 | counters.row_low[i], counters.block[i]);
        for (size_t j = 0; j < 4; ++j) numbers[4 * i + static_cast<int64_t>(j)] = stored<T>(f.a + f.b * z[j]);
      }
    }
    // The last block of a row may be cut short.
    for (const T* from = numbers; from < numbers + 4 * n;) {
      const int64_t left = (numbers + 4 * n - from) / 4, run = std::min(left, c.blocks - block);
      std::copy_n(from, std::min(4 * run, f.row_elements - 4 * block), y + row * f.row_elements + 4 * block);
      from += 4 * run;
      block += run;
      if (block == c.blocks) block = 0, ++row;
    }
  }
}

}  // namespace

Kernel random_kernel(DType dtype, const RandomFill& f) {
  const int64_t blocks = (f.row_elements + 3) / 4;
  const double cost = f.draw == Draw::uniform || f.draw == Draw::bernoulli ? 10 : 300;  // of a number, in elements moved
  const int slices = static_cast<int>(std::clamp<int64_t>(f.rows * blocks, 1, slices_for(4 * static_cast<double>(f.rows * blocks) * cost)));
  return with_type(dtype, [&]<class T>(T) {
    using Stored = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;  // bool: only bernoulli, 0 or 1
    return make_kernel<Context>("random", {f, blocks, slices}, fill<Stored>, slices);
  });
}

}  // namespace cornu
