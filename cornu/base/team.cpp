#include "cornu/base/team.h"

#include <bit>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include "cornu/base/error.h"
#include "cornu/base/signal_flag.h"

namespace cornu {
namespace {
thread_local int this_member = 0;  // of the job that this thread is in
}

// The barrier is Hensgen, Finkel and Manber's dissemination barrier ("Two algorithms for barrier synchronization", 1988):
// in round r each member signals the one 2^r places on and waits for the one 2^r places back, so each flag has one writer
// and one reader, and two threads meet in the time of one cache line's journey.
struct Team::State {
  struct alignas(128) Member {  // two lines: some processors fetch them in pairs
    SignalFlag go;
    uint32_t runs = 0, barriers = 0;  // the member's own counts
    std::vector<SignalFlag> rounds;
  };

  explicit State(int size) : members(static_cast<size_t>(size)), spin(size <= available_cores()) {
    const auto rounds = static_cast<size_t>(std::bit_width(static_cast<unsigned>(size - 1)));
    for (Member& m : members) m.rounds = std::vector<SignalFlag>(rounds);
  }

  void start() {
    for (size_t m = 1; m < members.size(); ++m) threads.emplace_back([this, m] { work(static_cast<int>(m)); });
  }
  void stop() {
    job = nullptr;
    go_on(0);
    for (std::thread& t : threads) t.join();
  }

  /// Wakes the members below `member` in the binary tree of all members.
  void go_on(int member) {
    const uint32_t run = ++members[static_cast<size_t>(member)].runs;
    for (size_t child = 2 * static_cast<size_t>(member) + 1, last = child + 2; child < last && child < members.size(); ++child)
      members[child].go.signal(run);
  }

  void work(int member) {
    this_member = member;
    Member& me = members[static_cast<size_t>(member)];
    for (;;) {
      me.go.wait(me.runs + 1, spin);
      go_on(member);
      if (!job) return;
      call(member);
    }
  }

  void call(int member) noexcept {
    job(context, member);
    barrier(member);
  }

  void barrier(int member) {
    Member& me = members[static_cast<size_t>(member)];
    const uint32_t count = ++me.barriers;
    size_t distance = 1;
    for (size_t r = 0; r < me.rounds.size(); ++r, distance *= 2) {
      members[(static_cast<size_t>(member) + distance) % members.size()].rounds[r].signal(count);
      me.rounds[r].wait(count, spin);
    }
  }

  std::vector<Member> members;
  bool spin;
  void (*job)(void*, int) = nullptr;  // written while every other member waits for `go`
  void* context = nullptr;
  std::vector<std::thread> threads;
};

Team::Team(int size) {
  require(1 <= size && size <= 1024, "a team of ", size, " threads; it can have 1 to 1024");
  state_ = std::make_unique<State>(size);
  state_->start();
}

Team::~Team() { state_->stop(); }

int Team::size() const { return static_cast<int>(state_->members.size()); }

void Team::run(void (*job)(void* context, int member), void* context) {
  State& s = *state_;
  const int outer = std::exchange(this_member, 0);  // the caller may itself be in a job of another team
  s.job = job;
  s.context = context;
  s.go_on(0);
  s.call(0);
  this_member = outer;
}

void Team::barrier() { state_->barrier(this_member); }

}  // namespace cornu
