// Where batches come from: tensors that hold all samples, or a function that makes a batch at a time.
#pragma once
#include <functional>
#include <optional>

#include "cornu/data/samples.h"

namespace cornu {

/// Gives the next batch, or nothing at the end of an epoch; called again after that, it begins the next epoch. It is called
/// from one thread at a time, maybe not the one that made it, and a few batches ahead of their use.
using Generator = std::function<std::optional<Samples>()>;

class Source {
 public:
  /// Throws ArgumentError when there are no samples, or not the same number in all tensors.
  Source(Samples samples);
  /// `steps`: how many batches an epoch has, if that is known.
  Source(Generator generator, std::optional<int64_t> steps = {});

  CORNU_SPECIAL_MEMBERS(Source)

  bool is_generator() const;
  /// All samples; none for a generator.
  const Samples& samples() const { return samples_; }
  const Generator& generator() const { return generator_; }

  /// How many samples there are; unknown for a generator.
  std::optional<int64_t> rows() const;
  /// Batches of one epoch, a short last one included.
  std::optional<int64_t> steps(int64_t batch_size) const;

 private:
  Samples samples_;
  Generator generator_;  // or else samples
  std::optional<int64_t> steps_;
};

}  // namespace cornu
