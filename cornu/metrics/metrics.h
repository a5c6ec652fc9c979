// Metrics: what is reported while training, accumulated over an epoch in the model's state.
#pragma once
#include "cornu/losses/losses.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

// Those that are means: called with (y_true, y_pred), they give one number for each sample.

/// Whether prediction and label are equal numbers. By name ("accuracy") one gets what the shapes ask for instead: see Metric.
struct Accuracy {
  std::string name = "accuracy";
  static constexpr std::string_view class_name = "Accuracy";
  static constexpr bool higher_is_better = true;
  static Config extras() { return Config(Config::Dict{{"dtype", "float32"}}); }
  CORNU_FIELDS(name)
  Value operator()(Value y_true, Value y_pred) const;
};
/// Which of the classes has the largest prediction, against integer labels.
struct SparseCategoricalAccuracy {
  std::string name = "sparse_categorical_accuracy";
  static constexpr std::string_view class_name = "SparseCategoricalAccuracy";
  static constexpr bool higher_is_better = true;
  static Config extras() { return Config(Config::Dict{{"dtype", "float32"}}); }
  CORNU_FIELDS(name)
  Value operator()(Value y_true, Value y_pred) const;
};
/// The same against one-hot labels.
struct CategoricalAccuracy {
  std::string name = "categorical_accuracy";
  static constexpr std::string_view class_name = "CategoricalAccuracy";
  static constexpr bool higher_is_better = true;
  static Config extras() { return Config(Config::Dict{{"dtype", "float32"}}); }
  CORNU_FIELDS(name)
  Value operator()(Value y_true, Value y_pred) const;
};
/// Whether (prediction > threshold) equals the label.
struct BinaryAccuracy {
  double threshold = 0.5;
  std::string name = "binary_accuracy";
  static constexpr std::string_view class_name = "BinaryAccuracy";
  static constexpr bool higher_is_better = true;
  static Config extras() { return Config(Config::Dict{{"dtype", "float32"}}); }
  CORNU_FIELDS(name, threshold)
  Value operator()(Value y_true, Value y_pred) const;
};
/// sqrt of the mean squared error over all that was seen.
struct RootMeanSquaredError {
  std::string name = "root_mean_squared_error";
  static constexpr std::string_view class_name = "RootMeanSquaredError";
  static constexpr bool higher_is_better = false;
  static Config extras() { return Config(Config::Dict{{"dtype", "float32"}}); }
  CORNU_FIELDS(name)
  Value operator()(Value y_true, Value y_pred) const;
  double finish(double mean) const;
};
// The losses are metrics too: "mse", MeanAbsoluteError{}, "sparse_categorical_crossentropy", ...

/// One number that a metric keeps between batches.
struct MetricState {
  std::string name;  // "total"
  Tensor initial;
};

/// A mean that is kept as float32 scalars {total, count}, for metrics and for the loss.
std::vector<MetricState> mean_states();
/// {total + sum(values * weight), count + sum(weight)}, each sample's values averaged first; without weights they count one.
std::vector<Value> update_mean(Values states, Value values, std::optional<Value> weight = {});
/// total / count; 0 when nothing was seen.
double mean_result(std::span<const Tensor> states);

/// The weight of what counts: a mask (1 or 0 for each value) times the weights, if any.
Value masked_weight(Value mask, std::optional<Value> weight);

/// One that is no mean has states(), update() and result() of its own.
template <class T>
concept WholeMetric = requires(const T& t, Values states, Value v, std::optional<Value> w, std::span<const Tensor> tensors) {
  { t.states() } -> std::convertible_to<std::vector<MetricState>>;
  { t.update(states, v, v, w) } -> std::convertible_to<std::vector<Value>>;
  { t.result(tensors) } -> std::convertible_to<double>;
};

struct MetricInterface : Choosable {
  virtual std::string_view name() const = 0;
  virtual std::vector<MetricState> states() const = 0;
  virtual std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const = 0;
  virtual double result(std::span<const Tensor> states) const = 0;
  virtual std::optional<bool> higher_is_better() const = 0;
};

/// A metric: Keras's name for one, one of the structs, a loss, or a function (y_true, y_pred) -> one Value for each sample.
/// "accuracy" and "acc" look at the shapes, as in Keras: binary where the predictions' last axis is 1, sparse where labels
/// are class numbers, else categorical. Throws ArgumentError for an unknown name.
class Metric : public Choice<MetricInterface> {
 public:
  Metric() = default;  // none given
  Metric(std::string_view name);
  Metric(const char* name) : Metric(std::string_view(name)) {}
  Metric(const std::string& name) : Metric(std::string_view(name)) {}
  template <class T>
    requires(LossFunction<T> || WholeMetric<T>)
  Metric(T object) : Choice(std::make_shared<Holder<T>>(std::move(object))) {}

  /// What it is called in logs: the name it was chosen by, or its object's, or "metric".
  std::string name() const;
  /// What to keep, and where it begins in each epoch.
  std::vector<MetricState> states() const { return self_->states(); }
  /// The states' next values, in order. Weights as in Loss::reduce; left out, each sample counts one.
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight = {}) const {
    return self_->update(states, y_true, y_pred, weight);
  }
  /// The number to report, from the states' values.
  double result(std::span<const Tensor> states) const { return self_->result(states); }
  /// For callbacks whose mode is "auto"; unknown for a function.
  std::optional<bool> higher_is_better() const { return self_->higher_is_better(); }

 private:
  template <class T> struct Holder final : Chosen<MetricInterface, T> {
    using Chosen<MetricInterface, T>::Chosen;
    std::string_view name() const override {
      if constexpr (requires(const T& t) { std::string_view(t.name); }) return this->object.name;
      else return "metric";
    }
    std::vector<MetricState> states() const override {
      if constexpr (WholeMetric<T>) return this->object.states();
      else return mean_states();
    }
    std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const override {
      if constexpr (WholeMetric<T>) return this->object.update(states, y_true, y_pred, weight);
      else if constexpr (requires(T t) { t.mask(y_true, y_pred); t.reduction; }) {
        T unscaled = this->object;  // the mask weighs, so that batches count by what counts in them
        unscaled.reduction = "sum";
        const std::optional<Value> mask = unscaled.mask(y_true, y_pred);
        return update_mean(states, unscaled(y_true, y_pred), mask ? masked_weight(*mask, weight) : weight);
      } else return update_mean(states, this->object(y_true, y_pred), weight);
    }
    double result(std::span<const Tensor> states) const override {
      if constexpr (WholeMetric<T>) return this->object.result(states);
      else if constexpr (requires(const T& t) { t.finish(0.0); }) return this->object.finish(mean_result(states));
      else return mean_result(states);
    }
    std::optional<bool> higher_is_better() const override {
      if constexpr (requires { T::higher_is_better; }) return T::higher_is_better;
      else if constexpr (requires(const T& t) { t.reduction; }) return false;  // a loss
      else return {};
    }
  };
  friend Config to_config(const Metric& metric);
};

/// The names for logs: a second metric of one name gets _1, a third _2, ...
std::vector<std::string> unique_names(const std::vector<Metric>& metrics);

/// As Keras's compile_config: the name where it was chosen by one, else the object's dict; null for none.
Config to_config(const Metric& metric);
void from_config(const Config& config, Metric& metric);

}  // namespace cornu
