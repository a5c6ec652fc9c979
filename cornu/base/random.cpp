#include "cornu/base/random.h"

#include <bit>
#include <cmath>
#include <numbers>

namespace cornu {

std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * counter[0], b = uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(b),
               static_cast<uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

namespace {

/// A bijection of 64-bit numbers whose every output bit depends on every input bit (SplitMix64's; Steele, Lea, Flood 2014).
constexpr uint64_t mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
  x = (x ^ x >> 27) * 0x94D049BB133111EB;
  return x ^ x >> 31;
}

/// Wellons' lowbias32: a round's function, and cheap.
constexpr uint32_t mix32(uint32_t x) {
  x = (x ^ x >> 16) * 0x7FEB352D;
  x = (x ^ x >> 15) * 0x846CA68B;
  return x ^ x >> 16;
}

}  // namespace

std::array<uint32_t, 2> philox_key(const RandomKey& key) {
  const uint64_t word = mix(mix(mix(key.seed) ^ key.stream) ^ key.step >> 32);
  return {static_cast<uint32_t>(word), static_cast<uint32_t>(word >> 32)};
}

std::array<uint32_t, 4> random_block(const RandomKey& key, uint64_t row, uint32_t block) {
  return philox(philox_counter(key, row, block), philox_key(key));
}

std::array<double, 2> normal_pair(uint32_t a, uint32_t b) {
  const double radius = std::sqrt(-2 * std::log(unit_double(a))), angle = 2 * std::numbers::pi * unit_double(b);
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

Permutation::Permutation(uint64_t size, uint64_t seed, uint64_t epoch) : size_(size), rounds_(size <= 256 ? 32 : 10) {
  const int bits = static_cast<int>(std::bit_width(size > 0 ? size - 1 : 0));
  low_bits_ = (bits + 1) / 2;
  low_mask_ = static_cast<uint32_t>((uint64_t{1} << low_bits_) - 1);
  high_mask_ = static_cast<uint32_t>((uint64_t{1} << (bits - low_bits_)) - 1);
  const RandomKey key{.seed = seed, .stream = hash_name("permutation"), .step = epoch};
  for (uint32_t block = 0; block < keys_.size() / 4; ++block) {
    const std::array<uint32_t, 4> words = random_block(key, 0, block);
    for (uint32_t i = 0; i < 4; ++i) keys_[4 * block + i] = words[i];
  }
}

uint64_t Permutation::operator()(uint64_t i) const {
  do {  // a power of two is less than twice the size: two walks at most, on average
    uint32_t low = static_cast<uint32_t>(i) & low_mask_, high = static_cast<uint32_t>(i >> low_bits_) & high_mask_;
    for (size_t round = 0; round < rounds_; round += 2) {
      low ^= mix32(high ^ keys_[round]) & low_mask_;
      high ^= mix32(low ^ keys_[round + 1]) & high_mask_;
    }
    i = uint64_t{high} << low_bits_ | low;
  } while (i >= size_);
  return i;
}

}  // namespace cornu
