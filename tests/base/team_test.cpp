#include "cornu/base/team.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "cornu/base/error.h"

using namespace cornu;

namespace {
template <class F>
void run(Team& team, const std::vector<int>& slices, F work) {
  team.run(slices, [](void* context, int stage, int slice, int member) { (*static_cast<F*>(context))(stage, slice, member); }, &work);
}
void nap(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }
}  // namespace

TEST_CASE("each slice of each stage is done once, by members of the team") {
  const std::vector<int> slices = {1, 2, 3, 7, 64, 1, 1, 100, 5};
  for (const int size : {1, 2, 3, 5, 8, 9, 17}) {
    Team team(size);
    CHECK(team.size() == size);
    std::vector<std::vector<int>> calls;  // plain ints: run orders the accesses
    for (const int n : slices) calls.emplace_back(static_cast<size_t>(n), 0);
    std::atomic<int> strangers{0};
    for (int n = 0; n < 20; ++n)
      run(team, slices, [&](int stage, int slice, int member) {
        ++calls[static_cast<size_t>(stage)][static_cast<size_t>(slice)];
        if (member < 0 || member >= size) ++strangers;
      });
    for (const auto& stage : calls) CHECK(stage == std::vector<int>(stage.size(), 20));
    CHECK(strangers == 0);
  }
}

TEST_CASE("a stage begins when the one before is done, and sees what it wrote") {
  for (const int size : {1, 2, 3, 4, 7, 12}) {
    Team team(size);
    constexpr int stages = 300, width = 13;
    std::vector<int> slices(stages, width), numbers(width, 0);
    slices[17] = slices[18] = slices[200] = 1;
    std::atomic<int> wrong{0};
    std::vector<int> before;
    run(team, slices, [&](int stage, int slice, int) {
      if (slices[static_cast<size_t>(stage)] == 1) {  // alone
        before = numbers;
        numbers.assign(width, stage + 1);
      } else if (numbers[static_cast<size_t>(slice)]++ != stage) {
        ++wrong;
      }
    });
    CHECK(wrong == 0);
    CHECK(before == std::vector<int>(width, 200));
    CHECK(numbers == std::vector<int>(width, stages));
  }
}

TEST_CASE("a member does one slice at a time") {
  Team team(3);
  std::array<int, 3> busy{};
  std::atomic<int> wrong{0};
  run(team, std::vector<int>(50, 20), [&](int, int, int member) {
    int& mine = busy[static_cast<size_t>(member)];
    if (mine++ != 0) ++wrong;
    --mine;
  });
  CHECK(wrong == 0);
}

TEST_CASE("who has done its share takes what a member that is held up has not begun") {
  for (const int size : {2, 3, 10}) {
    Team team(size);
    std::atomic<int> others{0};
    run(team, {64}, [&](int, int slice, int) {
      if (slice > 0) return void(++others);
      for (int n = 0; others < 63 && n < 5000; ++n) nap(1);  // held up in the middle of a slice
      CHECK(others == 63);
    });
  }
}

TEST_CASE("who waits for a long slice is there for the next stage, awake or asleep") {
  for (const int size : {2, 3}) {
    Team team(size);
    std::vector<int> done(6, 0);
    run(team, {6, 1, 6, 1, 6}, [&](int stage, int slice, int) {
      if (stage % 2 == 1 || slice == stage) nap(2);  // the others are asleep by then
      if (stage % 2 == 0) done[static_cast<size_t>(slice)] += 1;
      else if (done != std::vector<int>(6, (stage + 1) / 2)) done[0] = 100;
    });
    CHECK(done == std::vector<int>(6, 3));
  }
}

TEST_CASE("a team that slept between two runs wakes up for the next") {
  Team team(2);
  std::atomic<int> together{0};
  for (int n = 0; n < 3; ++n) {
    nap(2);
    std::atomic<int> here{0};
    run(team, {2}, [&](int, int, int) {
      ++here;
      while (here < 2) std::this_thread::yield();  // ends only if both slices run side by side
      ++together;
    });
  }
  CHECK(together == 6);
}

TEST_CASE("runs follow each other, whatever the shape of the last") {
  Team team(3);
  int64_t sum = 0, expected = 0;
  for (int n = 0; n < 2000; ++n) {
    std::vector<int> slices(static_cast<size_t>(n % 5), 1 + n % 4);
    std::atomic<int> here{0};
    run(team, slices, [&](int, int slice, int) { here += slice + 1; });
    sum += here;
    expected += (n % 5) * (1 + n % 4) * (2 + n % 4) / 2;
  }
  CHECK(sum == expected);
}

TEST_CASE("work may use a team of its own") {
  Team outer(2);
  std::array<std::atomic<int>, 2> sums{};
  run(outer, {2}, [&](int, int slice, int) {
    Team inner(2);
    run(inner, {2, 2}, [&](int, int s, int) { sums[static_cast<size_t>(slice)] += s + 1; });
  });
  CHECK(sums[0] == 6);
  CHECK(sums[1] == 6);
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
