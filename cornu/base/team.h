// A team of threads that enters a job together: spins a little between pieces of work, sleeps between jobs.
#pragma once
#include <functional>
#include <memory>

namespace cornu {

/// Threads that run one function side by side, with barriers of a tenth of a microsecond between its parts.
class Team {
 public:
  /// `size` members, the caller being one of them. Never more than the cores that this process may use.
  explicit Team(int size);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int size() const;
  /// Every member calls job(context, member); returns when all have. Not reentrant; an exception in a job ends the program.
  void run(void (*job)(void* context, int member), void* context);
  /// Inside a job: no member passes until all have arrived.
  void barrier();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cornu
