#include "cornu/base/random.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

using namespace cornu;

namespace {

std::vector<uint64_t> all_of(const Permutation& permutation, uint64_t size) {
  std::vector<uint64_t> places(size);
  for (uint64_t i = 0; i < size; ++i) places[i] = permutation(i);
  return places;
}

bool is_permutation_of(uint64_t size, uint64_t seed) {
  const Permutation permutation(size, seed, 3);
  std::vector<bool> seen(size, false);
  for (uint64_t i = 0; i < size; ++i) {
    const uint64_t p = permutation(i);
    if (p >= size || seen[p]) return false;
    seen[p] = true;
  }
  return true;
}

/// Sum of (count - expected)^2 / expected: about as large as the number of counts, if they are even.
double chi_square(const std::vector<int>& counts, double expected) {
  double sum = 0;
  for (const int c : counts) sum += (c - expected) * (c - expected) / expected;
  return sum;
}

}  // namespace

TEST_CASE("philox gives Random123's known answers") {
  using Four = std::array<uint32_t, 4>;
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == Four{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        Four{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Four{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a random block depends on seed, stream, step, row and block") {
  const RandomKey key{.seed = 1, .stream = 2, .step = 3};
  std::set<std::array<uint32_t, 4>> blocks{random_block(key, 4, 5)};
  blocks.insert(random_block({.seed = 2, .stream = 2, .step = 3}, 4, 5));
  blocks.insert(random_block({.seed = 1, .stream = 3, .step = 3}, 4, 5));
  blocks.insert(random_block({.seed = 1, .stream = 2, .step = 4}, 4, 5));
  blocks.insert(random_block({.seed = 1, .stream = 2, .step = 3 + (uint64_t{1} << 32)}, 4, 5));
  blocks.insert(random_block({.seed = 2, .stream = 1, .step = 3}, 4, 5));
  blocks.insert(random_block(key, 5, 5));
  blocks.insert(random_block(key, 4 + (uint64_t{1} << 32), 5));
  blocks.insert(random_block(key, 4, 6));
  blocks.insert(random_block(key, 5, 4));
  CHECK(blocks.size() == 10);
  CHECK(random_block(key, 4, 5) == philox(philox_counter(key, 4, 5), philox_key(key)));
}

TEST_CASE("random numbers stay what they were: models are initialised from them") {
  CHECK(random_block({.seed = 42, .stream = hash_name("dense/kernel"), .step = 0}, 0, 0) ==
        std::array<uint32_t, 4>{0xad7d7ac5, 0xcb42f659, 0x36d96ceb, 0xced8098c});
  CHECK(all_of(Permutation(10, 42, 0), 10) == std::vector<uint64_t>{6, 9, 8, 1, 0, 7, 3, 5, 2, 4});
}

TEST_CASE("uniform numbers lie in their ranges") {
  CHECK(unit_float(0) == 0.0f);
  CHECK(unit_float(0xffffffff) == 1.0f - 0x1p-24f);
  CHECK(unit_double(0) > 0);
  CHECK(unit_double(0xffffffff) < 1);
}

TEST_CASE("normal pairs have mean 0, variance 1, no correlation, and are finite at the ends") {
  double sum = 0, squares = 0, products = 0, fourth = 0;
  constexpr int n = 50000;
  for (int i = 0; i < n; ++i) {
    const auto bits = random_block({.seed = 7}, static_cast<uint64_t>(i), 0);
    const auto [a, b] = normal_pair(bits[0], bits[1]);
    sum += a + b;
    squares += a * a + b * b;
    fourth += a * a * a * a + b * b * b * b;
    products += a * b;
  }
  // Standard deviations of these means are 1, sqrt(2), 1, sqrt(96) over the root of the counts; four of them are allowed.
  CHECK(std::abs(sum / (2 * n)) < 4 / std::sqrt(2.0 * n));
  CHECK(std::abs(squares / (2 * n) - 1) < 4 * std::sqrt(2.0) / std::sqrt(2.0 * n));
  CHECK(std::abs(products / n) < 4 / std::sqrt(1.0 * n));
  CHECK(std::abs(fourth / (2 * n) - 3) < 4 * std::sqrt(96.0) / std::sqrt(2.0 * n));
  for (const uint32_t a : {0u, 0xffffffffu})
    for (const uint32_t b : {0u, 0xffffffffu}) {
      CHECK(std::isfinite(normal_pair(a, b)[0]));
      CHECK(std::isfinite(normal_pair(a, b)[1]));
    }
}

TEST_CASE("hash_name is FNV-1a, at compile time") {
  static_assert(hash_name("") == 0xcbf29ce484222325u);
  static_assert(hash_name("a") == 0xaf63dc4c8601ec8cu);
  static_assert(hash_name("foobar") == 0x85944171f73967e8u);
  static_assert(hash_name("bar", hash_name("foo")) == hash_name("foobar"));
}

TEST_CASE("a permutation hits every place once, at any size") {
  for (uint64_t size = 1; size <= 300; ++size) CHECK(is_permutation_of(size, size * 7));
  CHECK(is_permutation_of(60000, 1));
  CHECK(is_permutation_of((uint64_t{1} << 20) + 7, 2));
}

TEST_CASE("a permutation of a size that no memory could hold stays inside and is one to one where looked at") {
  for (const uint64_t size : {(uint64_t{1} << 33) + 1, (uint64_t{1} << 63) + 12345, ~uint64_t{0}}) {
    const Permutation permutation(size, 5, 0);
    std::set<uint64_t> seen;
    for (uint64_t i = 0; i < 500; ++i) seen.insert(permutation(i)), seen.insert(permutation(size - 1 - i));
    CHECK(seen.size() == 1000);
    CHECK(*seen.rbegin() < size);
    CHECK(*seen.rbegin() > size / 2);
  }
}

TEST_CASE("seeds and epochs give different permutations, and the same pair the same one") {
  const std::vector<uint64_t> a = all_of(Permutation(1000, 1, 0), 1000);
  CHECK(a == all_of(Permutation(1000, 1, 0), 1000));
  for (const auto& b : {all_of(Permutation(1000, 2, 0), 1000), all_of(Permutation(1000, 1, 1), 1000)}) {
    int same = 0;
    for (size_t i = 0; i < 1000; ++i) same += a[i] == b[i];
    CHECK(same < 10);  // one is expected by chance; ten or more happen in 1e-7 of cases
  }
}

TEST_CASE("all orders of a few elements are equally likely") {
  for (const uint64_t size : {2, 3, 4, 5, 6}) {
    size_t orders = 1;
    for (size_t i = 2; i <= size; ++i) orders *= i;
    std::vector<int> counts(orders, 0);
    const int draws = static_cast<int>(orders) * 200;
    for (int seed = 0; seed < draws; ++seed) {
      const std::vector<uint64_t> places = all_of(Permutation(size, static_cast<uint64_t>(seed), 0), size);
      size_t rank = 0;  // among the orders, by factorial digits
      for (size_t i = 0; i < size; ++i)
        rank = rank * (size - i) + static_cast<size_t>(std::count_if(places.begin() + static_cast<long>(i), places.end(),
                                                                     [&](uint64_t p) { return p < places[i]; }));
      ++counts[rank];
    }
    const double freedom = static_cast<double>(orders - 1);
    CHECK(chi_square(counts, 200) < freedom + 5 * std::sqrt(2 * freedom));
  }
}

TEST_CASE("an element comes to every place, and neighbours part") {
  constexpr uint64_t size = 100;
  std::vector<int> places(size, 0), distances(size, 0);
  for (uint64_t epoch = 0; epoch < 10000; ++epoch) {
    const Permutation permutation(size, 9, epoch);
    const uint64_t a = permutation(17), b = permutation(18);
    ++places[a];
    ++distances[(b + size - a) % size];
  }
  CHECK(chi_square(places, 100) < 99 + 5 * std::sqrt(2 * 99.0));
  CHECK(distances[0] == 0);
  distances.erase(distances.begin());
  CHECK(chi_square(distances, 10000.0 / 99) < 98 + 5 * std::sqrt(2 * 98.0));
}
