// What Python's functions and classes become: activations, initializers, regularizers, constraints, losses and metrics that are
// called while a graph is traced, and never again after it is compiled.
#include "described.h"
#include "eager.h"

namespace cornu::python {
namespace {

/// The one Value that f gives for these.
Value traced_call(const Reference& f, std::initializer_list<Value> in) {
  const nb::gil_scoped_acquire gil;
  Graph& graph = *in.begin()->graph;
  const std::shared_ptr<Trace> around = Tracing::current();
  std::optional<Tracing> own;
  if (!around || around->graph != &graph || around->over) own.emplace(graph);
  const std::shared_ptr<Trace> trace = own ? own->trace() : around;
  nb::list arguments;
  for (const Value v : in) arguments.append(to_python(AnyTensor(v, trace)));
  return value_in(graph, f.get()(*nb::tuple(arguments)));
}

struct PythonInitializer {
  Reference f;
  Description description = {f};
  static constexpr std::string_view class_name = described_by_itself;
  CORNU_FIELDS(description)
  Tensor operator()(const Shape& shape, DType dtype, uint64_t) const {
    const nb::gil_scoped_acquire gil;
    const Untraced directly;
    const nb::object made = f.get()(to_python(shape), nb::arg("dtype") = std::string(name_of(dtype)));
    const Tensor numbers = numbers_of(any_tensor(made), "an initializer").cast(dtype);
    require<ShapeError>(numbers.shape() == shape, "the initializer ", nb::repr(f.get()).c_str(), " was asked for a ", shape, " and gave a ", numbers.shape());
    return numbers;
  }
};

/// A loss, or a metric that is the mean of a function: f(y_true, y_pred), labels in the type of the predictions.
struct PythonLoss {
  Reference f;
  std::string name = "loss", reduction = "sum_over_batch_size";
  Description description = {f};
  static constexpr std::string_view class_name = described_by_itself;
  CORNU_FIELDS(description)
  Value operator()(Value y_true, Value y_pred) const { return traced_call(f, {y_true.dtype() == y_pred.dtype() ? y_true : cast(y_true, y_pred.dtype()), y_pred}); }
};
struct PythonMeanMetric {
  Reference f;
  std::string name = "metric";
  Description description = {f};
  static constexpr std::string_view class_name = described_by_itself;
  CORNU_FIELDS(description)
  Value operator()(Value y_true, Value y_pred) const {
    const Value v = traced_call(f, {y_true.dtype() == y_pred.dtype() ? y_true : cast(y_true, y_pred.dtype()), y_pred});
    return is_float(v.dtype()) ? v : cast(v, DType::float32);
  }
};

/// A Metric of Python's with update_state and result. `states` are its Variables, in the order in which it made them.
struct PythonMetric {
  Reference self;
  std::string name = "metric";
  std::vector<std::shared_ptr<VariableState>> variables = {};
  bool takes_weight = true;
  Description description = {self};
  static constexpr std::string_view class_name = described_by_itself;
  CORNU_FIELDS(description)

  std::vector<MetricState> states() const {
    std::vector<MetricState> all;
    for (const auto& v : variables) all.push_back({v->name, v->initializer(v->type.shape, v->type.dtype, 0, 0)});
    for (size_t i = 0; i < all.size(); ++i)
      for (size_t k = 0; k < i; ++k)
        if (all[k].name == all[i].name) all[i].name = text(variables[i]->name, "_", i);
    return all;
  }

  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const {
    const nb::gil_scoped_acquire gil;
    Graph& graph = *states[0].graph;
    Tracing tracing(graph);
    const std::shared_ptr<Trace>& trace = tracing.trace();
    for (size_t i = 0; i < variables.size(); ++i) trace->variables[variables[i].get()] = states[i], trace->assigned.erase(variables[i].get());
    nb::dict options;
    if (weight) {
      require<UnsupportedError>(takes_weight, "the metric '", name, "' takes no sample_weight in update_state, and was given one");
      options["sample_weight"] = to_python(AnyTensor(*weight, trace));
    }
    self.get().attr("update_state")(to_python(AnyTensor(y_true, trace)), to_python(AnyTensor(y_pred, trace)), **options);
    std::vector<Value> next;
    for (size_t i = 0; i < variables.size(); ++i) {
      const auto found = trace->assigned.find(variables[i].get());
      next.push_back(found == trace->assigned.end() ? states[i] : found->second);
    }
    return next;
  }

  double result(std::span<const Tensor> states) const {
    const nb::gil_scoped_acquire gil;
    const Untraced directly;
    for (size_t i = 0; i < variables.size(); ++i) {
      direct().eager.keep_readings(variables[i]->lazy());
      variables[i]->memory()->set(variables[i]->name, states[i]);
    }
    const Tensor number = numbers_of(any_tensor(self.get().attr("result")()), "result()");
    require<UnsupportedError>(number.size() == 1, "the metric '", name, "' gives a ", number.shape(), "; logs hold one number for each metric");
    return number.at(0);
  }
};

std::string name_of_callable(nb::handle f, const char* otherwise) {
  for (const char* key : {"name", "__name__"})
    if (nb::hasattr(f, key) && nb::isinstance<nb::str>(f.attr(key))) return nb::cast<std::string>(f.attr(key));
  return otherwise;
}

/// A regularizer or a constraint.
struct PythonFunction {
  Reference f;
  bool summed = false;
  Description description = {f};
  static constexpr std::string_view class_name = described_by_itself;
  CORNU_FIELDS(description)
  Value operator()(Value v) const {
    const Value y = traced_call(f, {v});
    return summed && y.shape().rank() > 0 ? sum(y) : y;
  }
};

template <class T> nb::object held(T object) { return nb::cast(Held{Config::holding(std::move(object))}); }

auto value_function(nb::handle f) {
  return [f = Reference(f)](Value v) { return traced_call(f, {v}); };
}

}  // namespace

void bind_trace(nb::module_& m) {
  m.def("python_activation", [](nb::handle f) { return held(Activation(value_function(f))); });
  m.def("python_regularizer", [](nb::handle f) { return held(Regularizer(PythonFunction{Reference(f), true})); });
  m.def("python_schedule", [](nb::handle f) { return held(LearningRate(value_function(f))); });
  m.def("python_constraint", [](nb::handle f) { return held(Constraint(PythonFunction{Reference(f)})); });
  m.def("python_initializer", [](nb::handle f) { return held(Initializer(PythonInitializer{Reference(f)})); });
  m.def("python_loss", [](nb::handle f, nb::handle name, const std::string& reduction) {
    return held(Loss(PythonLoss{Reference(f), name.is_none() ? name_of_callable(f, "loss") : nb::cast<std::string>(name), reduction}));
  }, nb::arg("f"), nb::arg("name") = nb::none(), nb::arg("reduction") = "sum_over_batch_size");
  m.def("python_metric", [](nb::handle f, nb::handle name) {
    return held(Metric(PythonMeanMetric{Reference(f), name.is_none() ? name_of_callable(f, "metric") : nb::cast<std::string>(name)}));
  }, nb::arg("f"), nb::arg("name") = nb::none());
  m.def("python_whole_metric", [](nb::handle self, const std::string& name, nb::list variables, bool takes_weight) {
    PythonMetric metric{Reference(self), name};
    metric.takes_weight = takes_weight;
    for (const nb::handle v : variables) metric.variables.push_back(nb::cast<std::shared_ptr<VariableState>>(v));
    require(!metric.variables.empty(), "the metric '", name, "' keeps nothing: make its variables in __init__, with self.add_variable(shape=(), initializer=\"zeros\", name=\"total\")");
    return held(Metric(metric));
  }, nb::arg("self"), nb::arg("name"), nb::arg("variables"), nb::arg("takes_weight") = true);
}

}  // namespace cornu::python
