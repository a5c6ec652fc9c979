// Direct computation by callers who let each other in while numbers are computed, as Python's threads do. Under ThreadSanitizer
// (scripts/check.sh) this shows that `around` is enough.
#include <doctest/doctest.h>

#include <mutex>
#include <thread>

#include "cornu/compiler/lazy.h"
#include "tests/compiler/eager.h"

using namespace cornu;
using namespace cornu::testing;

TEST_CASE("threads that enter while another computes get right answers, from numbers of their own and from ones that all share") {
  std::mutex turn;  // what the GIL is to Python
  Eager eager(2, [&](const std::function<void()>& compute) {
    turn.unlock();
    compute();
    turn.lock();
  });
  const Lazy shared = Tensor{1, 2, 3};
  Lazy put_off;  // computed by whoever reads it first
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      const auto which = static_cast<size_t>(i);
      for (int round = 0; round < 50; ++round) {
        const std::lock_guard mine(turn);
        if (round % 10 == 0) put_off = times(eager, shared, shared);
        const float by = static_cast<float>(i + 1);
        const Lazy own = times(eager, put_off, Tensor{by, by, by});
        const double both = eager.value(total(eager, own)).at(0);
        if (both != 14 * (i + 1)) ++wrong[which];
        if (eager.value(put_off).at(2) != 9) ++wrong[which];
      }
    });
  for (std::thread& t : threads) t.join();
  CHECK(wrong == std::vector<int>(4, 0));
}
