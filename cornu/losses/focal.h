// Cross entropies for labels that are unbalanced or wrong: they weigh a sample by how sure the model is of it.
#pragma once
#include "cornu/losses/loss.h"

namespace cornu {

/// mean((1 - p_t)^gamma (-log p_t)), where p_t is the probability of the true class (Lin et al., "Focal loss for dense object
/// detection", 2018). With apply_class_balancing, class 1 weighs alpha and class 0 weighs 1 - alpha.
struct BinaryFocalCrossentropy {
  bool apply_class_balancing = false;
  double alpha = 0.25;
  double gamma = 2;
  bool from_logits = false;
  double label_smoothing = 0;
  int64_t axis = -1;
  std::string reduction = "sum_over_batch_size";
  std::string name = "binary_focal_crossentropy";
  static constexpr std::string_view class_name = "BinaryFocalCrossentropy";
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction, from_logits, label_smoothing, axis, apply_class_balancing, alpha, gamma)
  Value operator()(Value y_true, Value y_pred) const;
};
/// sum(-y log p alpha (1 - p)^gamma) along the axis.
struct CategoricalFocalCrossentropy {
  double alpha = 0.25;
  double gamma = 2;
  bool from_logits = false;
  double label_smoothing = 0;
  int64_t axis = -1;
  std::string reduction = "sum_over_batch_size";
  std::string name = "categorical_focal_crossentropy";
  static constexpr std::string_view class_name = "CategoricalFocalCrossentropy";
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction, from_logits, label_smoothing, axis, alpha, gamma)
  Value operator()(Value y_true, Value y_pred) const;
};
/// (1 - p[label]^q) / q, for integer labels, q inside (0, 1): between cross entropy (q -> 0) and absolute error (q = 1) (Zhang
/// and Sabuncu, "Generalized cross entropy loss for training deep neural networks with noisy labels", 2018).
struct CategoricalGeneralizedCrossEntropy {
  double q = 0.5;
  std::string reduction = "sum_over_batch_size";
  std::string name = "categorical_generalized_cross_entropy";
  static constexpr std::string_view class_name = "CategoricalGeneralizedCrossEntropy";
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction, q)
  Value operator()(Value y_true, Value y_pred) const;
  void check() const;
};

CORNU_LOSS(BinaryFocalCrossentropy)
CORNU_LOSS(CategoricalFocalCrossentropy)
CORNU_LOSS(CategoricalGeneralizedCrossEntropy)

}  // namespace cornu
