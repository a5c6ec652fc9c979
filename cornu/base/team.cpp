#include "cornu/base/team.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "cornu/base/error.h"
#include "cornu/base/signal_flag.h"

namespace cornu {

// Stages are numbered through all runs. A slice is taken by a compare-and-swap on its owner's share, which holds the number of the
// stage: whoever succeeds knows that the stage is not over, and so may read the run's description; whoever comes late, however late,
// fails and has touched nothing but the team's own words.
//
// What a stage costs beside its slices: a swap on each member's own line for each slice, and once for each member an addition to
// the counter of its group of eight; the last member of a group tells the team, the last group opens the next stage. So two members
// meet in the time of two lines' journeys, and 64 in that of eight additions, eight more, and 64 readers of one line.
struct Team::State {
  static constexpr size_t group_size = 8;
  struct alignas(128) Share {  // two lines: some processors fetch them in pairs
    std::atomic<uint64_t> taken{0};  // the stage's number, the next slice
  };
  struct alignas(128) Group {
    std::atomic<uint32_t> done{0};  // slices of this stage out of the shares of its members
  };
  /// Where members sleep.
  struct alignas(128) Bed {
    std::atomic<uint32_t> sleepers{0}, bell{0};
    void wake() {
      if (sleepers.load() == 0) return;
      bell.fetch_add(1);
      bell.notify_all();
    }
  };
  struct Stage {
    uint64_t number;
    uint32_t slices;  // none: between two runs
  };
  static constexpr int slice_bits = 20;  // of a word; the others number stages for years

  explicit State(int size) : shares(static_cast<size_t>(size)), groups((shares.size() + group_size - 1) / group_size), spin(size <= available_cores()) {}

  static uint64_t word(uint64_t number, uint32_t low) { return number << slice_bits | low; }
  static Stage stage_of(uint64_t word) { return {word >> slice_bits, static_cast<uint32_t>(word & ((1u << slice_bits) - 1))}; }
  /// The first slice of a member's share; member == size gives the end of the last. A stage's only slice is member 0's.
  uint32_t first_slice(size_t member, uint32_t slices) const { return static_cast<uint32_t>((uint64_t{slices} * member + shares.size() - 1) / shares.size()); }

  /// Takes a slice of `owner`'s share. False if none is left.
  bool take(size_t owner, Stage stage, uint32_t& slice) {
    const uint32_t begin = first_slice(owner, stage.slices), end = first_slice(owner + 1, stage.slices);
    if (begin == end) return false;
    std::atomic<uint64_t>& taken = shares[owner].taken;
    uint64_t was = taken.load(std::memory_order_relaxed);
    do {
      const auto [number, next] = stage_of(was);
      if (number > stage.number) return false;  // the stage is long over
      slice = number == stage.number ? next : begin;
      if (slice == end) return false;
    } while (!taken.compare_exchange_weak(was, word(stage.number, slice + 1), std::memory_order_relaxed));
    return true;
  }

  /// Slices of the stage, one's own first, as long as there are any.
  void take_part(size_t member, Stage stage) noexcept {
    for (size_t k = 0; k < shares.size(); ++k) {
      const size_t owner = member + k < shares.size() ? member + k : member + k - shares.size();
      uint32_t slice = 0, count = 0;
      for (; take(owner, stage, slice); ++count) work(context, static_cast<int>(stage.number - first), static_cast<int>(slice), static_cast<int>(member));
      if (count && finish(owner / group_size, stage, count)) return open(stage.number + 1);
    }
  }

  /// `count` slices out of a group's shares are done. True if they were the stage's last.
  bool finish(size_t group, Stage stage, uint32_t count) {
    const auto slices_of = [&](size_t g) { return first_slice(std::min((g + 1) * group_size, shares.size()), stage.slices) - first_slice(g * group_size, stage.slices); };
    if (groups[group].done.fetch_add(count, std::memory_order_acq_rel) + count != slices_of(group)) return false;
    groups[group].done.store(0, std::memory_order_relaxed);  // nobody can add before the next stage is open
    if (groups.size() == 1) return true;
    uint32_t busy = 0;
    for (size_t g = 0; g < groups.size(); ++g) busy += slices_of(g) > 0;
    if (groups_done.done.fetch_add(1, std::memory_order_acq_rel) + 1 != busy) return false;
    groups_done.done.store(0, std::memory_order_relaxed);
    return true;
  }

  /// Opens a stage of the run, or ends the run. A stage of one slice is for whoever opens it: nobody is woken for that.
  void open(uint64_t number) {
    const uint64_t stage = number - first;
    const uint32_t count = stage < stages.size() ? static_cast<uint32_t>(stages[stage]) : 0;
    current.store(word(number, count));
    if (count != 1) caller.wake();
    if (count > 1) helpers.wake();
  }

  /// The stage after `seen`, which may be several further on.
  uint64_t wait_past(uint64_t seen, Bed& bed) {
    const auto passed = [&] { return current.load(std::memory_order_acquire) != seen; };
    if (!passed() && !(spin && spin_until(passed))) {
      // Either the opener's look at `sleepers` comes after this addition, or this look at `current` after its stage.
      bed.sleepers.fetch_add(1);
      for (uint32_t rung = bed.bell.load(); current.load() == seen; rung = bed.bell.load()) bed.bell.wait(rung);
      bed.sleepers.fetch_sub(1);
    }
    return current.load(std::memory_order_acquire);
  }

  void help(size_t member) {
    for (uint64_t seen = 0;; seen = wait_past(seen, helpers)) {
      const Stage stage = stage_of(seen);
      if (stage.slices) take_part(member, stage);
      else if (stopping.load(std::memory_order_acquire)) return;
    }
  }

  void run(std::span<const int> slices, Work how, void* with) {
    if (slices.empty()) return;
    uint64_t seen = current.load(std::memory_order_relaxed);
    first = stage_of(seen).number + 1;
    stages = slices, work = how, context = with;
    open(first);
    const uint64_t end = first + slices.size();
    for (seen = current.load(std::memory_order_acquire); stage_of(seen).number != end; seen = wait_past(seen, caller)) take_part(0, stage_of(seen));
  }

  void start() {
    for (size_t m = 1; m < shares.size(); ++m) threads.emplace_back([this, m] { help(m); });
  }
  void stop() {
    stopping = true;
    current.store(word(stage_of(current.load()).number + 1, 0));
    helpers.wake();
    for (std::thread& t : threads) t.join();
  }

  std::vector<Share> shares;
  std::vector<Group> groups;
  Group groups_done;  // of these
  alignas(128) std::atomic<uint64_t> current{0};
  Bed caller, helpers;
  std::atomic<bool> stopping{false};
  const bool spin;

  // Of the run: written when no slice can be taken.
  std::span<const int> stages = {};
  Work work = nullptr;
  void* context = nullptr;
  uint64_t first = 0;  // number of its stage 0
  std::vector<std::thread> threads;
};

Team::Team(int size) {
  require(1 <= size && size <= 1024, "a team of ", size, " threads; it can have 1 to 1024");
  state_ = std::make_unique<State>(size);
  state_->start();
}

Team::~Team() { state_->stop(); }

int Team::size() const { return static_cast<int>(state_->shares.size()); }

void Team::run(std::span<const int> slices, Work work, void* context) { state_->run(slices, work, context); }

}  // namespace cornu
