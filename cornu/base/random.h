// Random numbers without state: a number is a function of its key and its place, so it does not matter who draws it,
// when, or in which order.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cornu {

/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

/// Where a number stands. Four numbers come from each (row, block).
struct RandomKey {
  uint64_t seed = 0;
  uint64_t stream = 0;
  uint64_t step = 0;
};

/// Philox's key for a place: seed, stream and the upper half of step, hashed. For one seed, streams never share a key.
std::array<uint32_t, 2> philox_key(const RandomKey& key);
/// Philox's counter for a place: {block, row's lower half, row's upper half, step's lower half}. Nothing is hashed, so
/// blocks, rows and the first 2^32 steps of a stream never meet.
constexpr std::array<uint32_t, 4> philox_counter(const RandomKey& key, uint64_t row, uint32_t block) {
  return {block, static_cast<uint32_t>(row), static_cast<uint32_t>(row >> 32), static_cast<uint32_t>(key.step)};
}
/// Numbers 4 * block .. 4 * block + 3 of `row` under `key`: philox(philox_counter(key, row, block), philox_key(key)).
std::array<uint32_t, 4> random_block(const RandomKey& key, uint64_t row, uint32_t block);

/// [0, 1) with 24 bits, from 32 random ones.
inline float unit_float(uint32_t bits) { return static_cast<float>(bits >> 8) * 0x1p-24f; }
/// (0, 1) with 32 bits.
inline double unit_double(uint32_t bits) { return (static_cast<double>(bits) + 0.5) * 0x1p-32; }
/// Two independent standard normal numbers from two random ones (Box and Muller, 1958).
std::array<double, 2> normal_pair(uint32_t a, uint32_t b);

/// FNV-1a: names to streams; the same on every machine.
constexpr uint64_t hash_name(std::string_view name, uint64_t from = 0xcbf29ce484222325u) {
  for (const char c : name) from = (from ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return from;
}

/// A permutation of [0, size) in constant memory: a Feistel network, keyed by Philox, over the next power of two, walked along
/// its cycle until it lands inside (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002). Ten rounds, or 32 up to
/// 256 elements: with ten, the orders of seven elements are visibly not equally likely.
class Permutation {
 public:
  /// Another one for each (seed, epoch).
  Permutation(uint64_t size, uint64_t seed, uint64_t epoch);
  /// The element at place `i` < size.
  uint64_t operator()(uint64_t i) const;

 private:
  uint64_t size_;
  size_t rounds_;
  int low_bits_;
  uint32_t low_mask_, high_mask_;
  std::array<uint32_t, 32> keys_;  // one for each round
};

}  // namespace cornu
