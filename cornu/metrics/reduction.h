// Mean and Sum: of values that one has, in a training loop of one's own.
#pragma once
#include "cornu/metrics/metric.h"

namespace cornu {

/// The mean of values: update(states, values, {}, weight). There are no labels and predictions, so it is nothing for compile,
/// which takes a function of both for its mean.
struct Mean {
  std::string name = "mean";
  static constexpr std::string_view class_name = "Mean";
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name)
  std::vector<MetricState> states() const { return mean_states(); }
  std::vector<Value> update(Values states, Value values, Value none, std::optional<Value> weight = {}) const;
  double result(std::span<const Tensor> states) const { return mean_result(states); }
};
/// The sum of values, weighted; used as Mean is.
struct Sum {
  std::string name = "sum";
  static constexpr std::string_view class_name = "Sum";
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name)
  std::vector<MetricState> states() const;
  std::vector<Value> update(Values states, Value values, Value none, std::optional<Value> weight = {}) const;
  double result(std::span<const Tensor> states) const { return states[0].at(0); }
};

CORNU_METRIC(Mean)
CORNU_METRIC(Sum)

}  // namespace cornu
