#include "cornu/metrics/metrics.h"

#include <algorithm>
#include <cmath>

#include "cornu/nn/choose.h"
#include "cornu/losses/targets.h"
#include "cornu/ops/ops.h"

namespace cornu {

Value Accuracy::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  return cast(equal(y, p), DType::float32);
}

Value SparseCategoricalAccuracy::operator()(Value y_true, Value y_pred) const {
  const Value labels = class_labels(y_true, y_pred, name);
  const Value best = argmax(y_pred);
  return cast(equal(labels.dtype() == DType::int64 ? labels : cast(labels, DType::int64), best), DType::float32);
}

Value CategoricalAccuracy::operator()(Value y_true, Value y_pred) const {
  require<ShapeError>(y_true.shape() == y_pred.shape(), name, " wants one-hot labels of the shape of the predictions, ", y_pred.shape(), ", and was given ", y_true.shape(),
                      "; use sparse_categorical_accuracy for integer labels");
  return cast(equal(argmax(y_true), argmax(y_pred)), DType::float32);
}

Value BinaryAccuracy::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  return cast(equal(y, cast(greater(p, scalar(p, threshold)), p.dtype())), DType::float32);
}

Value RootMeanSquaredError::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  return square(y - p);
}
double RootMeanSquaredError::finish(double mean) const { return std::sqrt(mean); }

std::vector<MetricState> mean_states() { return {{"total", Tensor::scalar(0.0f)}, {"count", Tensor::scalar(0.0f)}}; }

std::vector<Value> update_mean(Values states, Value values, std::optional<Value> weight) {
  if (values.dtype() != DType::float32) values = cast(values, DType::float32);
  const Shape& shape = values.shape();
  const int64_t samples = shape.rank() == 0 ? 1 : shape[0];
  const int64_t each = samples == 0 ? 1 : shape.elements() / samples;
  const auto by_sample = [&](Value total) { return each == 1 ? total : total / static_cast<double>(each); };
  if (!weight) return {states[0] + by_sample(sum(values)), states[1] + static_cast<double>(samples)};
  const Value w = broadcast_to(aligned_weight(*weight, values), shape);
  return {states[0] + by_sample(sum(values * w)), states[1] + by_sample(sum(w))};
}

Value masked_weight(Value mask, std::optional<Value> weight) { return weight ? mask * aligned_weight(*weight, mask) : mask; }

double mean_result(std::span<const Tensor> states) {
  // The division is float32's, as in Keras: histories are compared digit by digit.
  const auto total = static_cast<float>(states[0].at(0)), count = static_cast<float>(states[1].at(0));
  return count == 0 ? 0 : static_cast<double>(total / count);
}

namespace {
/// "accuracy": the one that the shapes ask for.
struct AccuracyByShape {
  static constexpr std::string_view class_name = "accuracy";
  static constexpr bool higher_is_better = true;
  CORNU_FIELDS()
  Value operator()(Value y_true, Value y_pred) const {
    switch (kind_of_targets(y_true.shape(), y_pred.shape())) {
      case Targets::binary: return BinaryAccuracy{}(y_true, y_pred);
      case Targets::sparse: return SparseCategoricalAccuracy{}(y_true, y_pred);
      case Targets::categorical: break;
    }
    return CategoricalAccuracy{}(y_true, y_pred);
  }
};

constexpr std::string_view refused[] = {
    "Mean", "Sum", "MeanMetricWrapper", "MeanAbsolutePercentageError", "mape", "MAPE", "MeanSquaredLogarithmicError", "msle", "MSLE", "CosineSimilarity", "LogCoshError", "R2Score",
    "AUC", "FalseNegatives", "FalsePositives", "Precision", "PrecisionAtRecall", "Recall", "RecallAtPrecision", "SensitivityAtSpecificity", "SpecificityAtSensitivity", "TrueNegatives",
    "TruePositives", "ConcordanceCorrelation", "PearsonCorrelation", "Hinge", "SquaredHinge", "CategoricalHinge", "KLDivergence", "Poisson", "TopKCategoricalAccuracy",
    "SparseTopKCategoricalAccuracy", "F1Score", "FBetaScore", "IoU", "BinaryIoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"};
const Family<SparseCategoricalAccuracy, CategoricalAccuracy, BinaryAccuracy, RootMeanSquaredError, SparseCategoricalCrossentropy, CategoricalCrossentropy, BinaryCrossentropy,
             MeanSquaredError, MeanAbsoluteError, Accuracy>
    family = {"metric", refused};

Metric by_name(std::string_view name) {
  const std::string lower = snake_case(name);
  return lower == "accuracy" || lower == "acc" ? Metric(AccuracyByShape{}) : choose<Metric>(family, name);
}
}  // namespace

Metric::Metric(std::string_view name) : Metric(by_name(name)) { given_name_ = name; }

std::string Metric::name() const { return !given_name_.empty() || !self_ ? given_name_ : std::string(self_->name()); }

std::vector<std::string> unique_names(const std::vector<Metric>& metrics) {
  std::vector<std::string> names;
  const auto taken = [&](const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  for (const Metric& metric : metrics) {
    std::string name = metric.name();
    for (int i = 1; taken(name); ++i) name = text(metric.name(), "_", i);
    names.push_back(std::move(name));
  }
  return names;
}

Config to_config(const Metric& metric) {
  if (!metric.given_name_.empty()) return metric.given_name_;
  const Config object = metric.object_config("keras.metrics", "the metric");
  if (object.is_null()) return object;
  Config options = Config::dict();
  for (const auto& [key, value] : object["config"].as_dict())
    if (key != "reduction") options.set(key, value);  // a loss's: Keras's metric of the same name has none
  return Config(object).set("config", options);
}

void from_config(const Config& config, Metric& metric) {
  if (config.is_null()) return void(metric = {});
  const ObjectConfig object = read_object(config, "metric");
  if (config.is_string() || config["class_name"] == Config("function")) return void(metric = Metric(object.name));
  metric = choose<Metric>(family, object.name, object.config);
}

}  // namespace cornu
