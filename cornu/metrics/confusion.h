// Counts of right and wrong answers, precision and recall. A prediction above the threshold says "true".
#pragma once
#include "cornu/metrics/thresholds.h"

namespace cornu {

// Of several thresholds (a list), the result has one number for each.

/// The weight of what is true and is said to be.
struct TruePositives {
  Numbers thresholds = {};  // 0.5 when none is given
  std::string name = "true_positives";
  static constexpr std::string_view class_name = "TruePositives";
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, thresholds)
  std::vector<MetricState> states() const;
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const;
  Tensor result(std::span<const Tensor> states) const;
  std::string_view why_many() const;
  void check() const;
};
/// The weight of what is false and is said to be true.
struct FalsePositives {
  Numbers thresholds = {};
  std::string name = "false_positives";
  static constexpr std::string_view class_name = "FalsePositives";
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, thresholds)
  std::vector<MetricState> states() const;
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const;
  Tensor result(std::span<const Tensor> states) const;
  std::string_view why_many() const;
  void check() const;
};
/// The weight of what is false and is said to be.
struct TrueNegatives {
  Numbers thresholds = {};
  std::string name = "true_negatives";
  static constexpr std::string_view class_name = "TrueNegatives";
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, thresholds)
  std::vector<MetricState> states() const;
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const;
  Tensor result(std::span<const Tensor> states) const;
  std::string_view why_many() const;
  void check() const;
};
/// The weight of what is true and is said to be false.
struct FalseNegatives {
  Numbers thresholds = {};
  std::string name = "false_negatives";
  static constexpr std::string_view class_name = "FalseNegatives";
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, thresholds)
  std::vector<MetricState> states() const;
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const;
  Tensor result(std::span<const Tensor> states) const;
  std::string_view why_many() const;
  void check() const;
};
/// Of what is said to be true, the part that is: tp / (tp + fp), 0 when nothing is. With top_k, the k largest predictions of a
/// sample say "true" (those above the thresholds, if there are some); with class_id, only that class counts.
struct Precision {
  Numbers thresholds = {};
  std::optional<int64_t> top_k = {};
  std::optional<int64_t> class_id = {};
  std::string name = "precision";
  static constexpr std::string_view class_name = "Precision";
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, thresholds, top_k, class_id)
  std::vector<MetricState> states() const;
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const;
  Tensor result(std::span<const Tensor> states) const;
  std::string_view why_many() const;
  void check() const;
};
/// Of what is true, the part that is said to be: tp / (tp + fn).
struct Recall {
  Numbers thresholds = {};
  std::optional<int64_t> top_k = {};
  std::optional<int64_t> class_id = {};
  std::string name = "recall";
  static constexpr std::string_view class_name = "Recall";
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, thresholds, top_k, class_id)
  std::vector<MetricState> states() const;
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const;
  Tensor result(std::span<const Tensor> states) const;
  std::string_view why_many() const;
  void check() const;
};

CORNU_METRIC(TruePositives)
CORNU_METRIC(FalsePositives)
CORNU_METRIC(TrueNegatives)
CORNU_METRIC(FalseNegatives)
CORNU_METRIC(Precision)
CORNU_METRIC(Recall)

}  // namespace cornu
