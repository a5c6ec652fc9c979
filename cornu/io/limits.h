// What a file may ask for. All limits of all formats stand here; all can be raised by the caller, none by a file.
#pragma once
#include <cstdint>
#include <ctime>
#include <string_view>

namespace cornu {

struct LoadLimits {
  uint64_t file_bytes = 0;     ///< largest file read whole; 0: half of the machine's memory
  uint64_t memory_bytes = 0;   ///< all that one load may allocate; 0: the less of half the memory and 64 MiB + 4 x the file
  uint64_t compression_ratio = 100;  ///< of a member or dataset above 1 MiB
  uint64_t objects = 1'000'000;      ///< HDF5 objects, attributes and chunks, each
  uint64_t zip_members = 100'000;
  uint64_t rank = 32;
  uint64_t dimension = uint64_t{1} << 40;
  uint64_t elements = uint64_t{1} << 48;
  uint64_t name_bytes = 4096;
  uint64_t json_depth = 128;
  uint64_t json_tokens = 10'000'000;
  uint64_t json_string_bytes = uint64_t{16} << 20;
  uint64_t json_bytes = 100'000'000;
  uint64_t hdf5_depth = 32;
  uint64_t hdf5_attribute_bytes = uint64_t{64} << 20;
  uint64_t hdf5_chunk_bytes = uint64_t{256} << 20;
  double seconds = 1;          ///< of processor time for one load, ...
  double seconds_per_gib = 10; ///< ... plus this much for each GiB of the file
};

/// What one load has used of its limits. Parsers ask before they allocate or walk; LimitError when it is too much.
class Budget {
 public:
  Budget(const LoadLimits& limits, uint64_t file_bytes);
  const LoadLimits& limits() const { return limits_; }

  /// Memory about to be allocated.
  void take_memory(uint64_t bytes, std::string_view what);
  /// One of the things counted by LoadLimits::objects.
  void take_object(std::string_view what);
  /// Bytes about to be looked at. Overlapping structures make a reader see the same bytes again and again: the sum is
  /// held to 64 MiB + 16 x the file, and every MiB the clock is read.
  void take_work(uint64_t bytes);

  /// While one of these lives the clock runs: a model built between two reads does not count.
  class Timed {
   public:
    explicit Timed(Budget& budget);
    ~Timed();
    Timed(const Timed&) = delete;
    Timed& operator=(const Timed&) = delete;

   private:
    Budget& budget_;
  };

 private:
  void check_clock() const;

  LoadLimits limits_;
  uint64_t memory_ = 0, memory_limit_, objects_ = 0, work_ = 0, work_limit_, next_look_ = 0;
  double seconds_ = 0, seconds_limit_, started_ = -1;
};

/// Throws LimitError: "`what` is `value`, above the limit of `limit` (LoadLimits::`name`)" when value > limit.
void check_limit(uint64_t value, uint64_t limit, std::string_view what, std::string_view name);

/// Half of the machine's memory, in bytes.
uint64_t half_of_memory();

}  // namespace cornu
