// Shuffled batches gathered ahead of their use, by a thread that helps and that nobody has to wait for.
#pragma once
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "cornu/base/signal_flag.h"
#include "cornu/data/gather.h"

namespace cornu {

/// A ring of slots that a thread keeps full. A consumer that finds its batch missing (the thread shares its core with another
/// program, or does not keep up) gathers it itself, and the thread goes on behind that batch. Any batch can be gathered by
/// either, with the same result, so neither takes a lock and the consumer never waits. Where the operating system runs both on one
/// core, the thread leaves the work to the consumer: it would only hold it up and fill its caches with batches.
class GatherRing {
 public:
  /// `samples` must outlive it.
  GatherRing(const Samples& samples, const StreamOptions& options);
  ~GatherRing();

  void start(uint64_t epoch, int64_t first);
  /// Valid until the next call; null at the end.
  const Batch* next();

 private:
  using Slot = Gatherer::Slot;
  // Batches are numbered through all starts, with a gap between two of them that is longer than what the thread may have made.
  struct Plan {
    uint32_t order = 0;            // its number among the plans
    uint64_t epoch = 0;
    int64_t first = 0;             // batch of the epoch
    uint64_t begin = 0, end = 0;  // numbers
    void fill(Gatherer& gatherer, Slot& slot, uint64_t number) const { gatherer.fill(slot, epoch, first + static_cast<int64_t>(number - begin)); }
  };
  static constexpr uint64_t most_slots = 64;

  Slot& slot_of(uint64_t number) { return slots_[number % slots_.size()]; }
  void free_up_to(uint64_t number);
  void work(bool spin);
  void fulfil(const Plan& plan);
  bool shares_a_core() const;

  std::vector<Slot> slots_;
  SignalFlag orders_;  // the order of the newest plan
  SignalFlag free_;    // what is before this number is not needed any more
  alignas(128) std::atomic<uint64_t> filled_{0};  // slots hold what is before this number and not freed
  alignas(128) std::atomic<int> core_{-1};  // that the consumer was last seen on
  std::mutex mutex_;
  Plan new_plan_;  // guarded by the mutex
  bool stop_ = false;

  // The consumer's.
  alignas(128) Gatherer gatherer_;
  Plan plan_;
  Slot own_;  // for a batch that was missing
  uint32_t order_count_ = 0;
  uint64_t number_ = 0, freed_ = 0, seen_ = 0;
  // The thread's.
  alignas(128) Gatherer threads_gatherer_;
  std::thread thread_;
};

}  // namespace cornu
