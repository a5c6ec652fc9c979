// Correlations along an axis, averaged over the samples.
#pragma once
#include "cornu/metrics/metric.h"

namespace cornu {

/// Pearson's: the mean product of what is centered and scaled to deviation 1. NaN where labels or predictions are constant.
struct PearsonCorrelation {
  std::string name = "pearson_correlation";
  int64_t axis = -1;
  static constexpr std::string_view class_name = "PearsonCorrelation";
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, axis)
  Value operator()(Value y_true, Value y_pred) const;
};
/// Lin's concordance (1989), as Keras computes it: mean(2 (y_true - m) (y_pred - m) / (var(y_true) + var(y_pred) + (mean(y_true) - m)^2 +
/// 1e-7)) with m = mean(y_pred).
struct ConcordanceCorrelation {
  std::string name = "concordance_correlation";
  int64_t axis = -1;
  static constexpr std::string_view class_name = "ConcordanceCorrelation";
  static constexpr bool higher_is_better = true;
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, axis)
  Value operator()(Value y_true, Value y_pred) const;
};

CORNU_METRIC(PearsonCorrelation)
CORNU_METRIC(ConcordanceCorrelation)

}  // namespace cornu
