#include "cornu/data/batch_stream.h"

#include <atomic>
#include <exception>
#include <limits>
#include <thread>
#include <vector>

#include "cornu/base/error.h"
#include "cornu/base/signal_flag.h"
#include "cornu/base/team.h"
#include "cornu/data/gather_ring.h"

namespace cornu {
namespace {

struct Slot {
  Batch batch;
  Samples samples = {};                // kept while the batch is in use
  bool end = false;                    // no batch: the epoch is over
  std::exception_ptr error = nullptr;  // why it is over
};

/// Pulls a generator's batches, in order. Used by one thread at a time.
class Puller {
 public:
  Puller(const Source& source, const StreamOptions& options) : source_(source), options_(options) {}

  void start() {
    next_ = 0;
    end_ = (options_.steps ? options_.steps : source_.steps(1)).value_or(std::numeric_limits<int64_t>::max());
  }

  /// False at the end.
  bool fill(Slot& slot) {
    if (next_ < end_) return pull(slot, next_++);
    stopped_early_ = true;
    return false;
  }

 private:
  bool pull(Slot& slot, int64_t n) {
    std::optional<Samples> samples = source_.generator()();
    // An epoch that was stopped at a known number of batches has left the generator's own end unread.
    if (!samples && n == 0 && stopped_early_) samples = source_.generator()();
    stopped_early_ = false;
    if (!samples) return false;
    slot.samples = std::move(*samples);
    Batch& b = slot.batch;
    try {
      b.rows = slot.samples.rows();
      require(b.rows > 0, "it has no samples");
    } catch (const ArgumentError& e) {
      throw ArgumentError(text("batch ", n, " of the generator: ", e.what()));
    }
    b.index = n;
    b.first_row = n == 0 ? 0 : rows_so_far_;
    rows_so_far_ = b.first_row + b.rows;
    b.samples = &slot.samples;
    b.columns.clear();
    for (const Tensor& t : slot.samples.x) b.columns.push_back(t.data());
    for (const Tensor& t : slot.samples.y) b.columns.push_back(t.data());
    for (const Tensor& t : slot.samples.sample_weight) b.columns.push_back(t.data());
    return true;
  }

  const Source& source_;
  const StreamOptions& options_;
  int64_t next_ = 0, end_ = 0;
  int64_t rows_so_far_ = 0;     // of the epoch
  bool stopped_early_ = false;  // in the last epoch
};

/// A thread that keeps a ring of slots full of a generator's batches. Producer and consumer each look at the other's counter only when they have run out
/// of slots, and the consumer gives slots back a quarter of the ring at a time: a step costs neither a lock nor, mostly, a shared
/// line.
class Ring {
 public:
  Ring(Puller& puller, bool spin) : puller_(puller), spin_(spin), slots_(4) {
    thread_ = std::thread([this] { work(); });
  }
  ~Ring() {
    drop();
    stop_ = true;
    orders_.signal(++order_count_);
    thread_.join();
  }

  void start() {
    drop();
    puller_.start();  // the thread waits for orders: the puller is ours
    running_ = true;
    orders_.signal(++order_count_);
  }

  const Batch* next() {
    if (!running_) return nullptr;
    if (given_back_ != taken_count_) give_back(static_cast<uint32_t>(slots_.size() / 4));
    if (seen_ == taken_count_) {
      filled_.wait(taken_count_ + 1, spin_);
      seen_ = filled_.count();
    }
    Slot& slot = slots_[take_];
    take_ = take_ + 1 == slots_.size() ? 0 : take_ + 1;
    taken_count_ = (taken_count_ + 1) & count_mask;
    if (!slot.end) return &slot.batch;
    running_ = false;
    give_back(1);
    if (slot.error) std::rethrow_exception(std::exchange(slot.error, nullptr));
    return nullptr;
  }

 private:
  static constexpr uint32_t count_mask = 0x7fffffff;  // as SignalFlag counts

  /// All slots taken so far, if they are at least `least`.
  void give_back(uint32_t least) {
    if (((taken_count_ - given_back_) & count_mask) < least) return;
    given_back_ = taken_count_;
    free_.signal(given_back_);
  }

  /// Ends what is under way: the thread stops at its next batch, and what it has made is thrown away.
  void drop() {
    if (!running_) return;
    dropping_.store(true, std::memory_order_relaxed);
    while (running_) {
      try {
        next();
      } catch (...) {  // of a batch that nobody wants any more
      }
    }
    dropping_.store(false, std::memory_order_relaxed);
  }

  void work() {
    for (uint32_t order = 1;; ++order) {
      orders_.wait(order, spin_);
      if (stop_) return;
      while (make_one()) {
      }
    }
  }

  bool make_one() {
    free_.wait_napping(made_count_ + 1 - static_cast<uint32_t>(slots_.size()));
    Slot& slot = slots_[make_];
    make_ = make_ + 1 == slots_.size() ? 0 : make_ + 1;
    slot.end = true;
    try {
      if (!dropping_.load(std::memory_order_relaxed)) slot.end = !puller_.fill(slot);
    } catch (...) {
      slot.error = std::current_exception();
    }
    const bool more = !slot.end;  // once signalled, the slot is the consumer's
    filled_.signal(++made_count_);
    return more;
  }

  Puller& puller_;
  const bool spin_;
  std::vector<Slot> slots_;
  SignalFlag orders_, filled_, free_;
  std::atomic<bool> dropping_{false};
  bool stop_ = false;  // written before an order

  // The consumer's.
  alignas(128) bool running_ = false;
  size_t take_ = 0;
  uint32_t order_count_ = 0, taken_count_ = 0, seen_ = 0, given_back_ = 0;
  // The thread's.
  alignas(128) size_t make_ = 0;
  uint32_t made_count_ = 0;
  std::thread thread_;
};

}  // namespace

struct BatchStream::State {
  Source source;
  StreamOptions options;
  bool background;
  // With a background thread, which begins with the first start, one of these.
  std::unique_ptr<GatherRing> gathered;
  std::unique_ptr<Ring> pulled;
  // Without one, of tensors or of a generator; `running`: between a start and the end of its epoch.
  std::optional<Gatherer> gatherer;
  Gatherer::Slot gathered_slot;
  uint64_t epoch = 0;
  int64_t next = 0, end = 0;
  Puller puller;
  Slot pulled_slot;
  bool running = false;

  State(Source from, const StreamOptions& how)
      : source(std::move(from)),
        options(how),
        background((source.is_generator() || how.shuffle) && how.background.value_or(available_cores() > 1)),
        puller(source, options) {}
};

BatchStream::BatchStream(Source source, StreamOptions options) {
  require(options.batch_size > 0, "batch_size is ", options.batch_size, "; it must be at least 1");
  require(!options.steps || *options.steps > 0, "steps is ", options.steps.value_or(0), "; it must be at least 1");
  state_ = std::make_unique<State>(std::move(source), options);
}
BatchStream::~BatchStream() = default;

const Source& BatchStream::source() const { return state_->source; }
bool BatchStream::in_background() const { return state_->background; }

void BatchStream::start(uint64_t epoch, int64_t first) {
  State& s = *state_;
  if (s.source.is_generator()) {
    require(first == 0, "a generator cannot start at batch ", first, ": it has no way to skip; start at an epoch");
  } else {
    const int64_t batches = *s.source.steps(s.options.batch_size);
    require(0 <= first && first < batches, "batch ", first, " of an epoch of ", batches);
  }
  if (s.source.is_generator()) {
    if (!s.background) return s.puller.start(), void(s.running = true);
    if (!s.pulled) s.pulled = std::make_unique<Ring>(s.puller, available_cores() > 1);
    return s.pulled->start();
  }
  if (s.background) {
    if (!s.gathered) s.gathered = std::make_unique<GatherRing>(s.source.samples(), s.options);
    return s.gathered->start(epoch, first);
  }
  if (!s.gatherer) s.gathered_slot = s.gatherer.emplace(s.source.samples(), s.options).make_slot();
  s.epoch = epoch, s.next = first, s.end = s.gatherer->end(first);
}

const Batch* BatchStream::next() {
  State& s = *state_;
  if (s.gathered) return s.gathered->next();
  if (s.pulled) return s.pulled->next();
  if (s.gatherer) {
    if (s.next == s.end) return nullptr;
    s.gatherer->fill(s.gathered_slot, s.epoch, s.next++);
    return &s.gathered_slot.batch;
  }
  if (!s.running) return nullptr;
  s.running = false;  // also if the generator throws
  s.running = s.puller.fill(s.pulled_slot);
  return s.running ? &s.pulled_slot.batch : nullptr;
}

}  // namespace cornu
