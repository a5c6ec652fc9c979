#include "cornu/data/source.h"

#include "cornu/base/error.h"

namespace cornu {

CORNU_DEFINE_SPECIAL_MEMBERS(Source)

Source::Source(Samples samples) : samples_(std::move(samples)) {
  const int64_t rows = this->samples().rows();
  require(rows > 0, "there are no samples: x has the shape ", this->samples().x[0].shape());
}

Source::Source(Generator generator, std::optional<int64_t> steps) : generator_(std::move(generator)), steps_(steps) {
  require(static_cast<bool>(this->generator()), "the generator of batches is an empty function");
  require(!steps || *steps > 0, "a generator of ", steps.value_or(0), " batches; give at least one, or no number");
}

bool Source::is_generator() const { return static_cast<bool>(generator_); }

std::optional<int64_t> Source::rows() const {
  if (is_generator()) return {};
  return samples().rows();
}

std::optional<int64_t> Source::steps(int64_t batch_size) const {
  require(batch_size > 0, "batch_size is ", batch_size, "; it must be at least 1");
  if (is_generator()) return steps_;
  return (*rows() - 1) / batch_size + 1;
}

}  // namespace cornu
