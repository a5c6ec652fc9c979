// Losses, metrics, optimizers, schedules, initializers, regularizers and constraints: their classes with their options, and what
// objects of them do by themselves.
#include "bind.h"
#include "cornu/optimizers/classes.h"
#include "cornu/optimizers/optimizer.h"

namespace cornu::python {
namespace {

nb::list listed(const std::vector<ClassInfo>& classes) {
  nb::list all;
  for (const ClassInfo& c : classes) all.append(nb::make_tuple(std::string(c.class_name), to_python(c.options)));
  return all;
}

template <class Rules> nb::list listed(std::span<const Rules* const> rules) {
  nb::list all;
  for (const Rules* r : rules) {
    nb::list names;
    for (const std::string& name : r->names) names.append(name);
    all.append(nb::make_tuple(std::string(r->class_name), to_python(r->options()), names));
  }
  return all;
}

template <class T> T made_from(nb::handle description) {
  T object;
  from_config(config_from(description), object);
  return object;
}

/// Reads a description and writes it as files have it: checks options, fills in defaults.
template <class T> nb::object completed(nb::handle description) { return to_python(to_config(made_from<T>(description))); }

}  // namespace

void bind_choices(nb::module_& m) {
  m.def("initializer_classes", [] { return listed(initializer_classes()); });
  m.def("regularizer_classes", [] { return listed(regularizer_classes()); });
  m.def("constraint_classes", [] { return listed(constraint_classes()); });
  m.def("optimizer_classes", [] { return listed(optimizer_classes()); });
  m.def("schedule_classes", [] { return listed(schedule_classes()); });
  m.def("loss_classes", [] { return listed(all_losses()); });
  m.def("metric_classes", [] { return listed(all_metrics()); });

  m.def("complete_initializer", &completed<Initializer>);
  m.def("complete_regularizer", &completed<Regularizer>);
  m.def("complete_constraint", &completed<Constraint>);
  m.def("complete_optimizer", &completed<Optimizer>);
  m.def("complete_schedule", &completed<LearningRate>);
  m.def("complete_loss", &completed<Loss>);
  m.def("complete_metric", &completed<Metric>);
  m.def("optimizer_excluding", [](nb::handle description, nb::handle names, nb::handle paths) {
    const auto strings = [](nb::handle list) {
      std::vector<std::string> all;
      for (const nb::handle item : list) all.push_back(nb::cast<std::string>(item));
      return all;
    };
    return Held{Config::holding(made_from<Optimizer>(description).exclude_from_weight_decay(strings(names), strings(paths)))};
  }, "The optimizer, whose weight decay leaves out weights of these names and paths: in the place of its description.");
  m.def("activation_name", [](nb::handle description) { return made_from<Activation>(description).name(); });
  m.def("initialize", [](nb::handle description, nb::handle shape, nb::handle dtype, uint64_t seed, uint64_t stream) {
    return to_numpy(made_from<Initializer>(description)(shape_from(shape), dtype_from(dtype), seed, stream));
  });
  m.def("schedule_at", [](nb::handle description, int64_t step) { return made_from<LearningRate>(description).at(step); });
}

}  // namespace cornu::python
