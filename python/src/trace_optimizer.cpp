// Optimizers written in Python: update_step() runs once for each weight while a training step is traced.
#include "cornu/optimizers/optimizers.h"
#include "described.h"
#include "eager.h"

namespace cornu::python {
namespace {

/// `variable` and `slots` stand for each weight in turn, and for what is kept for it.
struct PythonOptimizer {
  LearningRate learning_rate = 0.001;
  std::optional<double> weight_decay = {};
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "optimizer";
  Reference self;
  Description description = {};
  static constexpr std::string_view class_name = described_by_itself;
  CORNU_FIELDS(description)
  std::shared_ptr<VariableState> variable, iterations;
  std::vector<std::shared_ptr<VariableState>> kept = {};

  std::vector<std::vector<std::string_view>> slots() const {
    std::vector<std::string_view> names;
    for (const auto& v : kept) names.push_back(v->name);
    return {names};
  }

  Value operator()(WeightUpdate& u) const {
    const nb::gil_scoped_acquire gil;
    Tracing tracing(*u.weight.graph);
    const std::shared_ptr<Trace>& trace = tracing.trace();
    variable->type = u.weight.type();
    trace->variables[variable.get()] = u.weight;
    trace->variables[iterations.get()] = cast(u.step, DType::int64) - 1;
    std::vector<Value> slot_values;
    for (const auto& v : kept) {
      v->type = u.weight.type();
      slot_values.push_back(u.slot(v->name));
      trace->variables[v.get()] = slot_values.back();
    }
    for (const auto& v : kept) trace->assigned.erase(v.get());
    trace->assigned.erase(variable.get());
    self.get().attr("update_step")(to_python(AnyTensor(u.gradient, trace)), nb::cast(variable), to_python(AnyTensor(u.learning_rate, trace)));
    for (size_t i = 0; i < kept.size(); ++i)
      if (const auto next = trace->assigned.find(kept[i].get()); next != trace->assigned.end()) u.set(slot_values[i], next->second);
    const auto next = trace->assigned.find(variable.get());
    return next == trace->assigned.end() ? u.weight : next->second;
  }
};

}  // namespace

void bind_trace_optimizer(nb::module_& m) {
  m.def("python_optimizer", [](nb::handle self, nb::dict options, const std::shared_ptr<VariableState>& variable, const std::shared_ptr<VariableState>& iterations, nb::list slots) {
    PythonOptimizer o;
    o.self = Reference(self);
    o.description = {o.self};
    o.variable = variable, o.iterations = iterations;
    for (const nb::handle s : slots) o.kept.push_back(nb::cast<std::shared_ptr<VariableState>>(s));
    const Config c = config_from(options);
    from_config(c["learning_rate"], o.learning_rate);
    from_config(c["weight_decay"], o.weight_decay);
    from_config(c["clipnorm"], o.clipnorm);
    from_config(c["clipvalue"], o.clipvalue);
    from_config(c["global_clipnorm"], o.global_clipnorm);
    from_config(c["ema_overwrite_frequency"], o.ema_overwrite_frequency);
    from_config(c["loss_scale_factor"], o.loss_scale_factor);
    from_config(c["gradient_accumulation_steps"], o.gradient_accumulation_steps);
    if (!c["use_ema"].is_null()) from_config(c["use_ema"], o.use_ema);
    if (!c["ema_momentum"].is_null()) from_config(c["ema_momentum"], o.ema_momentum);
    if (!c["name"].is_null()) from_config(c["name"], o.name);
    return nb::cast(Held{Config::holding(Optimizer(std::move(o)))});
  });
}

}  // namespace cornu::python
