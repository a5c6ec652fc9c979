#include "cornu/train/run.h"

namespace cornu {

Run::Run(Model& model, TrainingParams params, std::vector<Callback> list, Console* console)
    : callbacks(std::move(list)), model_(model), params_(params), console_(console) {}

void Run::set_averages_to_weights() {
  Model::State& s = model_.state();
  for (const Variable& v : s.variables)
    if (const std::string average = v.trainable ? s.config->optimizer.average_path(v.path) : std::string(); !average.empty()) s.store.set(average, s.store.get(v.path));
}

std::vector<std::string> Run::weight_names() const {
  std::vector<std::string> names;
  for (const Variable& v : model_.state().variables) names.push_back(text(model_.name(), "/", v.path));
  return names;
}

bool Run::has_weight_averages() const {
  const Model::State& s = model_.state();
  return s.config && s.config->optimizer.options().use_ema;
}

void Run::swap_weight_averages() {
  Model::State& s = model_.state();
  s.require_compiled("swap_weight_averages");
  create_slots(s);
  for (const Variable& v : s.variables) {
    const std::string average = v.trainable ? s.config->optimizer.average_path(v.path) : std::string();
    if (average.empty()) continue;
    const Tensor weight = s.store.get(v.path);
    s.store.set(v.path, s.store.get(average));
    s.store.set(average, weight);
  }
}

std::optional<bool> Run::more_is_better(std::string_view metric) const {
  for (const TrackedMetric& m : model_.state().objectives.metrics)
    if (m.log == metric || (m.metric.gives_several() && metric.starts_with(m.log + "_")))
      if (const auto known = m.metric.higher_is_better()) return known;
  if (metric.ends_with("_loss")) return false;
  return Training::more_is_better(metric);
}

}  // namespace cornu
