#include "cornu/base/fingerprint.h"

#include <bit>
#include <cstring>
#include <utility>

namespace cornu {
namespace {

// FarmHash's constants: primes between 2^63 and 2^64.
constexpr uint64_t k0 = 0xc3a5c85c97cb3127u, k1 = 0xb492b66fbe98f273u, k2 = 0x9ae16a3b2f90404fu;

uint64_t word(const char* s) {
  uint64_t w;
  std::memcpy(&w, s, sizeof w);
  if constexpr (std::endian::native == std::endian::big) w = __builtin_bswap64(w);
  return w;
}
uint64_t half_word(const char* s) {
  uint32_t w;
  std::memcpy(&w, s, sizeof w);
  if constexpr (std::endian::native == std::endian::big) w = __builtin_bswap32(w);
  return w;
}
uint64_t right(uint64_t v, int bits) { return std::rotr(v, bits); }
uint64_t shift_mix(uint64_t v) { return v ^ (v >> 47); }
uint64_t mix(uint64_t u, uint64_t v, uint64_t by) {
  const uint64_t a = shift_mix((u ^ v) * by);
  return shift_mix((v ^ a) * by) * by;
}

uint64_t up_to_16(const char* s, uint64_t n) {
  const uint64_t by = k2 + n * 2;
  if (n >= 8) {
    const uint64_t a = word(s) + k2, b = word(s + n - 8);
    return mix(right(b, 37) * by + a, (right(a, 25) + b) * by, by);
  }
  if (n >= 4) return mix(n + (half_word(s) << 3), half_word(s + n - 4), by);
  if (n == 0) return k2;
  const auto byte = [&](uint64_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(s[i])); };
  const uint32_t y = byte(0) + (byte(n >> 1) << 8), z = static_cast<uint32_t>(n) + (byte(n - 1) << 2);
  return shift_mix(y * k2 ^ z * k0) * k2;
}

uint64_t up_to_32(const char* s, uint64_t n) {
  const uint64_t by = k2 + n * 2, a = word(s) * k1, b = word(s + 8), c = word(s + n - 8) * by, d = word(s + n - 16) * k2;
  return mix(right(a + b, 43) + right(c, 30) + d, a + right(b + k2, 18) + c, by);
}

uint64_t up_to_64(const char* s, uint64_t n) {
  const uint64_t by = k2 + n * 2, a = word(s) * k2, b = word(s + 8), c = word(s + n - 8) * by, d = word(s + n - 16) * k2;
  const uint64_t y = right(a + b, 43) + right(c, 30) + d, z = mix(y, a + right(b + k2, 18) + c, by);
  const uint64_t e = word(s + 16) * by, f = word(s + 24), g = (y + word(s + n - 32)) * by, h = (z + word(s + n - 24)) * by;
  return mix(right(e + f, 43) + right(g, 30) + h, e + right(f + a, 18) + g, by);
}

struct Pair {
  uint64_t first = 0, second = 0;
};
Pair weak(const char* s, uint64_t a, uint64_t b) {
  a += word(s);
  b = right(b + a + word(s + 24), 21);
  const uint64_t c = a;
  a += word(s + 8);
  a += word(s + 16);
  b += right(a, 44);
  return {a + word(s + 24), b + c};
}

struct Long {
  uint64_t x, y, z;
  Pair v = {}, w = {};
  void round(const char* s, uint64_t by, uint64_t weight) {
    x = right(x + y + v.first + word(s + 8), 37) * by;
    y = right(y + v.second + word(s + 48), 42) * by;
    x ^= w.second * weight;
    y += v.first * weight + word(s + 40);
    z = right(z + w.first, 33) * by;
    v = weak(s, v.second * by, x + w.first);
    w = weak(s + 32, z + w.second, y + word(s + 16));
    std::swap(z, x);
  }
};

uint64_t beyond_64(const char* s, uint64_t n) {
  constexpr uint64_t seed = 81;
  const char* const end = s + (n - 1) / 64 * 64;
  const uint64_t rest = (n - 1) % 64, y = seed * k1 + 113;
  Long state{.x = seed * k2 + word(s), .y = y, .z = shift_mix(y * k2 + 113) * k2};
  for (; s != end; s += 64) state.round(s, k1, 1);
  const uint64_t by = k1 + ((state.z & 0xff) << 1);
  state.w.first += rest;
  state.v.first += state.w.first;
  state.w.first += state.v.first;
  state.round(end + rest - 63, by, 9);
  return mix(mix(state.v.first, state.w.first, by) + shift_mix(state.y) * k0 + state.z, mix(state.v.second, state.w.second, by) + state.x, by);
}

}  // namespace

uint64_t fingerprint64(std::string_view bytes) {
  const uint64_t n = bytes.size();
  const char* s = bytes.data();
  return n <= 16 ? up_to_16(s, n) : n <= 32 ? up_to_32(s, n) : n <= 64 ? up_to_64(s, n) : beyond_64(s, n);
}

uint64_t siphash64(std::string_view bytes, std::array<uint64_t, 2> key) {
  uint64_t a = key[0] ^ 0x736f6d6570736575u, b = key[1] ^ 0x646f72616e646f6du, c = key[0] ^ 0x6c7967656e657261u, d = key[1] ^ 0x7465646279746573u;
  const auto rounds = [&](int n) {
    for (int i = 0; i < n; ++i) {
      a += b, b = std::rotl(b, 13) ^ a, a = std::rotl(a, 32);
      c += d, d = std::rotl(d, 16) ^ c;
      a += d, d = std::rotl(d, 21) ^ a;
      c += b, b = std::rotl(b, 17) ^ c, c = std::rotl(c, 32);
    }
  };
  const auto absorb = [&](uint64_t m) {
    d ^= m;
    rounds(2);
    a ^= m;
  };
  size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) absorb(word(bytes.data() + i));
  uint64_t last = static_cast<uint64_t>(bytes.size()) << 56;
  for (size_t k = 0; i + k < bytes.size(); ++k) last |= uint64_t{static_cast<unsigned char>(bytes[i + k])} << (8 * k);
  absorb(last);
  c ^= 0xff;
  rounds(4);
  return a ^ b ^ c ^ d;
}

}  // namespace cornu
