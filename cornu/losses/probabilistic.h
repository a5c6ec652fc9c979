// Losses between distributions: cross entropies, the Kullback-Leibler divergence, Poisson.
#pragma once
#include "cornu/losses/loss.h"

namespace cornu {

/// -log p[label], for integer labels [batch] or [batch, 1]. Labels equal to ignore_class do not count: their loss is 0, and a
/// mean is one over the others.
struct SparseCategoricalCrossentropy {
  bool from_logits = false;
  std::optional<int64_t> ignore_class = {};
  std::string reduction = "sum_over_batch_size";
  int64_t axis = -1;  // of the classes; only the last, as on TensorFlow
  std::string name = "sparse_categorical_crossentropy";
  static constexpr std::string_view class_name = "SparseCategoricalCrossentropy";
  static constexpr std::string_view unless_default[] = {"axis"}, loss_only[] = {"reduction"};
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction, from_logits, ignore_class, axis)
  Value operator()(Value y_true, Value y_pred) const;
  /// Which labels count; nothing when all do.
  std::optional<Value> mask(Value y_true, Value y_pred, Value values) const;
};
/// -sum(y log p) along the axis, for one-hot labels or distributions. Smoothing: y (1 - s) + s / classes.
struct CategoricalCrossentropy {
  bool from_logits = false;
  double label_smoothing = 0;
  int64_t axis = -1;
  std::string reduction = "sum_over_batch_size";
  std::string name = "categorical_crossentropy";
  static constexpr std::string_view class_name = "CategoricalCrossentropy";
  static constexpr std::string_view loss_only[] = {"reduction"};
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction, from_logits, label_smoothing, axis)
  Value operator()(Value y_true, Value y_pred) const;
};
/// mean(-y log p - (1 - y) log(1 - p)) along the axis. Smoothing: y (1 - s) + s / 2.
struct BinaryCrossentropy {
  bool from_logits = false;
  double label_smoothing = 0;
  int64_t axis = -1;
  std::string reduction = "sum_over_batch_size";
  std::string name = "binary_crossentropy";
  static constexpr std::string_view class_name = "BinaryCrossentropy";
  static constexpr std::array<std::string_view, 2> aliases = {"bce", "BCE"};
  static constexpr std::string_view loss_only[] = {"reduction", "axis"};
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction, from_logits, label_smoothing, axis)
  Value operator()(Value y_true, Value y_pred) const;
};
/// sum(y log(y / p)), both clipped to [1e-7, 1].
struct KLDivergence {
  std::string reduction = "sum_over_batch_size";
  std::string name = "kl_divergence";
  static constexpr std::string_view class_name = "KLDivergence";
  static constexpr std::array<std::string_view, 3> aliases = {"kld", "KLD", "kullback_leibler_divergence"};
  static constexpr std::string_view loss_only[] = {"reduction"};
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction)
  Value operator()(Value y_true, Value y_pred) const;
};
/// mean(p - y log(p + 1e-7)): the rate p against the count y, without log y!.
struct Poisson {
  std::string reduction = "sum_over_batch_size";
  std::string name = "poisson";
  static constexpr std::string_view class_name = "Poisson";
  static constexpr std::string_view loss_only[] = {"reduction"};
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction)
  Value operator()(Value y_true, Value y_pred) const;
};

/// -y log p - (1 - y) log(1 - p), elementwise, from the logits where they are known (from_logits, or a sigmoid made p).
Value binary_crossentropy_values(Value y_true, Value y_pred, bool from_logits);

CORNU_LOSS(SparseCategoricalCrossentropy)
CORNU_LOSS(CategoricalCrossentropy)
CORNU_LOSS(BinaryCrossentropy)
CORNU_LOSS(KLDivergence)
CORNU_LOSS(Poisson)

}  // namespace cornu
