// Connectionist temporal classification: labels of a sequence without their places.
#pragma once
#include "cornu/losses/loss.h"

namespace cornu {

/// For labels [batch, longest] (0 is padding, and the blank) and logits [batch, steps, classes]: -log of the probability that the
/// steps spell the labels, with blanks between and repeats of each (Graves et al., "Connectionist temporal classification", 2006).
/// All steps count. A sample that no path spells (too few steps) costs 707 = -log(1e-307), as a probability of zero does in
/// TensorFlow, and has no gradient.
struct CTC {
  std::string reduction = "sum_over_batch_size";
  std::string name = "ctc";
  static constexpr std::string_view class_name = "CTC";
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction)
  Value operator()(Value y_true, Value y_pred) const;
};

CORNU_LOSS(CTC)

}  // namespace cornu
