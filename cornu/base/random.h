// Random numbers without state: a number is a function of its key and its place, so it does not matter who draws it,
// when, or in which order.
#pragma once
#include <array>
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
/// Numbers 4 * block .. 4 * block + 3 of `row` under `key`.
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

/// A permutation of [0, size) with no memory: a Feistel network of ten Philox-keyed rounds over the next power of four,
/// walked along its cycle until it lands inside (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002).
class Permutation {
 public:
  Permutation(uint64_t size, uint64_t seed, uint64_t epoch);
  /// The element at place `i`.
  uint64_t operator()(uint64_t i) const;

 private:
  uint64_t size_;
  int half_bits_;
  std::array<uint32_t, 2> key_;
};

}  // namespace cornu
