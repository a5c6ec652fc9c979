// What Precision, Recall, AUC and their kin count: how many samples, true and false, lie between neighbouring thresholds.
#pragma once
#include "cornu/metrics/metric.h"

namespace cornu {

// One histogram for the labels that are true and one for those that are false: bin i holds the weight of the predictions that
// exceed exactly i of the (ascending) thresholds. Counts at each threshold are sums over the bins above it, made when the result
// is asked for; a step costs one pass over the predictions, however many thresholds there are.

/// Thresholds as a metric was given them.
class Thresholds {
 public:
  /// Throws ArgumentError, naming the metric, unless all are in [0, 1]; none given: `otherwise` alone.
  Thresholds(const std::optional<std::vector<double>>& given, double otherwise, std::string_view who);
  /// 0, 1 / (n - 1), ..., 1; with `margin`, the first is -1e-7 and the last 1 + 1e-7, so that all and none are above.
  static Thresholds even(int64_t n, bool margin);
  /// -1e-7, then those given (ascending), then 1 + 1e-7.
  static Thresholds between(std::vector<double> inner);

  int64_t size() const { return static_cast<int64_t>(ascending_.size()); }
  /// For each prediction, in its shape: how many thresholds it exceeds (int64). Evenly spread ones are found by Keras's formula,
  /// ceil(p (n - 1)), whose rounding decides for predictions on a threshold.
  Value exceeded(Value y_pred) const;
  /// Counts for the ascending thresholds in the order in which they were given.
  std::vector<float> in_given_order(const std::vector<float>& ascending) const;

 private:
  Thresholds() = default;
  std::vector<float> ascending_;
  std::vector<size_t> place_;  // of the i-th given one
  bool even_ = false, margin_ = false;
};

/// The two histograms as states: "true_bins" and "false_bins", float32[(thresholds + 1) * labels].
std::vector<MetricState> bin_states(int64_t thresholds, int64_t labels = 1);

struct CountOptions {
  std::optional<int64_t> top_k = {};     // only the k largest predictions along the last axis can exceed a threshold
  std::optional<int64_t> class_id = {};  // only this column counts
  bool by_label = false;                 // bins for each column of y_pred
  std::vector<double> label_weights = {};  // for each column
};
/// The states with a batch counted. Labels are true where they are not 0. Throws ShapeError, naming the metric.
std::vector<Value> count(Values states, Value y_true, Value y_pred, std::optional<Value> weight, const Thresholds& thresholds, const CountOptions& options, std::string_view who);

/// At each threshold (ascending), for each label: how much lies above and below.
struct Confusion {
  std::vector<float> true_positives, false_positives, true_negatives, false_negatives;  // [thresholds * labels]
};
Confusion confusion(std::span<const Tensor> states, int64_t thresholds, int64_t labels = 1);

/// a / b, 0 where b is 0: each in float32.
std::vector<float> divide_no_nan(const std::vector<float>& a, const std::vector<float>& b);
std::vector<float> plus(const std::vector<float>& a, const std::vector<float>& b);
/// A scalar for one number, else a vector.
Tensor one_or_many(const std::vector<float>& numbers);

/// One number, a list, or none, as Keras takes thresholds.
struct Numbers {
  Numbers() = default;
  Numbers(double number) : list(std::vector<double>{number}), one(true) {}
  Numbers(std::initializer_list<double> numbers) : list(numbers) {}
  Numbers(std::vector<double> numbers) : list(std::move(numbers)) {}
  explicit operator bool() const { return list.has_value(); }
  const std::vector<double>& operator*() const { return *list; }
  std::optional<std::vector<double>> list = {};
  bool one = false;
  bool several() const { return list && list->size() > 1; }
};
Config to_config(const Numbers& numbers);
void from_config(const Config& config, Numbers& numbers);

}  // namespace cornu
