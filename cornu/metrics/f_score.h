// F scores: precision and recall in one number.
#pragma once
#include "cornu/metrics/metric.h"

namespace cornu {

// For labels and predictions of shape [batch, classes]. A class is predicted where its prediction is above the threshold, or, with
// none, where it is the largest (and not 0). average: "micro" counts all classes together, "macro" is the mean over the classes,
// "weighted" that by how often each is true. None gives one number for each class.

/// (1 + beta^2) precision recall / (beta^2 precision + recall)
struct FBetaScore {
  std::optional<std::string> average = {};
  double beta = 1;
  std::optional<double> threshold = {};
  std::string name = "fbeta_score";
  static constexpr std::string_view class_name = "FBetaScore";
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, average, beta, threshold)
  std::vector<MetricState> states(const Shape& y_pred) const;
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const;
  Tensor result(std::span<const Tensor> states) const;
  std::string_view why_many() const;
  void check() const;
};
/// The same with beta = 1: 2 precision recall / (precision + recall)
struct F1Score {
  std::optional<std::string> average = {};
  std::optional<double> threshold = {};
  std::string name = "f1_score";
  static constexpr std::string_view class_name = "F1Score";
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, average, threshold)
  std::vector<MetricState> states(const Shape& y_pred) const;
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const;
  Tensor result(std::span<const Tensor> states) const;
  std::string_view why_many() const;
  void check() const;
};

CORNU_METRIC(FBetaScore)
CORNU_METRIC(F1Score)

}  // namespace cornu
