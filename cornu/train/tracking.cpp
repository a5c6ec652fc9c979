// Losses and metrics over an epoch: totals in the store, which steps add to, and what they come to.
#include <algorithm>
#include <numeric>

#include "cornu/train/model_state.h"

namespace cornu {

std::string state_names::output_loss(size_t i, const std::string& state) { return text("metrics/loss_", i, "/", state); }
std::string state_names::metric(size_t i, const std::string& state) { return text("metrics/", i, "/", state); }

namespace {

/// The totals of means: of the loss, and of each output's when there are several.
std::vector<std::string> mean_totals(const Objectives& objectives) {
  std::vector<std::string> names;
  for (const char* part : {"total", "count"}) {
    names.push_back(text(state_names::loss, part));
    for (size_t i = 0; i < objectives.losses.size(); ++i)
      if (!objectives.losses[i].log.empty()) names.push_back(state_names::output_loss(i, part));
  }
  return names;
}

std::vector<MetricState> states_of(const Model::State& model, const TrackedMetric& m) { return m.metric.states(model.output_shapes[m.output]); }

double mean_of(const Model::State& model, const std::string& total, const std::string& count) {
  const double n = model.store.scalar(count);
  return n > 0 ? static_cast<float>(model.store.scalar(total) / n) : 0;
}

}  // namespace

void create_metrics(Model::State& model) {
  if (model.has_metrics) return;
  model.require_built();
  for (const std::string& name : mean_totals(model.objectives)) model.store.add(name, Tensor(DType::float32, {}));
  for (size_t i = 0; i < model.objectives.metrics.size(); ++i)
    for (const MetricState& s : states_of(model, model.objectives.metrics[i])) model.store.add(state_names::metric(i, s.name), s.initial);
  model.has_metrics = true;
}

void clear_metrics(Model::State& model) {
  for (const std::string& name : mean_totals(model.objectives)) model.store.clear(name);
  for (size_t i = 0; i < model.objectives.metrics.size(); ++i)
    for (const MetricState& s : states_of(model, model.objectives.metrics[i])) model.store.set(state_names::metric(i, s.name), s.initial);
}

Logs read_metrics(const Model::State& model) {
  Logs logs;
  logs.set("loss", mean_of(model, text(state_names::loss, "total"), text(state_names::loss, "count")));
  const Objectives& o = model.objectives;
  for (size_t i = 0; i < o.losses.size(); ++i)
    if (!o.losses[i].log.empty()) logs.set(o.losses[i].log, mean_of(model, state_names::output_loss(i, "total"), state_names::output_loss(i, "count")));
  std::vector<size_t> order(o.metrics.size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (model.output_shapes.size() > 1) std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return o.metrics[a].log < o.metrics[b].log; });
  for (const size_t i : order) {
    std::vector<Tensor> states;
    for (const MetricState& s : states_of(model, o.metrics[i])) states.push_back(model.store.get(state_names::metric(i, s.name)));
    report(logs, o.metrics[i].log, o.metrics[i].metric, states);
  }
  return logs;
}

}  // namespace cornu
