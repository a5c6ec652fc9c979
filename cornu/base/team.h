// A team of threads that enters a job together: spins a little between pieces of work, sleeps between jobs.
#pragma once
#include <memory>

namespace cornu {

/// The cores that this process may use: its affinity mask, and the processor quota of its cgroup (v2 or v1) rounded down,
/// because a team wider than its quota is stopped by the kernel in the middle of its barriers. At least one.
int available_cores();

/// Threads that run one function side by side, with barriers of a tenth of a microsecond between its parts.
///
/// A member that waits spins for at most 50 us, then sleeps. A team larger than available_cores() works too, but never spins.
/// A child made by fork() has none of the threads: it must neither use nor destroy a Team of its parent; it makes its own.
class Team {
 public:
  /// `size` members, the caller of `run` being one of them. Throws ArgumentError unless 1 <= size <= 1024.
  explicit Team(int size);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int size() const;
  /// Every member calls job(context, member); returns when all have. What the caller wrote before is seen by the members, and
  /// what they wrote is seen by the caller. One run at a time, not from inside a job; an exception in a job ends the program.
  void run(void (*job)(void* context, int member), void* context);
  /// Inside a job: no member passes until all have arrived.
  void barrier();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cornu
