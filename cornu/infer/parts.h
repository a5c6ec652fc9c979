// What a Predictor runs: a Program for each size of parts, and Executions of it for callers that come at the same time. Internal to infer/.
#pragma once
#include <array>
#include <atomic>
#include <mutex>

#include "cornu/infer/frozen.h"
#include "cornu/runtime/program.h"

namespace cornu::infer {

/// Executions of one Program, each lent to one caller at a time.
class Executions {
 public:
  explicit Executions(std::shared_ptr<const Program> program);
  ~Executions();

  /// An Execution that nobody else uses until it is given back.
  class Loan {
   public:
    Loan(Execution& execution, std::atomic<bool>& busy) : execution_(execution), busy_(busy) {}
    ~Loan() { busy_.store(false, std::memory_order_release); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    Execution* operator->() const { return &execution_; }

   private:
    Execution& execution_;
    std::atomic<bool>& busy_;
  };
  Loan borrow();
  const Program& program() const { return *program_; }

 private:
  static constexpr size_t most = 64;
  struct alignas(64) Slot {  // on a line of the cache of its own: callers do not meet
    std::atomic<bool> busy = false;
    std::unique_ptr<Execution> execution;
  };
  Slot& grow();

  std::shared_ptr<const Program> program_;
  std::array<Slot, most> slots_;
  std::atomic<size_t> made_ = 0;  // slots from the first on that have an Execution
  std::mutex growing_;
};

/// Parts of one size: a graph, and a Program once somebody asks for it.
class Part {
 public:
  Part(int64_t samples, NewGraph graph) : samples_(samples), graph_(std::move(graph)) {}
  int64_t samples() const { return samples_; }

  /// Compiled by `compile` when it is asked for for the first time.
  template <class Compile> Executions& executions(std::mutex& compiling, const Compile& compile) {
    if (Executions* there = ready_.load(std::memory_order_acquire)) return *there;
    const std::lock_guard lock(compiling);
    if (!made_) {
      made_ = std::make_unique<Executions>(compile(*graph_));
      graph_.reset();
      ready_.store(made_.get(), std::memory_order_release);
    }
    return *made_;
  }

 private:
  int64_t samples_;
  NewGraph graph_;
  std::unique_ptr<Executions> made_;
  std::atomic<Executions*> ready_ = nullptr;
};

}  // namespace cornu::infer
