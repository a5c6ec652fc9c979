// Means and sums over batches.
#include "cornu/metrics/reduction.h"

#include "cornu/losses/targets.h"
#include "cornu/metrics/define_metric.h"
#include "cornu/ops/ops.h"

namespace cornu {

std::vector<MetricState> mean_states() { return {{"total", Tensor::scalar(0.0f)}, {"count", Tensor::scalar(0.0f)}}; }

std::vector<Value> update_mean(Values states, Value values, std::optional<Value> weight) {
  if (values.dtype() != DType::float32) values = cast(values, DType::float32);
  if (weight && values.shape().rank() == 0) values = broadcast_to(values, weight->shape());  // one number for the batch (Dice)
  const Shape& shape = values.shape();
  const int64_t samples = shape.rank() == 0 ? 1 : shape[0];
  const int64_t each = samples == 0 ? 1 : shape.elements() / samples;
  const auto by_sample = [&](Value total) { return each == 1 ? total : total / static_cast<double>(each); };
  if (!weight) return {states[0] + by_sample(sum(values)), states[1] + static_cast<double>(samples)};
  const Value w = broadcast_to(aligned_weight(*weight, values), shape);
  return {states[0] + by_sample(sum(values * w)), states[1] + by_sample(sum(w))};
}

Value masked_weight(Value mask, std::optional<Value> weight) {
  const Value counts = cast(mask, DType::float32);
  return weight ? counts * aligned_weight(*weight, counts) : counts;
}

double mean_result(std::span<const Tensor> states) {
  // The division is float32's, as in Keras: histories are compared digit by digit.
  const auto total = static_cast<float>(states[0].at(0)), count = static_cast<float>(states[1].at(0));
  return count == 0 ? 0 : static_cast<double>(total / count);
}

namespace {
void refuse_predictions(Value y_pred, std::string_view name) {
  require(!y_pred, "the metric ", name, " takes values, not labels and predictions: for a mean over batches, give compile a function (y_true, y_pred) of one number for each sample");
}
}  // namespace

std::vector<Value> Mean::update(Values states, Value values, Value none, std::optional<Value> weight) const {
  refuse_predictions(none, name);
  return update_mean(states, values, weight);
}
CORNU_DEFINE_METRIC(Mean)

std::vector<MetricState> Sum::states() const { return {{"total", Tensor::scalar(0.0f)}}; }
std::vector<Value> Sum::update(Values states, Value values, Value none, std::optional<Value> weight) const {
  refuse_predictions(none, name);
  if (values.dtype() != DType::float32) values = cast(values, DType::float32);
  return {states[0] + sum(weight ? values * aligned_weight(*weight, values) : values)};
}
CORNU_DEFINE_METRIC(Sum)

}  // namespace cornu
