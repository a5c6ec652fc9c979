#include "cornu/infer/parts.h"

#include <thread>

namespace cornu::infer {
namespace {

/// Differs from thread to thread, most of the time: where each looks first.
size_t place_of_this_thread() {
  static thread_local const char here = 0;
  return (reinterpret_cast<uintptr_t>(&here) >> 12) * 0x9e3779b97f4a7c15u >> 40;
}

}  // namespace

Executions::Executions(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
Executions::~Executions() = default;

Executions::Loan Executions::borrow() {
  const size_t made = made_.load(std::memory_order_acquire);
  const size_t first = made > 1 ? place_of_this_thread() % made : 0;
  for (size_t i = 0; i < made; ++i) {
    Slot& slot = slots_[first + i < made ? first + i : first + i - made];
    if (!slot.busy.load(std::memory_order_relaxed) && !slot.busy.exchange(true, std::memory_order_acquire)) return {*slot.execution, slot.busy};
  }
  Slot& slot = grow();
  return {*slot.execution, slot.busy};
}

Executions::Slot& Executions::grow() {
  const std::lock_guard lock(growing_);
  const size_t made = made_.load(std::memory_order_relaxed);
  if (made < most) {
    Slot& slot = slots_[made];
    slot.execution = std::make_unique<Execution>(made == 0 ? Execution(program_) : slots_[0].execution->another());
    slot.busy.store(true, std::memory_order_relaxed);
    made_.store(made + 1, std::memory_order_release);
    return slot;
  }
  for (;; std::this_thread::yield())
    for (Slot& slot : slots_)
      if (!slot.busy.exchange(true, std::memory_order_acquire)) return slot;
}

}  // namespace cornu::infer
