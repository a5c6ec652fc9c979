// Batches in a steady state cost no memory. Counts every allocation of this program.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "cornu/data/batch_stream.h"

namespace {
std::atomic<long> allocations{0};
}

void* operator new(size_t bytes) {
  ++allocations;
  if (void* memory = std::malloc(bytes > 0 ? bytes : 1)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

using namespace cornu;

TEST_CASE("no batch after the first epoch's start costs an allocation, in any thread") {
  for (const bool shuffle : {false, true})
    for (const bool background : {false, true}) {
      CAPTURE(shuffle);
      CAPTURE(background);
      const Samples samples{.x = {Tensor(DType::uint8, {500, 784})}, .y = {Tensor(DType::uint8, {500})}};
      BatchStream stream(samples, {.batch_size = 32, .shuffle = shuffle, .background = background});
      stream.start(0);
      const long before = allocations;
      CHECK(before > 0);
      long batches = 0;
      for (uint64_t epoch = 1; epoch < 20; ++epoch) {
        while (stream.next()) ++batches;
        stream.start(epoch);
      }
      const long after = allocations;
      CHECK(batches == 19 * 16);
      CHECK(after - before == 0);
    }
}
