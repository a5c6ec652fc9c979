// The pipeline between a Source and a training step: batches made ready by another thread while the step runs.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "cornu/data/source.h"

namespace cornu {

/// The next samples to learn from. Its memory stays valid until the stream is asked for the next batch or started again.
struct Batch {
  /// The rows of x, then of y, then of sample_weight, in the order of Samples.
  std::vector<const void*> columns = {};
  int64_t rows = 0;
  int64_t first_row = 0;  ///< how many samples of this epoch came before
  int64_t index = 0;      ///< of the batch within its epoch
  /// A generator's batch, whose columns these are; null for a source of tensors.
  const Samples* samples = nullptr;
};

struct StreamOptions {
  int64_t batch_size = 32;  ///< a generator decides by itself
  bool shuffle = false;     ///< a generator shuffles by itself
  uint64_t seed = 0;        ///< of the shuffle
  /// Batches from one start, going on into the next epochs of the source when one is not enough. Default: to the epoch's end.
  std::optional<int64_t> steps = {};
  /// Prepare batches on another thread; false: when they are asked for. Default: if this process may use several cores.
  std::optional<bool> background = {};
};

/// Batches of a source, epoch after epoch. Samples are shuffled by a keyed permutation of (seed, epoch), so any batch of any
/// epoch can be had without those before it. Unshuffled batches of tensors are pointers into them; others are gathered into a
/// ring of buffers of about 2 MiB in all (two batches at least) that the background thread keeps full. A step costs no heap
/// allocation.
class BatchStream {
 public:
  explicit BatchStream(Source source, StreamOptions options = {});
  /// Stops the background thread; a generator at work is waited for.
  ~BatchStream();
  BatchStream(const BatchStream&) = delete;
  BatchStream& operator=(const BatchStream&) = delete;

  const Source& source() const;
  /// Whether batches are prepared on another thread.
  bool in_background() const;

  /// Goes to batch `first` of `epoch`. What was under way is dropped. A generator cannot skip: `first` must be 0, and each start
  /// begins where the last one ended.
  void start(uint64_t epoch, int64_t first = 0);
  /// The next batch; null at the end. Whatever a generator throws is thrown here, in the order of its batches, and ends the
  /// epoch. Throws ArgumentError for a generator's batch whose tensors do not fit together.
  const Batch* next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cornu
