// Metrics between numbers.
#include "cornu/metrics/regression.h"

#include <cmath>

#include "cornu/losses/regression.h"
#include "cornu/losses/targets.h"
#include "cornu/metrics/define_metric.h"
#include "cornu/ops/ops.h"

namespace cornu {

Value RootMeanSquaredError::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  return square(y - p);
}
double RootMeanSquaredError::finish(double mean) const { return std::sqrt(static_cast<float>(mean)); }
CORNU_DEFINE_METRIC(RootMeanSquaredError)

Value LogCoshError::operator()(Value y_true, Value y_pred) const { return LogCosh{.name = name}(y_true, y_pred); }
CORNU_DEFINE_METRIC(LogCoshError)

Value metrics::CosineSimilarity::operator()(Value y_true, Value y_pred) const { return cosine_of_angle(y_true, y_pred, axis, name); }
CORNU_DEFINE_METRIC(metrics::CosineSimilarity)

void R2Score::check() const {
  require(!class_aggregation || class_aggregation == "uniform_average" || class_aggregation == "variance_weighted_average", name, ": class_aggregation is '",
          printable(class_aggregation.value_or("")), "'; it can be uniform_average, variance_weighted_average or none");
  require(num_regressors >= 0, name, ": num_regressors must be at least 0, and was ", num_regressors);
}

std::string_view R2Score::why_many() const {
  return class_aggregation ? std::string_view() : "one for each output, unless class_aggregation is \"uniform_average\" or \"variance_weighted_average\"";
}

std::vector<MetricState> R2Score::states(const Shape& y_pred) const {
  require<UnsupportedError>(y_pred.rank() == 2, name, " counts for each output of predictions of shape [batch, outputs], and that shape is ", y_pred);
  const Tensor zeros(DType::float32, {y_pred.dim(-1)});
  return {{"num_samples", Tensor::scalar(0.0f)}, {"squared_sum", zeros}, {"sum", zeros}, {"residual", zeros}, {"count", zeros}};
}

std::vector<Value> R2Score::update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const {
  require<ShapeError>(y_pred.shape().rank() == 2, name, " wants predictions of shape [batch, outputs], and was given ", y_pred.shape());
  if (y_pred.dtype() != DType::float32) y_pred = cast(y_pred, DType::float32);
  if (y_true.shape().rank() == 1 && y_pred.dim(-1) == 1) y_true = reshape(y_true, y_pred.shape());
  const auto [y, p] = same_shape(y_true, y_pred, name);
  const Value w = weight ? broadcast_to(aligned_weight(*weight, y), y.shape()) : broadcast_to(scalar(y, 1), y.shape());
  const Value weighted = y * w;
  return {states[0] + static_cast<double>(y.shape().elements()), states[1] + sum(y * weighted, {0}), states[2] + sum(weighted, {0}), states[3] + sum(square(y - p) * w, {0}),
          states[4] + sum(w, {0})};
}

Tensor R2Score::result(std::span<const Tensor> states) const {
  const float samples = static_cast<float>(states[0].at(0)), regressors = static_cast<float>(num_regressors);
  const auto squares = states[1].values<float>(), sums = states[2].values<float>(), residuals = states[3].values<float>(), counts = states[4].values<float>();
  std::vector<float> scores;
  float mean = 0, weighted = 0, total = 0;
  for (size_t i = 0; i < sums.size(); ++i) {
    const float variance = squares[i] - sums[i] * (sums[i] / counts[i]);
    float score = 1 - residuals[i] / variance;
    if (std::isinf(score)) score = 0;
    scores.push_back(score);
    mean += score / static_cast<float>(sums.size());
    weighted += variance * score;
    total += variance;
  }
  // Keras counts every output of every sample as one of the n.
  const auto adjusted = [&](float score) {
    return num_regressors == 0 || regressors >= samples - 1 ? score : 1 - (1 - score) * (samples - 1) / (samples - regressors - 1);
  };
  if (!class_aggregation) {
    for (float& s : scores) s = adjusted(s);
    return Tensor(Shape{static_cast<int64_t>(scores.size())}, scores);
  }
  return Tensor::scalar(adjusted(class_aggregation == "uniform_average" ? mean : weighted / total));
}
CORNU_DEFINE_METRIC(R2Score)

}  // namespace cornu
