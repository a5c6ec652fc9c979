// The area under a curve of two rates, over all thresholds.
#pragma once
#include "cornu/metrics/thresholds.h"

namespace cornu {

/// The area under the ROC curve (true over false positive rate), the precision-recall curve ("PR") or that of their gains
/// ("PRGAIN", Flach and Kull 2015), as a Riemann sum over num_thresholds thresholds: "interpolation" (for PR: of the counts, Davis
/// and Goadrich 2006), "minoring" or "majoring". `thresholds` (inside (0, 1)) replace the evenly spread ones between the ends.
/// multi_label: the mean of an area for each column of y_pred, weighted by label_weights; else these weigh the columns' counts.
/// from_logits: y_pred goes through a sigmoid first.
struct AUC {
  int64_t num_thresholds = 200;
  std::string curve = "ROC";
  std::string summation_method = "interpolation";
  std::string name = "auc";
  Numbers thresholds = {};
  bool multi_label = false;
  std::optional<int64_t> num_labels = {};  // multi_label: the columns of y_pred, which it need not be told
  Numbers label_weights = {};
  bool from_logits = false;
  static constexpr std::string_view class_name = "AUC";
  static constexpr std::string_view unless_default[] = {"thresholds"};
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, num_thresholds, curve, summation_method, multi_label, num_labels, label_weights, from_logits, thresholds)
  std::vector<MetricState> states(const Shape& y_pred) const;
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const;
  Tensor result(std::span<const Tensor> states) const;
  void check() const;
};

CORNU_METRIC(AUC)

}  // namespace cornu
