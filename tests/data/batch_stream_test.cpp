#include "cornu/data/batch_stream.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include "cornu/base/error.h"
#include "cornu/base/random.h"

using namespace cornu;

namespace {

/// x row i: {i, -i, i}; y row i: the low byte of i; weight of sample i: i.
Samples counting(int64_t n) {
  Samples s{.x = {Tensor(DType::int32, {n, 3})}, .y = {Tensor(DType::uint8, {n})}, .sample_weight = {Tensor(DType::float64, {n})}};
  auto x = s.x[0].mutable_values<int32_t>();
  for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
    const auto v = static_cast<int32_t>(i);
    x[3 * i] = x[3 * i + 2] = v;
    x[3 * i + 1] = -v;
    s.y[0].mutable_values<uint8_t>()[i] = static_cast<uint8_t>(i);
    s.sample_weight[0].mutable_values<double>()[i] = v;
  }
  return s;
}

/// The samples of a batch of `counting`, all columns checked against each other; -1 for one that does not fit.
std::vector<int> samples_of(const Batch& batch) {
  std::vector<int> samples;
  for (int64_t i = 0; i < batch.rows; ++i) {
    int32_t x[3];
    double weight;
    std::memcpy(x, static_cast<const std::byte*>(batch.columns[0]) + 12 * i, 12);
    std::memcpy(&weight, static_cast<const std::byte*>(batch.columns[2]) + 8 * i, 8);
    const uint8_t y = static_cast<const uint8_t*>(batch.columns[1])[i];
    const bool fits = x[1] == -x[0] && x[2] == x[0] && y == static_cast<uint8_t>(x[0]) && weight == x[0];
    samples.push_back(fits ? x[0] : -1);
  }
  return samples;
}

struct Epoch {
  std::vector<int> samples = {};
  std::vector<int64_t> rows = {}, first_rows = {}, indices = {};
};
Epoch rest_of(BatchStream& stream) {
  Epoch e;
  while (const Batch* b = stream.next()) {
    const std::vector<int> samples = samples_of(*b);
    e.samples.insert(e.samples.end(), samples.begin(), samples.end());
    e.rows.push_back(b->rows);
    e.first_rows.push_back(b->first_row);
    e.indices.push_back(b->index);
  }
  return e;
}
Epoch epoch_of(BatchStream& stream, uint64_t epoch, int64_t first = 0) {
  stream.start(epoch, first);
  return rest_of(stream);
}

std::vector<int> shuffled(int64_t n, uint64_t seed, uint64_t epoch) {
  const Permutation permutation(static_cast<uint64_t>(n), seed, epoch);
  std::vector<int> samples;
  for (uint64_t i = 0; i < static_cast<uint64_t>(n); ++i) samples.push_back(static_cast<int>(permutation(i)));
  return samples;
}

/// `batches` batches of three samples in each of its epochs, the last of one; row values go on counting.
Generator three_by_three(int batches, std::shared_ptr<std::atomic<int>> calls = std::make_shared<std::atomic<int>>(0)) {
  return [batches, calls, place = 0, next = 0]() mutable -> std::optional<Samples> {
    ++*calls;
    if (place == batches) {
      place = 0;
      return {};
    }
    ++place;
    const int64_t rows = place == batches ? 1 : 3;
    Samples s = counting(next + rows).part(next, next + rows);
    next += static_cast<int>(rows);
    return s;
  };
}

}  // namespace

TEST_CASE("unshuffled batches are the rows where they lie, the last one short") {
  const Samples samples = counting(10);
  BatchStream stream(samples, {.batch_size = 4});
  CHECK_FALSE(stream.in_background());
  CHECK(stream.next() == nullptr);  // before the first start
  stream.start(0);
  const Batch* b = stream.next();
  REQUIRE(b);
  CHECK(b->columns[0] == samples.x[0].data());
  CHECK(b->columns[1] == samples.y[0].data());
  stream.start(0);
  const Epoch e = rest_of(stream);
  CHECK(e.samples == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(e.rows == std::vector<int64_t>{4, 4, 2});
  CHECK(e.first_rows == std::vector<int64_t>{0, 4, 8});
  CHECK(e.indices == std::vector<int64_t>{0, 1, 2});
  CHECK(stream.next() == nullptr);
}

TEST_CASE("shuffled batches follow the permutation of seed and epoch, in the background or not") {
  for (const bool background : {false, true})
    for (const int64_t n : {1, 2, 31, 32, 33, 1000}) {
      BatchStream stream(counting(n), {.batch_size = 32, .shuffle = true, .seed = 5, .background = background});
      CHECK(stream.in_background() == background);
      for (const uint64_t epoch : {0, 1, 2, 7, 0}) {
        const Epoch e = epoch_of(stream, epoch);
        CHECK(e.samples == shuffled(n, 5, epoch));
        CHECK(static_cast<int64_t>(e.rows.size()) == (n + 31) / 32);
        CHECK(e.rows.back() == (n - 1) % 32 + 1);
      }
    }
}

TEST_CASE("an epoch far longer than the ring arrives whole, whoever is slow") {
  for (const bool slow_consumer : {false, true}) {
    BatchStream stream(counting(4000), {.batch_size = 3, .shuffle = true, .seed = 1, .background = true});
    stream.start(0);
    std::vector<int> seen;
    for (int step = 0; const Batch* b = stream.next(); ++step) {
      if (slow_consumer && step % 300 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(step == 600 ? 20 : 1));
      const std::vector<int> samples = samples_of(*b);
      seen.insert(seen.end(), samples.begin(), samples.end());
    }
    CHECK(seen == shuffled(4000, 1, 0));
  }
}

TEST_CASE("batches so large that the ring holds two arrive whole") {
  Samples s{.x = {Tensor(DType::uint8, {8, 1 << 20})}};
  for (int64_t i = 0; i < 8; ++i) std::memset(s.x[0].mutable_values<uint8_t>().data() + (i << 20), static_cast<int>(i), 1 << 20);
  BatchStream stream(s, {.batch_size = 2, .shuffle = true, .seed = 3, .background = true});
  for (const uint64_t epoch : {0, 1}) {
    stream.start(epoch);
    std::vector<int> seen;
    while (const Batch* b = stream.next())
      for (int64_t i = 0; i < b->rows; ++i) {
        const auto* row = static_cast<const uint8_t*>(b->columns[0]) + (i << 20);
        CHECK(std::all_of(row, row + (1 << 20), [&](uint8_t v) { return v == row[0]; }));
        seen.push_back(row[0]);
      }
    CHECK(seen == shuffled(8, 3, epoch));
  }
}

TEST_CASE("training can go on from any batch of any epoch") {
  for (const bool background : {false, true}) {
    BatchStream stream(counting(50), {.batch_size = 8, .shuffle = true, .seed = 2, .background = background});
    for (int64_t first = 0; first < 7; ++first) {
      const Epoch e = epoch_of(stream, 4, first);
      const std::vector<int> whole = shuffled(50, 2, 4);
      CHECK(e.samples == std::vector<int>(whole.begin() + 8 * first, whole.end()));
      CHECK(e.indices.front() == first);
      CHECK(e.first_rows.front() == 8 * first);
    }
  }
}

TEST_CASE("an epoch left in the middle is dropped, and the next one is whole") {
  for (const bool background : {false, true})
    for (const int taken : {0, 1, 5, 100}) {
      BatchStream stream(counting(3000), {.batch_size = 2, .shuffle = true, .seed = 8, .background = background});
      for (uint64_t epoch = 0; epoch < 4; ++epoch) {
        stream.start(epoch);
        for (int i = 0; i < taken; ++i) CHECK(stream.next());
      }
      CHECK(epoch_of(stream, 9).samples == shuffled(3000, 8, 9));
    }
}

TEST_CASE("a stream ends cleanly at any moment") {
  for (int taken = 0; taken < 40; ++taken) {
    BatchStream stream(counting(200), {.batch_size = 2, .shuffle = true, .background = true});
    stream.start(0);
    for (int i = 0; i < taken; ++i) stream.next();
  }
  const BatchStream never_started(counting(20), {.shuffle = true, .background = true});
}

TEST_CASE("a given number of steps goes on into the next epochs") {
  for (const bool background : {false, true}) {
    BatchStream stream(counting(10), {.batch_size = 4, .shuffle = true, .seed = 6, .steps = 5, .background = background});
    const Epoch e = epoch_of(stream, 3, 1);
    CHECK(e.indices == std::vector<int64_t>{1, 2, 0, 1, 2});
    std::vector<int> expected = shuffled(10, 6, 3);
    expected.erase(expected.begin(), expected.begin() + 4);
    const std::vector<int> second = shuffled(10, 6, 4);
    expected.insert(expected.end(), second.begin(), second.end());
    CHECK(e.samples == expected);
  }
}

TEST_CASE("a batch larger than the set is the set") {
  BatchStream stream(counting(5), {.batch_size = 1000, .shuffle = true, .seed = 1});
  const Epoch e = epoch_of(stream, 0);
  CHECK(e.rows == std::vector<int64_t>{5});
  CHECK(e.samples == shuffled(5, 1, 0));
}

TEST_CASE("a generator's batches come in order, epoch by epoch") {
  for (const bool background : {false, true}) {
    BatchStream stream(Source(three_by_three(4)), {.background = background});
    std::vector<int> all(20);
    std::iota(all.begin(), all.end(), 0);
    Epoch e = epoch_of(stream, 0);
    CHECK(e.samples == std::vector<int>(all.begin(), all.begin() + 10));
    CHECK(e.rows == std::vector<int64_t>{3, 3, 3, 1});
    CHECK(e.first_rows == std::vector<int64_t>{0, 3, 6, 9});
    CHECK(stream.next() == nullptr);
    e = epoch_of(stream, 1);
    CHECK(e.samples == std::vector<int>(all.begin() + 10, all.end()));
    CHECK(e.first_rows == std::vector<int64_t>{0, 3, 6, 9});
  }
}

TEST_CASE("a generator that says how many steps it has is not asked for more") {
  for (const bool background : {false, true}) {
    const auto calls = std::make_shared<std::atomic<int>>(0);
    BatchStream stream(Source(three_by_three(4, calls), 4), {.background = background});
    for (int epoch = 0; epoch < 3; ++epoch) CHECK(epoch_of(stream, static_cast<uint64_t>(epoch)).rows.size() == 4);
    CHECK(*calls == 14);  // two of them were told of an end that nobody had waited for
  }
}

TEST_CASE("an endless generator is cut at the steps asked for, and goes on from there") {
  const auto calls = std::make_shared<std::atomic<int>>(0);
  BatchStream stream(Source(three_by_three(1 << 30, calls)), {.steps = 5, .background = true});
  CHECK(epoch_of(stream, 0).samples.size() == 15);
  CHECK(epoch_of(stream, 1).samples.front() == 15);
  CHECK(*calls == 10);
}

TEST_CASE("what a generator throws arrives after the batches before it, and the stream can start again") {
  for (const bool background : {false, true}) {
    int place = 0;
    Generator generator = [&]() -> std::optional<Samples> {
      if (++place == 3) throw std::runtime_error("disk on fire");
      return counting(2);
    };
    BatchStream stream(Source(generator), {.steps = 4, .background = background});
    stream.start(0);
    CHECK(stream.next());
    CHECK(stream.next());
    CHECK_THROWS_WITH_AS(stream.next(), "disk on fire", std::runtime_error);
    CHECK(stream.next() == nullptr);
    CHECK(epoch_of(stream, 1).rows.size() == 4);
  }
}

TEST_CASE("what a generator throws into a dropped epoch is dropped with it") {
  int place = 0;
  Generator generator = [&]() -> std::optional<Samples> {
    if (++place == 2) throw std::runtime_error("disk on fire");
    return counting(2);
  };
  BatchStream stream(Source(generator), {.steps = 3, .background = true});
  stream.start(0);
  CHECK(stream.next());
  stream.start(1);
  CHECK(stream.next());
}

TEST_CASE("a generator's batch whose tensors do not fit is refused by its number") {
  for (const bool background : {false, true}) {
    Generator generator = [] {
      return std::optional(Samples{.x = {Tensor(DType::float32, {3, 2})}, .y = {Tensor(DType::float32, {2})}});
    };
    BatchStream stream(Source(generator), {.background = background});
    stream.start(0);
    CHECK_THROWS_WITH_AS(stream.next(),
                         "batch 0 of the generator: x has 3 samples but y has 2 (shape [2]); each sample needs a row in both",
                         ArgumentError);
    BatchStream empty(Source([] { return std::optional(counting(0)); }), {.background = background});
    empty.start(0);
    CHECK_THROWS_WITH_AS(empty.next(), "batch 0 of the generator: it has no samples", ArgumentError);
  }
}

TEST_CASE("sources and streams refuse what cannot be") {
  CHECK_THROWS_WITH_AS(Source(counting(0)), "there are no samples: x has the shape [0, 3]", ArgumentError);
  CHECK_THROWS_AS(Source(Samples{}), ArgumentError);
  CHECK_THROWS_AS(Source(Generator{}), ArgumentError);
  CHECK_THROWS_AS(Source(three_by_three(1), 0), ArgumentError);
  CHECK_THROWS_WITH_AS(BatchStream(counting(3), {.batch_size = 0}), "batch_size is 0; it must be at least 1", ArgumentError);
  CHECK_THROWS_AS(BatchStream(counting(3), {.steps = 0}), ArgumentError);
  BatchStream stream(counting(10), {.batch_size = 4});
  CHECK_THROWS_AS(stream.start(0, 3), ArgumentError);
  CHECK_THROWS_AS(stream.start(0, -1), ArgumentError);
  BatchStream generated{Source(three_by_three(2))};
  CHECK_THROWS_AS(generated.start(0, 1), ArgumentError);
}

TEST_CASE("a source counts its rows and steps") {
  const Source tensors(counting(10)), unknown(three_by_three(2)), known(three_by_three(2), 2);
  CHECK(tensors.rows() == 10);
  CHECK(tensors.steps(3) == 4);
  CHECK(tensors.steps(5) == 2);
  CHECK(tensors.steps(100) == 1);
  CHECK_FALSE(unknown.rows());
  CHECK_FALSE(unknown.steps(3));
  CHECK(known.steps(3) == 2);
}

TEST_CASE("starts may follow each other at any moment, whatever the thread is doing") {
  uint32_t x = 12345;
  const auto random = [&](uint32_t n) {
    x = x * 1664525u + 1013904223u;
    return (x >> 8u) % n;
  };
  BatchStream stream(counting(700), {.batch_size = 2, .shuffle = true, .seed = 4, .background = true});
  int wrong = 0;
  for (int n = 0; n < 400; ++n) {
    const uint64_t epoch = random(3);
    const auto first = static_cast<int64_t>(random(350));
    const std::vector<int> whole = shuffled(700, 4, epoch);
    stream.start(epoch, first);
    const int64_t taken = random(4) == 0 ? random(300) : random(5);
    for (int64_t i = first; i < std::min<int64_t>(first + taken, 350); ++i) {
      if (random(40) == 0) std::this_thread::sleep_for(std::chrono::microseconds(60));  // the thread gets ahead
      const Batch* b = stream.next();
      REQUIRE(b);
      wrong += samples_of(*b) != std::vector<int>{whole[static_cast<size_t>(2 * i)], whole[static_cast<size_t>(2 * i + 1)]};
    }
  }
  CHECK(wrong == 0);
}
