// How many allocations the program has made so far: counted by the one file that includes tests/count_allocations.h.
#pragma once
#include <atomic>
#include <cstdint>

namespace cornu::testing {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool allocations_are_counted = false;
#else
inline constexpr bool allocations_are_counted = true;
#endif
inline std::atomic<int64_t> allocations = 0;
}  // namespace cornu::testing
