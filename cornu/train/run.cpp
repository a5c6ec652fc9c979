#include "cornu/train/run.h"

namespace cornu {

Run::Run(Model& model, TrainingParams params, std::vector<Callback> list) : callbacks(std::move(list)), model_(model), params_(params) {}

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

std::optional<bool> Run::more_is_better(std::string_view metric) const {
  const Model::State& s = model_.state();
  size_t i = 0;
  for (const auto* list : {&s.config->metrics, &s.config->weighted_metrics})
    for (const Metric& m : *list)
      if (s.metric_names[i++] == metric)
        if (const auto known = m.higher_is_better()) return known;
  return Training::more_is_better(metric);
}

}  // namespace cornu
