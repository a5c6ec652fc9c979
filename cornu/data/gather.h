// Batches of a set of samples: rows picked by a permutation, or the rows where they lie.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "cornu/base/random.h"
#include "cornu/data/batch_stream.h"

namespace cornu {

/// Gathers any batch of any epoch from samples, which must outlive it.
class Gatherer {
 public:
  Gatherer(const Samples& samples, const StreamOptions& options);

  /// Memory for one batch, and the batch that shows it.
  struct Slot {
    std::unique_ptr<std::byte[]> memory;
    Batch batch;
  };
  Slot make_slot() const;
  size_t slot_bytes() const { return slot_bytes_; }
  /// Of an epoch.
  int64_t batches() const { return batches_; }
  /// Where a stream ends that starts with batch `first` of an epoch: after the steps asked for, or with the epoch.
  int64_t end(int64_t first) const { return steps_ ? first + *steps_ : batches_; }

  /// Makes `slot` batch number `n`, counted from the first of `epoch`; it may be one of the epochs after that.
  void fill(Slot& slot, uint64_t epoch, int64_t n);

 private:
  struct Column {
    const std::byte* data;
    size_t row_bytes;
    size_t offset;  // in a slot's memory
  };
  std::vector<Column> columns_;
  int64_t rows_ = 0, batch_size_ = 0, batches_ = 0;
  std::optional<int64_t> steps_;
  size_t slot_bytes_ = 0;
  bool shuffle_ = false;
  uint64_t seed_ = 0, epoch_ = 0;
  Permutation permutation_;
  std::vector<size_t> picks_;  // row numbers of the batch in hand
};

}  // namespace cornu
