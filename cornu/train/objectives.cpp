#include "cornu/train/objectives.h"

#include <algorithm>
#include <set>

#include "cornu/train/options.h"

namespace cornu {

std::vector<size_t> Objectives::outputs_with_loss() const {
  std::vector<size_t> all;
  for (const Objective& o : losses) all.push_back(o.output);
  return all;
}

bool Objectives::metric_of(size_t output) const {
  return std::any_of(metrics.begin(), metrics.end(), [&](const TrackedMetric& m) { return m.output == output; });
}

namespace {

std::string numbered(const std::string& name, std::map<std::string, int>& used) {
  const int n = used[name]++;
  return n == 0 ? name : text(name, "_", n);
}

}  // namespace

Objectives objectives_of(const CompileConfig& config, const std::vector<std::string>& outputs) {
  Objectives all;
  const bool several = outputs.size() > 1;
  require<UnsupportedError>(several || config.loss.values().size() <= 1, "loss has ", config.loss.values().size(), " entries for the only output, '", outputs[0],
                            "': several losses of one output are not supported (Keras 3.15 takes them and trains on the first alone); add them up in one function");
  const std::vector<Loss> losses = config.loss.for_outputs(outputs, "loss");
  const std::vector<double> weights = config.loss_weights.for_outputs(outputs, "loss_weights", 1);
  for (size_t i = 0; i < outputs.size(); ++i)
    if (losses[i]) all.losses.push_back({i, losses[i], config.loss_weights ? std::optional(weights[i]) : std::nullopt});
  if (all.losses.size() > 1)
    for (Objective& o : all.losses) o.log = outputs[o.output] + "_loss";

  std::map<std::string, int> used;
  const auto begin = [&](size_t output) { return several ? outputs[output] + "_" : std::string(); };
  for (const bool weighted : {false, true}) {
    const auto lists = (weighted ? config.weighted_metrics : config.metrics).for_outputs(outputs, weighted ? "weighted_metrics" : "metrics");
    for (size_t i = 0; i < outputs.size(); ++i)
      for (const Metric& m : lists[i]) {
        if (!m) continue;
        const std::string plain = begin(i) + m.name();
        const bool second = weighted && used.contains(plain);
        all.metrics.push_back({i, m, weighted, numbered(second ? text(begin(i), "weighted_", m.name()) : plain, used)});
      }
  }
  std::vector<std::string> names;
  std::vector<bool> several_numbers;
  for (const TrackedMetric& m : all.metrics) names.push_back(m.log), several_numbers.push_back(m.metric.gives_several());
  check_names(names, several_numbers);
  return all;
}

void report(Logs& logs, const std::string& name, const Metric& metric, std::span<const Tensor> states) {
  const Tensor results = metric.results(states);
  if (!metric.gives_several()) return logs.set(name, results.at(0));
  for (int64_t i = 0; i < results.size(); ++i) logs.set(text(name, "_", i), results.at(i));
}

// ---- compile_config

namespace {

template <class T, class F> Config written(const PerOutput<T>& given, F one) {
  using Kind = typename PerOutput<T>::Kind;
  if (given.kind() == Kind::none) return {};
  if (given.kind() == Kind::one) return one(given.values()[0]);
  if (given.kind() == Kind::list) {
    Config::List list;
    for (const T& value : given.values()) list.push_back(one(value));
    return list;
  }
  Config dict = Config::dict();
  for (size_t i = 0; i < given.names().size(); ++i) dict.set(given.names()[i], one(given.values()[i]));
  return dict;
}

template <class T, class F> PerOutput<T> read(const Config& config, bool is_map, F one) {
  if (config.is_null()) return {};
  if (is_map) {
    std::vector<std::pair<std::string, T>> by_name;
    for (const auto& [name, value] : config.as_dict()) by_name.emplace_back(name, one(value));
    return by_name;
  }
  if (!config.is_list()) return one(config);
  std::vector<T> list;
  for (const Config& value : config.as_list()) list.push_back(one(value));
  return list;
}

/// A dict that is no object's is one by name.
bool by_name(const Config& config) { return config.is_dict() && !config.contains("class_name"); }

OutputMetrics::List metric_list(const Config& config) {
  OutputMetrics::List list;
  if (config.is_list())
    for (const Config& m : config.as_list()) from_config(m, list.emplace_back());
  else if (!config.is_null()) from_config(config, list.emplace_back());
  return list;
}

Config written_list(const OutputMetrics::List& metrics) {
  Config::List list;
  for (const Metric& m : metrics) list.push_back(to_config(m));
  return list;
}

}  // namespace

Config to_config(const PerOutput<Loss>& loss) {
  return written(loss, [](const Loss& l) { return to_config(l); });
}
Config to_config(const PerOutput<double>& weights) {
  return written(weights, [](double w) { return Config(w); });
}
Config to_config(const OutputMetrics& metrics) {
  if (metrics.empty()) return {};
  return metrics.lists() ? written(metrics.lists(), written_list) : written_list(metrics.flat());
}

void from_config(const Config& config, PerOutput<Loss>& loss) {
  loss = read<Loss>(config, by_name(config), [](const Config& one) {
    Loss l;
    from_config(one, l);
    return l;
  });
}
void from_config(const Config& config, PerOutput<double>& weights) {
  weights = read<double>(config, config.is_dict(), [](const Config& one) { return one.as_double(); });
}
void from_config(const Config& config, OutputMetrics& metrics) {
  bool nested = by_name(config);
  if (config.is_list())
    for (const Config& one : config.as_list()) nested = nested || one.is_list() || one.is_null();
  metrics = nested ? OutputMetrics(read<OutputMetrics::List>(config, by_name(config), metric_list)) : OutputMetrics(metric_list(config));
}

}  // namespace cornu
