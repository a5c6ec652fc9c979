// The compiled steps of a model, one for each signature of what they are fed.
#pragma once
#include <list>

#include "cornu/runtime/program.h"
#include "cornu/callbacks/hooks.h"
#include "cornu/train/store.h"

namespace cornu {

/// What a step is fed under one name: what one unit of an integer tensor is worth belongs to it.
struct Feed {
  TensorType type;
  double scale = 1;
  bool operator==(const Feed&) const = default;
};

/// What decides which Program runs: the mode and the types of the batch.
struct Signature {
  Mode mode = Mode::predict;
  std::vector<Feed> x = {};                   // of each input
  std::vector<Feed> y = {};                   // of each output, or of those with a loss; none when predicting
  std::vector<TensorType> sample_weight = {}; // none, one for all outputs, or one for each y
  bool operator==(const Signature&) const = default;
};

/// A step, ready to run on the model's state. Inputs: each x, then each y, then the sample weights. Output 0 is the loss of the
/// batch; or the outputs are the predictions.
struct Step {
  Signature signature;
  Execution execution;
};

class Programs {
 public:
  /// The step for this signature, compiled by `make` when it is new. At most 64 are kept; the longest unused goes.
  template <class Make> Step& get(const Signature& signature, Make make) {
    for (auto it = steps_.begin(); it != steps_.end(); ++it) {
      if (!(it->signature == signature)) continue;
      if (it != steps_.begin()) steps_.splice(steps_.begin(), steps_, it);
      return *it;
    }
    if (steps_.size() == 64) steps_.pop_back();
    steps_.push_front({signature, make()});
    return steps_.front();
  }
  /// The step used last, if it predicts from one x, of this type.
  Step* last_predicting(DType dtype, const Shape& shape, double scale) {
    if (steps_.empty()) return nullptr;
    const Signature& s = steps_.front().signature;
    return s.mode == Mode::predict && s.x.size() == 1 && s.x[0].type.dtype == dtype && s.x[0].type.shape == shape && s.x[0].scale == scale ? &steps_.front() : nullptr;
  }
  void clear() { steps_.clear(); }

 private:
  std::list<Step> steps_;  // the one used last first
};

}  // namespace cornu
