#include "cornu/io/limits.h"

#include <unistd.h>

#include <algorithm>

#include "cornu/base/error.h"

namespace cornu {
namespace {

constexpr uint64_t mib = uint64_t{1} << 20;

/// Processor time of this thread: a load that waits for a busy machine is not a slow file.
double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

/// 64 MiB + times x bytes, or as near to it as 64 bits allow.
uint64_t allowance(uint64_t times, uint64_t bytes) {
  return bytes > (uint64_t{1} << 58) ? UINT64_MAX : 64 * mib + times * bytes;
}

}  // namespace

uint64_t half_of_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(page) / 2 : uint64_t{1} << 30;
}

void check_limit(uint64_t value, uint64_t limit, std::string_view what, std::string_view name) {
  require<LimitError>(value <= limit, what, " is ", value, ", above the limit of ", limit,
                      ". If you trust the file, raise LoadLimits::", name, '.');
}

Budget::Budget(const LoadLimits& limits, uint64_t file_bytes)
    : limits_(limits),
      memory_limit_(limits.memory_bytes ? limits.memory_bytes : std::min(half_of_memory(), allowance(4, file_bytes))),
      work_limit_(allowance(16, file_bytes)),
      seconds_limit_(limits.seconds + limits.seconds_per_gib * static_cast<double>(file_bytes) / (1024.0 * static_cast<double>(mib))) {}

void Budget::take_memory(uint64_t bytes, std::string_view what) {
  require<LimitError>(bytes <= memory_limit_ - memory_, what, " needs ", bytes, " bytes; this load has ", memory_limit_ - memory_, " left of ",
                      memory_limit_, ". If you trust the file, raise LoadLimits::memory_bytes.");
  memory_ += bytes;
}

void Budget::take_object(std::string_view what) {
  check_limit(++objects_, limits_.objects, what, "objects");
}

void Budget::take_work(uint64_t bytes) {
  require<LimitError>(bytes <= work_limit_ - work_, "the file's structures overlap: reading it would look at more than ", work_limit_,
                      " bytes, many times its size");
  work_ += bytes;
  if (work_ < next_look_) return;
  next_look_ = work_ + mib;
  check_clock();
}

void Budget::check_clock() const {
  const double used = seconds_ + (started_ < 0 ? 0 : thread_seconds() - started_);
  require<LimitError>(used <= seconds_limit_, "the load has used ", used, " s of processor time, above the limit of ", seconds_limit_,
                      " s. If you trust the file, raise LoadLimits::seconds.");
}

Budget::Timed::Timed(Budget& budget) : budget_(budget) {
  budget_.started_ = thread_seconds();
}
Budget::Timed::~Timed() {
  budget_.seconds_ += thread_seconds() - budget_.started_;
  budget_.started_ = -1;
}

}  // namespace cornu
