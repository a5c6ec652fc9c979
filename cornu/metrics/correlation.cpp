// Correlations.
#include "cornu/metrics/correlation.h"

#include "cornu/losses/targets.h"
#include "cornu/metrics/define_metric.h"
#include "cornu/ops/ops.h"

namespace cornu {

Value PearsonCorrelation::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  const auto standard = [this](Value x) {
    const Value centered = x - mean(x, {axis}, true);
    return centered / sqrt(mean(square(centered), {axis}, true));
  };
  return mean(standard(y) * standard(p), {axis});
}
CORNU_DEFINE_METRIC(PearsonCorrelation)

Value ConcordanceCorrelation::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  const auto average = [this](Value x) { return mean(x, {axis}, true); };
  const Value m = average(p), of_true = average(y);
  const Value spread = average(square(y - of_true)) + average(square(p - m)) + square(of_true - m);
  return mean((y - m) * (p - m) * 2 / (spread + 1e-7), {axis});
}
CORNU_DEFINE_METRIC(ConcordanceCorrelation)

}  // namespace cornu
