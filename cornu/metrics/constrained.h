// The best of one rate where another is at least so much.
#pragma once
#include "cornu/metrics/thresholds.h"

namespace cornu {

// Over num_thresholds evenly spread thresholds (one: 0.5). With class_id, only that class counts.

/// The largest sensitivity tp / (tp + fn) of the thresholds whose specificity tn / (tn + fp) is at least this.
struct SensitivityAtSpecificity {
  double specificity = -1;  // to be given
  int64_t num_thresholds = 200;
  std::optional<int64_t> class_id = {};
  std::string name = "sensitivity_at_specificity";
  static constexpr std::string_view class_name = "SensitivityAtSpecificity";
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, class_id, num_thresholds, specificity)
  std::vector<MetricState> states() const;
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const;
  Tensor result(std::span<const Tensor> states) const;
  void check() const;
};
/// The largest specificity where the sensitivity is at least this.
struct SpecificityAtSensitivity {
  double sensitivity = -1;  // to be given
  int64_t num_thresholds = 200;
  std::optional<int64_t> class_id = {};
  std::string name = "specificity_at_sensitivity";
  static constexpr std::string_view class_name = "SpecificityAtSensitivity";
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, class_id, num_thresholds, sensitivity)
  std::vector<MetricState> states() const;
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const;
  Tensor result(std::span<const Tensor> states) const;
  void check() const;
};
/// The largest precision where the recall is at least this.
struct PrecisionAtRecall {
  double recall = -1;  // to be given
  int64_t num_thresholds = 200;
  std::optional<int64_t> class_id = {};
  std::string name = "precision_at_recall";
  static constexpr std::string_view class_name = "PrecisionAtRecall";
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, class_id, num_thresholds, recall)
  std::vector<MetricState> states() const;
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const;
  Tensor result(std::span<const Tensor> states) const;
  void check() const;
};
/// The largest recall where the precision is at least this.
struct RecallAtPrecision {
  double precision = -1;  // to be given
  int64_t num_thresholds = 200;
  std::optional<int64_t> class_id = {};
  std::string name = "recall_at_precision";
  static constexpr std::string_view class_name = "RecallAtPrecision";
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, class_id, num_thresholds, precision)
  std::vector<MetricState> states() const;
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const;
  Tensor result(std::span<const Tensor> states) const;
  void check() const;
};

CORNU_METRIC(SensitivityAtSpecificity)
CORNU_METRIC(SpecificityAtSensitivity)
CORNU_METRIC(PrecisionAtRecall)
CORNU_METRIC(RecallAtPrecision)

}  // namespace cornu
