#include "cornu/data/gather.h"

#include <algorithm>
#include <cstring>

#include "cornu/base/error.h"

namespace cornu {
namespace {

constexpr size_t line = 64;

/// Rows of a size known when this is compiled: no call for each label.
template <size_t Bytes>
void gather(const std::byte* from, const std::vector<size_t>& picks, std::byte* to) {
  for (const size_t p : picks) {
    std::memcpy(to, from + p * Bytes, Bytes);
    to += Bytes;
  }
}

void gather(const std::byte* from, size_t row_bytes, const std::vector<size_t>& picks, std::byte* to) {
  switch (row_bytes) {
    case 1:
      return gather<1>(from, picks, to);
    case 4:
      return gather<4>(from, picks, to);
    case 8:
      return gather<8>(from, picks, to);
  }
  constexpr size_t ahead = 4;  // rows lie anywhere in memory: ask for a few before they are needed
  for (size_t i = 0; i < picks.size(); ++i) {
    if (i + ahead < picks.size()) {
      const std::byte* row = from + picks[i + ahead] * row_bytes;
      for (size_t k = 0; k < std::min<size_t>(row_bytes, 16 * line); k += line) __builtin_prefetch(row + k);
    }
    std::memcpy(to, from + picks[i] * row_bytes, row_bytes);
    to += row_bytes;
  }
}

}  // namespace

Gatherer::Gatherer(const Samples& samples, const StreamOptions& options)
    : rows_(samples.rows()),
      batch_size_(std::min(options.batch_size, rows_)),
      batches_((rows_ - 1) / batch_size_ + 1),
      steps_(options.steps),
      shuffle_(options.shuffle),
      seed_(options.seed),
      permutation_(static_cast<uint64_t>(rows_), seed_, 0) {
  const auto add = [&](const Tensor& t) {
    const size_t row_bytes = t.bytes() / static_cast<size_t>(rows_);
    columns_.push_back({static_cast<const std::byte*>(t.data()), row_bytes, slot_bytes_});
    // Columns begin on a cache line, and leave one free so that kernels may read past their end.
    slot_bytes_ += (static_cast<size_t>(batch_size_) * row_bytes + 2 * line - 1) / line * line;
  };
  for (const Tensor& t : samples.x) add(t);
  for (const Tensor& t : samples.y) add(t);
  for (const Tensor& t : samples.sample_weight) add(t);
  picks_.reserve(static_cast<size_t>(batch_size_));
}

Gatherer::Slot Gatherer::make_slot() const {
  Slot slot;
  slot.batch.columns.resize(columns_.size());
  if (!shuffle_) return slot;
  slot.memory = std::make_unique<std::byte[]>(slot_bytes_ + line);
  auto* begin = slot.memory.get();
  begin += (line - reinterpret_cast<uintptr_t>(begin) % line) % line;
  for (size_t c = 0; c < columns_.size(); ++c) slot.batch.columns[c] = begin + columns_[c].offset;
  return slot;
}

void Gatherer::fill(Slot& slot, uint64_t epoch, int64_t n) {
  epoch += static_cast<uint64_t>(n / batches_);
  Batch& b = slot.batch;
  b.index = n % batches_;
  b.first_row = b.index * batch_size_;
  b.rows = std::min(batch_size_, rows_ - b.first_row);
  if (!shuffle_) {
    for (size_t c = 0; c < columns_.size(); ++c)
      b.columns[c] = columns_[c].data + static_cast<size_t>(b.first_row) * columns_[c].row_bytes;
    return;
  }
  if (epoch_ != epoch) permutation_ = Permutation(static_cast<uint64_t>(rows_), seed_, epoch_ = epoch);
  picks_.clear();
  for (int64_t i = 0; i < b.rows; ++i) picks_.push_back(permutation_(static_cast<uint64_t>(b.first_row + i)));
  for (size_t c = 0; c < columns_.size(); ++c)
    gather(columns_[c].data, columns_[c].row_bytes, picks_, static_cast<std::byte*>(const_cast<void*>(b.columns[c])));
}

}  // namespace cornu
