// Metric: the handle of whatever is reported while training, accumulated over an epoch in the model's state.
#pragma once
#include "cornu/losses/loss.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

/// What a metric keeps between batches, under one name, and where it begins in each epoch.
struct MetricState {
  std::string name;  // "total"
  Tensor initial;
};

// A metric is one of three things:
//   - a struct or function that is called with (y_true, y_pred) and gives one number for each sample: their mean is reported. Its
//     `double finish(double mean) const`, if it has one, has the last word. Losses are such.
//   - a struct with states(), update() and result() of its own: a WholeMetric.
//   - a name: see Metric.
// Both kinds may have: name, class_name and CORNU_FIELDS (for logs and files); `static constexpr bool higher_is_better`;
// `void check() const`, which throws ArgumentError for options that cannot be.
template <class T>
concept WholeMetric = requires(const T& t, Values states, Value v, std::optional<Value> w, std::span<const Tensor> tensors) {
  { t.update(states, v, v, w) } -> std::convertible_to<std::vector<Value>>;
  t.result(tensors);  // a double, or a Tensor: one number for each threshold or class
} && (requires(const T& t) { t.states(); } || requires(const T& t, const Shape& y_pred) { t.states(y_pred); });

struct MetricInterface : Choosable {
  virtual std::string_view name() const = 0;
  virtual std::string_view module() const = 0;
  virtual std::vector<MetricState> states(const Shape& y_pred) const = 0;
  virtual std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight, std::optional<Value> mask) const = 0;
  virtual Tensor result(std::span<const Tensor> states) const = 0;
  virtual std::optional<bool> higher_is_better() const = 0;
  virtual std::string_view why_many() const = 0;
};

/// A mean that is kept as float32 scalars {total, count}, for metrics and for the loss.
std::vector<MetricState> mean_states();
/// {total + sum(values * weight), count + sum(weight)}, each sample's values averaged first; without weights they count one.
std::vector<Value> update_mean(Values states, Value values, std::optional<Value> weight = {});
/// total / count; 0 when nothing was seen.
double mean_result(std::span<const Tensor> states);
/// The weight of what counts: a mask (bool, for each value) times the weights, if any.
Value masked_weight(Value mask, std::optional<Value> weight);
/// The options of a loss that serves as a metric: those named are the loss's alone, as in Keras.
Config without(const Config& options, std::span<const std::string_view> names);

template <class T> struct MetricHolder final : Chosen<MetricInterface, T> {
  explicit MetricHolder(T t) : Chosen<MetricInterface, T>(std::move(t)) {
    if constexpr (requires(const T& o) { o.check(); }) this->object.check();
  }
  static constexpr bool is_loss = requires(const T& o) { o.reduction; };
  std::string_view name() const override {
    if constexpr (requires(const T& o) { std::string_view(o.name); }) return this->object.name;
    else return "metric";
  }
  /// Of a loss that is no metric in Keras, files hold the loss.
  std::string_view module() const override {
    if constexpr (is_loss && !requires { T::loss_only; }) return "keras.losses";
    else return "keras.metrics";
  }
  Config fields() const override {
    if constexpr (requires { T::loss_only; }) return without(fields_to_config(this->object), T::loss_only);
    else return written_fields(this->object);
  }
  std::vector<MetricState> states([[maybe_unused]] const Shape& y_pred) const override {
    if constexpr (!WholeMetric<T>) return mean_states();
    else if constexpr (requires(const T& o) { o.states(); }) return this->object.states();
    else return this->object.states(y_pred);
  }
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight, [[maybe_unused]] std::optional<Value> mask) const override {
    if constexpr (WholeMetric<T>) return this->object.update(states, y_true, y_pred, weight);
    else {
      const Value values = this->object(y_true, y_pred);
      if constexpr (!requires { T::ignores_mask; })
        if (mask) weight = masked_weight(*mask, weight);
      if constexpr (requires(const T& o) { o.mask(y_true, y_pred, values); })
        if (weight)  // without weights Keras's mean is one over all values
          if (const std::optional<Value> own = this->object.mask(y_true, y_pred, values)) weight = masked_weight(*own, weight);
      return update_mean(states, values, weight);
    }
  }
  Tensor result(std::span<const Tensor> states) const override {
    if constexpr (WholeMetric<T>) {
      const auto found = this->object.result(states);
      if constexpr (std::is_convertible_v<decltype(found), double>) return Tensor::scalar(static_cast<double>(found));
      else return found;
    } else if constexpr (requires(const T& o) { o.finish(0.0); }) return Tensor::scalar(this->object.finish(mean_result(states)));
    else return Tensor::scalar(mean_result(states));
  }
  std::optional<bool> higher_is_better() const override {
    if constexpr (requires { T::higher_is_better; }) return T::higher_is_better;
    else if constexpr (is_loss) return false;
    else return {};
  }
  std::string_view why_many() const override {
    if constexpr (requires(const T& o) { std::string_view(o.why_many()); }) return this->object.why_many();
    else return {};
  }
};

/// Takes the object. cornu's own metrics specialize it (CORNU_METRIC): their holders are compiled where they are defined.
template <class T> std::shared_ptr<const MetricInterface> metric_holder(T& object) { return std::make_shared<MetricHolder<T>>(std::move(object)); }

/// A metric: Keras's name for one, one of the structs, a loss, or a function (y_true, y_pred) -> one Value for each sample.
/// "accuracy" and "acc" look at the shapes, as in Keras: binary where the predictions' last axis is 1, sparse where labels
/// are class numbers, else categorical. A loss's name that is no metric's ("huber") gives its mean. Throws ArgumentError for an
/// unknown name.
class Metric : public Choice<MetricInterface> {
 public:
  Metric() = default;  // none given
  Metric(std::string_view name);
  Metric(const char* name);
  Metric(const std::string& name);
  Metric(Loss loss);
  template <class T>
    requires(LossFunction<T> || WholeMetric<T>)
  Metric(T object) : Choice(metric_holder(object)) {}

  /// What it is called in logs: the name it was chosen by, or its object's, or "metric".
  std::string name() const;
  /// What to keep, for predictions of this shape (the batch axis may be unknown). Some metrics keep numbers for each class: given
  /// no shape, they throw UnsupportedError.
  std::vector<MetricState> states(const Shape& y_pred = {}) const;
  /// The states' next values, in order. Weights as in Loss::reduce; left out, each sample counts one. `mask` is that of y_pred: means
  /// weigh by it; other metrics, as in Keras, do not look at it.
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight = {}, std::optional<Value> mask = {}) const;
  /// The number to report, from the states' values. Throws UnsupportedError when there are several: see results().
  double result(std::span<const Tensor> states) const;
  /// All that is to report: a scalar, or one number for each class or threshold.
  Tensor results(std::span<const Tensor> states) const;
  /// Whether results() is a list. Logs hold each of its numbers under a name of its own: f1_score_0, f1_score_1, ...
  bool gives_several() const;
  /// For callbacks whose mode is "auto"; unknown for a function.
  std::optional<bool> higher_is_better() const;

 private:
  friend Config to_config(const Metric& metric);
};

/// The names for logs: a second metric of one name gets _1, a third _2, ... Throws as check_names does.
std::vector<std::string> unique_names(const std::vector<Metric>& metrics);
/// Throws ArgumentError if one of these names in logs is that of one of the numbers of a metric that gives several.
void check_names(const std::vector<std::string>& names, const std::vector<bool>& gives_several);

/// As Keras's compile_config: the name where it was chosen by one, else the object's dict; null for none.
Config to_config(const Metric& metric);
void from_config(const Config& config, Metric& metric);

/// What choosing a metric by name or config takes; one for each class, defined in its own file.
struct MetricRules {
  std::string_view class_name;
  std::vector<std::string> names;  // class, snake case, aliases
  Metric (*make)(const Config& options);
  Config (*options)();  // all of them, with their defaults
};
/// Declared for every T, defined by CORNU_DEFINE_METRIC in T's file (metrics/define_metric.h).
template <class T> const MetricRules& metric_rules();
/// All of them, in Keras's order.
std::span<const MetricRules* const> all_metrics();

}  // namespace cornu

/// After the struct of a metric, in namespace cornu: its holder is compiled once, in the file that defines it.
#define CORNU_METRIC(T)                                                     \
  template <> std::shared_ptr<const MetricInterface> metric_holder(T& object); \
  template <> const MetricRules& metric_rules<T>();
