// How one thread tells another that something has happened for the n-th time.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace cornu {

/// Tells the processor that this is a waiting loop.
inline void spin_pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Waits for reached() for at most 50 us without giving the core away; whether it came.
template <class Reached>
bool spin_until(const Reached& reached) {
  using clock = std::chrono::steady_clock;
  for (int i = 0; i < 64; ++i) {  // without a look at the clock: nearly every wait of a team ends here
    spin_pause();
    if (reached()) return true;
  }
  for (const auto until = clock::now() + std::chrono::microseconds(50); clock::now() < until;)
    for (int i = 0; i < 32; ++i) {
      spin_pause();
      if (reached()) return true;
    }
  return false;
}

/// A counter, alone on its cache lines, that one thread raises and one thread waits for. Counts are told apart modulo 2^31.
/// What the signaller wrote before `signal` is seen after `wait`.
class alignas(128) SignalFlag {
 public:
  SignalFlag() = default;

  /// The counter becomes `count`.
  void signal(uint32_t count) {
    if (value_.exchange(count << 1, std::memory_order_acq_rel) & asleep) value_.notify_one();
  }

  /// The counter as it is now, modulo 2^31.
  uint32_t count() const { return value_.load(std::memory_order_acquire) >> 1; }
  bool reached(uint32_t count) const { return reached(value_.load(std::memory_order_acquire), count); }

  /// Returns once the counter has reached `count`; spins for at most 50 us first, if `spin`, then sleeps.
  void wait(uint32_t count, bool spin) {
    if (reached(count) || (spin && spin_until([&] { return reached(count); }))) return;
    sleep(count);
  }

  /// As wait, for one whom the signaller must not be held up by: to wake a sleeper costs up to 20 us, so at first, for about
  /// 3 ms, this one takes naps and looks by itself.
  void wait_napping(uint32_t count) {
    for (auto nap = std::chrono::microseconds(50); !reached(count); nap += nap / 2) {
      if (nap > std::chrono::microseconds(1000)) return sleep(count);
      std::this_thread::sleep_for(nap);
    }
  }

 private:
  void sleep(uint32_t count) {
    for (uint32_t value = value_.load(std::memory_order_acquire); !reached(value, count);
         value = value_.load(std::memory_order_acquire))
      if (value & asleep || value_.compare_exchange_strong(value, value | asleep, std::memory_order_acq_rel))
        value_.wait(value | asleep, std::memory_order_acquire);
  }

  static constexpr uint32_t asleep = 1;  // the lowest bit: the reader needs to be woken
  static bool reached(uint32_t value, uint32_t count) { return static_cast<int32_t>(value - (count << 1)) >= 0; }

  std::atomic<uint32_t> value_{0};
};

}  // namespace cornu
