// Accuracies: how often the prediction is right.
#pragma once
#include "cornu/metrics/metric.h"

namespace cornu {

/// Whether prediction and label are equal numbers. By name ("accuracy") one gets what the shapes ask for instead: see Metric.
struct Accuracy {
  std::string name = "accuracy";
  static constexpr std::string_view class_name = "Accuracy";
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name)
  Value operator()(Value y_true, Value y_pred) const;
};
/// Whether (prediction > threshold) equals the label.
struct BinaryAccuracy {
  std::string name = "binary_accuracy";
  double threshold = 0.5;
  static constexpr std::string_view class_name = "BinaryAccuracy";
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, threshold)
  Value operator()(Value y_true, Value y_pred) const;
};
/// Which of the classes has the largest prediction (the first of equals), against one-hot labels.
struct CategoricalAccuracy {
  std::string name = "categorical_accuracy";
  static constexpr std::string_view class_name = "CategoricalAccuracy";
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name)
  Value operator()(Value y_true, Value y_pred) const;
};
/// The same against integer labels.
struct SparseCategoricalAccuracy {
  std::string name = "sparse_categorical_accuracy";
  static constexpr std::string_view class_name = "SparseCategoricalAccuracy";
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name)
  Value operator()(Value y_true, Value y_pred) const;
};
/// Whether fewer than k classes have a larger prediction than the true one: with ties at the border, all of them are in, as
/// TensorFlow's in_top_k says. Never where a prediction is infinite or no number. One-hot labels.
struct TopKCategoricalAccuracy {
  int64_t k = 5;
  std::string name = "top_k_categorical_accuracy";
  static constexpr std::string_view class_name = "TopKCategoricalAccuracy";
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, k)
  Value operator()(Value y_true, Value y_pred) const;
};
/// The same against integer labels. With from_sorted_ids, predictions are class numbers, best first: the label is among the first k.
struct SparseTopKCategoricalAccuracy {
  int64_t k = 5;
  std::string name = "sparse_top_k_categorical_accuracy";
  bool from_sorted_ids = false;
  static constexpr std::string_view class_name = "SparseTopKCategoricalAccuracy";
  static constexpr std::string_view unless_default[] = {"from_sorted_ids"};
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, k, from_sorted_ids)
  Value operator()(Value y_true, Value y_pred) const;
};

CORNU_METRIC(Accuracy)
CORNU_METRIC(BinaryAccuracy)
CORNU_METRIC(CategoricalAccuracy)
CORNU_METRIC(SparseCategoricalAccuracy)
CORNU_METRIC(TopKCategoricalAccuracy)
CORNU_METRIC(SparseTopKCategoricalAccuracy)

}  // namespace cornu
