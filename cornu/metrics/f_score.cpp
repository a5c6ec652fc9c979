// F scores.
#include "cornu/metrics/f_score.h"

#include <algorithm>

#include "cornu/losses/targets.h"
#include "cornu/metrics/define_metric.h"
#include "cornu/ops/ops.h"

namespace cornu {

void FBetaScore::check() const {
  static constexpr std::string_view known[] = {"micro", "macro", "weighted"};
  require(!average || std::find(std::begin(known), std::end(known), *average) != std::end(known), name, ": average is '", printable(average.value_or("")),
          "'; it can be micro, macro or weighted, or none");
  require(beta > 0, name, ": beta must be above 0, and was ", beta);
  require(!threshold || (*threshold > 0 && *threshold <= 1), name, ": threshold must be above 0 and at most 1, and was ", threshold.value_or(0));
}

std::string_view FBetaScore::why_many() const { return average ? std::string_view() : "one for each class, unless average is \"micro\", \"macro\" or \"weighted\""; }

std::vector<MetricState> FBetaScore::states(const Shape& y_pred) const {
  const bool micro = average == "micro";
  require<UnsupportedError>(micro || y_pred.rank() == 2, name, " counts for each class of predictions of shape [batch, classes], and that shape is ", y_pred);
  const Tensor zeros(DType::float32, micro ? Shape{} : Shape{y_pred.dim(-1)});
  return {{"true_positives", zeros}, {"false_positives", zeros}, {"false_negatives", zeros}, {"intermediate_weights", zeros}};
}

std::vector<Value> FBetaScore::update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const {
  require<ShapeError>(y_pred.shape().rank() == 2 && y_true.shape() == y_pred.shape(), name, " wants labels and predictions of shape [batch, classes], and was given ", y_true.shape(), " and ",
                      y_pred.shape());
  if (y_pred.dtype() != DType::float32) y_pred = cast(y_pred, DType::float32);
  const Value y = cast(y_true, DType::float32);
  Value said;
  if (threshold) said = greater(y_pred, scalar(y_pred, *threshold));
  else said = logical_and(greater_equal(y_pred, max(y_pred, {-1}, true)), greater(absolute(y_pred), scalar(y_pred, 1e-9)));
  const Value p = cast(said, DType::float32);
  const std::vector<int64_t> over = average == "micro" ? std::vector<int64_t>{} : std::vector<int64_t>{0};
  const auto total = [&](Value v) { return sum(weight ? v * aligned_weight(*weight, v) : v, over); };
  return {states[0] + total(p * y), states[1] + total(p * (1 - y)), states[2] + total((1 - p) * y), states[3] + total(y)};
}

Tensor FBetaScore::result(std::span<const Tensor> states) const {
  const auto tp = states[0].values<float>(), fp = states[1].values<float>(), fn = states[2].values<float>(), weights = states[3].values<float>();
  constexpr float epsilon = 1e-7f;
  const auto beta2 = static_cast<float>(beta * beta);
  std::vector<float> scores;
  float mean = 0, weighted = 0, total = 0;
  for (const float w : weights) total += w;
  for (size_t i = 0; i < tp.size(); ++i) {
    const float precision = tp[i] / (tp[i] + fp[i] + epsilon), recall = tp[i] / (tp[i] + fn[i] + epsilon);
    scores.push_back(precision * recall / (beta2 * precision + recall + epsilon) * (1 + beta2));
    mean += scores.back() / static_cast<float>(tp.size());
    weighted += scores.back() * (weights[i] / (total + epsilon));
  }
  if (!average) return Tensor(Shape{static_cast<int64_t>(scores.size())}, scores);
  return Tensor::scalar(average == "weighted" ? weighted : mean);
}
CORNU_DEFINE_METRIC(FBetaScore)

namespace {
FBetaScore with_beta_one(const F1Score& f) { return {.average = f.average, .beta = 1, .threshold = f.threshold, .name = f.name}; }
}  // namespace

void F1Score::check() const { with_beta_one(*this).check(); }
std::string_view F1Score::why_many() const { return with_beta_one(*this).why_many(); }
std::vector<MetricState> F1Score::states(const Shape& y_pred) const { return with_beta_one(*this).states(y_pred); }
std::vector<Value> F1Score::update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const { return with_beta_one(*this).update(states, y_true, y_pred, weight); }
Tensor F1Score::result(std::span<const Tensor> states) const { return with_beta_one(*this).result(states); }
CORNU_DEFINE_METRIC(F1Score)

}  // namespace cornu
