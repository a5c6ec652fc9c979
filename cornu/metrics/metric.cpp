// The handle: names, configs, and what a metric by name is.
#include "cornu/metrics/metric.h"

#include <algorithm>

#include "cornu/losses/targets.h"
#include "cornu/metrics/accuracy.h"
#include "cornu/metrics/define_metric.h"
#include "cornu/nn/described.h"
#include "cornu/ops/ops.h"

namespace cornu {

Config without(const Config& options, std::span<const std::string_view> names) {
  Config rest = Config::dict();
  for (const auto& [key, value] : options.as_dict())
    if (std::find(names.begin(), names.end(), key) == names.end()) rest.set(key, value);
  return rest;
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

/// The mean of a loss whose struct is not known here.
struct MeanOfLoss final : MetricInterface {
  explicit MeanOfLoss(Loss l) : loss(std::move(l)), given(loss.name()) {}
  std::string_view class_name() const override { return loss.class_name(); }
  Config fields() const override { return loss.fields(); }
  std::string_view name() const override { return given; }
  std::string_view module() const override { return "keras.losses"; }
  std::vector<MetricState> states(const Shape&) const override { return mean_states(); }
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight, std::optional<Value> mask) const override {
    const Value values = loss(y_true, y_pred);
    if (mask) weight = masked_weight(*mask, weight);
    if (weight)
      if (const std::optional<Value> own = loss.mask(y_true, y_pred, values)) weight = masked_weight(*own, weight);
    return update_mean(states, values, weight);
  }
  Tensor result(std::span<const Tensor> states) const override { return Tensor::scalar(mean_result(states)); }
  std::optional<bool> higher_is_better() const override { return false; }
  std::string_view why_many() const override { return {}; }
  Loss loss;
  std::string given;
};

const MetricRules* find_metric(std::string_view name) {
  for (const MetricRules* rules : all_metrics())
    if (std::find(rules->names.begin(), rules->names.end(), name) != rules->names.end()) return rules;
  return nullptr;
}

Metric known_metric(std::string_view name, const Config& options) {
  if (const MetricRules* rules = find_metric(name)) return rules->make(options);
  if (const LossRules* rules = find_loss(name)) return rules->make(options);
  std::vector<std::string> known;
  for (const MetricRules* rules : all_metrics()) known.insert(known.end(), rules->names.begin(), rules->names.end());
  refuse_choice("metric", name, known, {});
}

Metric by_name(std::string_view name) {
  const std::string lower = snake_case(name);
  return lower == "accuracy" || lower == "acc" ? Metric(AccuracyByShape{}) : known_metric(name, Config::dict());
}

// A mean of a function by its name and options: the metric, or else the loss, of that name.
Metric wrapped(const Config& options) {
  const ObjectConfig function = read_object(options["fn"], "the function of a MeanMetricWrapper");
  Config rest = Config::dict();
  for (const auto& [key, value] : options.as_dict())
    if (key != "fn") rest.set(key, value);
  for (const auto& [key, value] : function.config.as_dict())
    if (!rest.contains(key)) rest.set(key, value);
  // Among functions, cosine_similarity is the loss's.
  const LossRules* loss = find_loss(function.name);
  return loss && loss->class_name == "CosineSimilarity" ? Metric(loss->make(rest)) : known_metric(function.name, rest);
}

}  // namespace

Metric::Metric(std::string_view name) : Metric(by_name(name)) { given_name_ = name; }
Metric::Metric(Loss loss) {
  if (loss) self_ = std::make_shared<MeanOfLoss>(std::move(loss));
}

Metric::Metric(const char* name) : Metric(std::string_view(name)) {}
Metric::Metric(const std::string& name) : Metric(std::string_view(name)) {}
std::vector<MetricState> Metric::states(const Shape& y_pred) const { return self()->states(y_pred); }
Tensor Metric::results(std::span<const Tensor> states) const { return self()->result(states); }
std::optional<bool> Metric::higher_is_better() const { return self()->higher_is_better(); }
bool Metric::gives_several() const { return self_ && !self()->why_many().empty(); }

std::string Metric::name() const { return !given_name_.empty() || !self_ ? given_name_ : std::string(self()->name()); }

std::vector<Value> Metric::update(Values states, Value y_true, Value y_pred, std::optional<Value> weight, std::optional<Value> mask) const {
  if (y_pred && y_pred.dtype() == DType::bfloat16) y_pred = cast(y_pred, DType::float32);
  return self()->update(states, y_true, y_pred, weight, mask);
}

double Metric::result(std::span<const Tensor> states) const {
  require<UnsupportedError>(!gives_several(), "the metric ", name(), " gives several numbers (", self()->why_many(), "); call results()");
  return results(states).at(0);
}

void check_names(const std::vector<std::string>& names, const std::vector<bool>& gives_several) {
  for (size_t i = 0; i < names.size(); ++i)
    for (size_t k = 0; gives_several[i] && k < names.size(); ++k) {
      const std::string begin = names[i] + "_";
      const bool one_of_them = !gives_several[k] && names[k].size() > begin.size() && names[k].starts_with(begin) && names[k].find_first_not_of("0123456789", begin.size()) == std::string::npos;
      require(!one_of_them, "a metric is called ", names[k], ", which is a number of ", names[i], " too: that one gives several, ", begin, "0, ", begin, "1, ...; give one of the two another name");
    }
}

std::vector<std::string> unique_names(const std::vector<Metric>& metrics) {
  std::vector<std::string> names;
  const auto taken = [&](const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  std::vector<bool> several;
  for (const Metric& metric : metrics) {
    several.push_back(metric.gives_several());
    std::string name = metric.name();
    for (int i = 1; taken(name); ++i) name = text(metric.name(), "_", i);
    names.push_back(std::move(name));
  }
  check_names(names, several);
  return names;
}

Config to_config(const Metric& metric) {
  if (!metric.given_name_.empty()) return metric.given_name_;
  if (!metric) return {};
  const std::string_view module = metric.self()->module();
  Config object = metric.object_config(module, "the metric");
  if (module != "keras.metrics" || metric.class_name() == described_by_itself) return object;
  Config options = Config::dict();
  for (const auto& [key, value] : object["config"].as_dict()) {
    options.set(key, value);
    if (key == "name" && !object["config"].contains("dtype")) options.set("dtype", "float32");
  }
  return object.set("config", std::move(options));
}

void from_config(const Config& config, Metric& metric) {
  if (const auto* held = config.held<Metric>()) return void(metric = *held);
  if (const auto* held = config.held<Loss>()) return void(metric = *held);
  if (config.is_null()) return void(metric = {});
  const ObjectConfig object = read_object(config, "metric");
  if (config.is_string() || config["class_name"] == Config("function")) return void(metric = Metric(object.name));
  if (object.name == "MeanMetricWrapper") return void(metric = wrapped(object.config));
  if (config["module"] == Config("keras.losses")) {
    Loss loss;
    from_config(config, loss);
    return void(metric = std::move(loss));
  }
  metric = known_metric(object.name, object.config);
}

}  // namespace cornu
