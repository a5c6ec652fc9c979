#include "cornu/base/team.h"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "cornu/base/error.h"

using namespace cornu;

namespace {
template <class F>
void run(Team& team, F job) {
  team.run([](void* context, int member) { (*static_cast<F*>(context))(member); }, &job);
}
}  // namespace

TEST_CASE("every member of a team runs the job once") {
  for (const int size : {1, 2, 3, 5, 8, 17}) {
    Team team(size);
    CHECK(team.size() == size);
    std::vector<int> calls(static_cast<size_t>(size), 0);  // plain ints: run orders the accesses
    for (int n = 0; n < 20; ++n) run(team, [&](int member) { ++calls[static_cast<size_t>(member)]; });
    CHECK(calls == std::vector<int>(static_cast<size_t>(size), 20));
  }
}

TEST_CASE("no member passes a barrier before all have arrived") {
  for (const int size : {1, 2, 3, 4, 7}) {
    Team team(size);
    std::vector<int> phase(static_cast<size_t>(size), 0);
    std::atomic<int> wrong{0};
    run(team, [&](int member) {
      for (int n = 1; n <= 300; ++n) {
        phase[static_cast<size_t>(member)] = n;
        team.barrier();
        for (const int p : phase)
          if (p != n) ++wrong;
        team.barrier();
      }
    });
    CHECK(wrong == 0);
  }
}

TEST_CASE("a member that comes late is waited for, awake or asleep") {
  Team team(3);
  std::array<int, 3> done{};
  for (const int late : {0, 1, 2}) {
    run(team, [&](int member) {
      if (member == late) std::this_thread::sleep_for(std::chrono::milliseconds(2));  // the others are asleep by then
      done[static_cast<size_t>(member)] = 1;
      team.barrier();
      if (done != std::array<int, 3>{1, 1, 1}) done[0] = 100;
      team.barrier();
      done[static_cast<size_t>(member)] = 0;
    });
    CHECK(done == std::array<int, 3>{0, 0, 0});
  }
}

TEST_CASE("a team that slept between two jobs wakes up for the next") {
  Team team(2);
  int calls = 0;
  for (int n = 0; n < 3; ++n) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    run(team, [&](int member) {
      if (member == 1) ++calls;
    });
  }
  CHECK(calls == 3);
}

TEST_CASE("a job may use a team of its own") {
  Team outer(2);
  std::array<std::atomic<int>, 2> sums{};
  run(outer, [&](int member) {
    Team inner(2);
    run(inner, [&](int m) {
      sums[static_cast<size_t>(member)] += m + 1;
      inner.barrier();
    });
    outer.barrier();
    if (sums[0] + sums[1] != 6) sums[0] = 100;
    outer.barrier();
  });
  CHECK(sums[0] == 3);
  CHECK(sums[1] == 3);
}

TEST_CASE("a team that never ran ends") {
  for (const int size : {1, 2, 6}) Team team(size);
}

TEST_CASE("a team has between 1 and 1024 members") {
  CHECK_THROWS_WITH_AS(Team(0), "a team of 0 threads; it can have 1 to 1024", ArgumentError);
  CHECK_THROWS_AS(Team(-3), ArgumentError);
  CHECK_THROWS_AS(Team(1025), ArgumentError);
}

TEST_CASE("this process may use at least one core, and no more than there are") {
  CHECK(available_cores() >= 1);
  CHECK(available_cores() <= static_cast<int>(std::thread::hardware_concurrency()));
}
