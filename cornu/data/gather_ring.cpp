#include "cornu/data/gather_ring.h"

#include <algorithm>
#include <chrono>

#if defined(__linux__)
#include <sched.h>
#endif

#include "cornu/base/team.h"

namespace cornu {
namespace {

// Small enough for the cache that the two threads share.
size_t slots_for(const Gatherer& gatherer, size_t most) { return std::clamp<size_t>((size_t{2} << 20) / gatherer.slot_bytes(), 2, most); }

/// How far a counter of SignalFlag's is ahead of a number.
int64_t ahead(uint32_t count, uint64_t number) { return static_cast<int32_t>((count - static_cast<uint32_t>(number)) << 1) / 2; }
uint32_t flag_of(uint64_t number) { return static_cast<uint32_t>(number) & 0x7fffffff; }

/// The core that this thread is on; -1 where nobody says.
int this_core() {
#if defined(__linux__)
  return sched_getcpu();
#else
  return -1;
#endif
}

}  // namespace

GatherRing::GatherRing(const Samples& samples, const StreamOptions& options)
    : gatherer_(samples, options), own_(gatherer_.make_slot()), threads_gatherer_(samples, options) {
  slots_.resize(slots_for(gatherer_, most_slots));
  for (Slot& s : slots_) s = gatherer_.make_slot();
  thread_ = std::thread([this, spin = available_cores() > 1] { work(spin); });
}

GatherRing::~GatherRing() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  orders_.signal(++order_count_);
  free_up_to(number_ + 2 * most_slots);
  thread_.join();
}

void GatherRing::start(uint64_t epoch, int64_t first) {
  number_ += most_slots + 1;
  plan_ = {++order_count_, epoch, first, number_, number_ + static_cast<uint64_t>(gatherer_.end(first) - first)};
  {
    const std::lock_guard lock(mutex_);
    new_plan_ = plan_;
  }
  orders_.signal(order_count_);  // before slots are freed: the thread must not fill them by the old plan
  free_up_to(number_);
}

const Batch* GatherRing::next() {
  if (number_ == plan_.end) return nullptr;
  const uint64_t number = number_++;
  if (seen_ <= number) seen_ = filled_.load(std::memory_order_acquire);
  if (seen_ > number) {
    if (number - freed_ >= slots_.size() / 4) free_up_to(number);  // some at a time: mostly no shared line is written
    return &slot_of(number).batch;
  }
  free_up_to(number + 1);
  plan_.fill(gatherer_, own_, number);
  return &own_.batch;
}

void GatherRing::free_up_to(uint64_t number) {
  freed_ = number;
  if (const int core = this_core(); core_.load(std::memory_order_relaxed) != core) core_.store(core, std::memory_order_relaxed);
  free_.signal(flag_of(number));
}

void GatherRing::work(bool spin) {
  for (Plan plan;;) {
    orders_.wait(plan.order + 1, spin);
    {
      const std::lock_guard lock(mutex_);
      if (stop_) return;
      plan = new_plan_;
    }
    fulfil(plan);
  }
}

bool GatherRing::shares_a_core() const {
  const int core = this_core();
  return core >= 0 && core == core_.load(std::memory_order_relaxed);
}

void GatherRing::fulfil(const Plan& plan) {
  using std::chrono::milliseconds;
  for (uint64_t number = plan.begin; number < plan.end; ++number) {
    free_.wait_napping(flag_of(number + 1 - slots_.size()));
    for (milliseconds pause(1); shares_a_core() && !orders_.reached(plan.order + 1); pause = std::min(2 * pause, milliseconds(16))) std::this_thread::sleep_for(pause);
    const int64_t behind = ahead(free_.count(), number);
    if (orders_.reached(plan.order + 1)) return;
    if (behind > 0) number += static_cast<uint64_t>(behind);  // the consumer has gone ahead by itself
    if (number >= plan.end) return;
    plan.fill(threads_gatherer_, slot_of(number), number);
    filled_.store(number + 1, std::memory_order_release);
  }
}

}  // namespace cornu
