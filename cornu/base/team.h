// A team of threads that does the slices of a program's stages: spins a little between stages, sleeps between programs.
#pragma once
#include <memory>
#include <span>

namespace cornu {

/// The cores that this process may use: its affinity mask, and the processor quota of its cgroup (v2 or v1) rounded down,
/// because a team wider than its quota is stopped by the kernel in the middle of its work. At least one.
int available_cores();

/// Threads that share out the slices of one stage after the other; from one stage to the next takes a tenth of a microsecond.
///
/// Each member begins with a share of a stage's slices of its own and then takes what others have not begun: nobody waits for a
/// member that the operating system keeps from running, unless it was stopped in the middle of a slice. A member with nothing to
/// do spins for at most 50 us, then sleeps. A team larger than available_cores() works too, but never spins.
/// A child made by fork() has none of the threads: it must neither use nor destroy a Team of its parent; it makes its own.
class Team {
 public:
  /// `size` members, the caller of `run` being member 0. Throws ArgumentError unless 1 <= size <= 1024.
  explicit Team(int size);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int size() const;
  /// Does one slice of a stage. A member does one at a time.
  using Work = void (*)(void* context, int stage, int slice, int member);
  /// Calls work once for each slice < slices[stage] of each stage, in any order and side by side within a stage; what one stage
  /// wrote is seen by the next, and by the caller. A stage has at least one slice and at most a million. One run at a time; an exception in work ends
  /// the program.
  void run(std::span<const int> slices, Work work, void* context);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cornu
