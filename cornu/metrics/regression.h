// Metrics between numbers, besides the losses that are metrics too.
#pragma once
#include "cornu/metrics/metric.h"

namespace cornu {

/// sqrt of the mean squared error over all that was seen. Of a masked model it counts what is masked, as in Keras.
struct RootMeanSquaredError {
  std::string name = "root_mean_squared_error";
  static constexpr std::string_view class_name = "RootMeanSquaredError";
  static constexpr bool higher_is_better = false, ignores_mask = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name)
  Value operator()(Value y_true, Value y_pred) const;
  double finish(double mean) const;
};
/// The mean of log(cosh(y_pred - y_true)).
struct LogCoshError {
  std::string name = "logcosh";
  static constexpr std::string_view class_name = "LogCoshError";
  static constexpr bool higher_is_better = false;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name)
  Value operator()(Value y_true, Value y_pred) const;
};
namespace metrics {
/// The cosine of the angle between labels and predictions along the axis: 1 is the same direction. (The loss has the other sign.)
struct CosineSimilarity {
  std::string name = "cosine_similarity";
  int64_t axis = -1;
  static constexpr std::string_view class_name = "CosineSimilarity";
  static constexpr std::string_view unless_default[] = {"axis"};
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, axis)
  Value operator()(Value y_true, Value y_pred) const;
};
}  // namespace metrics
/// 1 - sum (y_true - y_pred)^2 / sum (y_true - mean)^2 for each output, their mean ("uniform_average") or the mean weighted by the
/// variances ("variance_weighted_average"); with class_aggregation none, one number for each. num_regressors
/// above 0: adjusted for as many inputs, where there are more samples than these.
struct R2Score {
  std::optional<std::string> class_aggregation = "uniform_average";
  int64_t num_regressors = 0;
  std::string name = "r2_score";
  static constexpr std::string_view class_name = "R2Score";
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, class_aggregation, num_regressors)
  std::vector<MetricState> states(const Shape& y_pred) const;
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const;
  Tensor result(std::span<const Tensor> states) const;
  std::string_view why_many() const;
  void check() const;
};

CORNU_METRIC(RootMeanSquaredError)
CORNU_METRIC(LogCoshError)
CORNU_METRIC(metrics::CosineSimilarity)
CORNU_METRIC(R2Score)

}  // namespace cornu
