#include "cornu/train/run.h"

namespace cornu {

Run::Run(Model& model, TrainingParams params, std::vector<Callback> list) : callbacks(std::move(list)), model_(model), params_(params) {}

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
