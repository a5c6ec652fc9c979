// fit, evaluate, predict and their likes on one batch. The GIL is free while numbers are computed.
#include "callbacks.h"
#include "cornu/train/model_state.h"
#include "data.h"
#include "running.h"

namespace cornu::python {

Verbose verbose_from(nb::handle v) {
  if (PyBool_Check(v.ptr())) return Verbose(v.ptr() == Py_True);
  return PyLong_Check(v.ptr()) ? Verbose(nb::cast<int>(v)) : Verbose(nb::cast<std::string_view>(v));
}

std::optional<int64_t> count_from(nb::handle v) {
  if (v.is_none()) return {};
  return nb::cast<int64_t>(nb::int_(nb::borrow(v)));
}

nb::tuple to_python(const History& history) {
  nb::dict series;
  for (const auto& [name, values] : history.history) {
    nb::list list;
    for (const double v : values) list.append(v);
    series[name.c_str()] = list;
  }
  nb::list epochs;
  for (const int e : history.epoch) epochs.append(e);
  return nb::make_tuple(series, epochs, history.params.steps ? nb::object(nb::int_(*history.params.steps)) : nb::object(nb::none()));
}

namespace {

/// (source, steps) of batches, or (x, y, sample_weight) of arrays: what Python's half of fit makes of its data.
struct Data {
  TensorGroup x, y, weight;
  std::optional<Source> source;
};

Data data_from(nb::handle data, Model& model, const std::map<int64_t, double>& class_weight, std::string_view what) {
  if (nb::len(data) == 2) return {.source = source_from(data[0], data[1], model, class_weight, what)};
  return {.x = group_from(data[0], model), .y = group_from(data[1], model), .weight = group_from(data[2], model)};
}

nb::tuple fit(Model& model, nb::handle data, nb::dict o, nb::handle self) {
  const auto class_weight = class_weight_from(o["class_weight"]);
  Data given = data_from(data, model, class_weight, "fit");
  FitOptions options{.epochs = nb::cast<int>(o["epochs"]), .verbose = verbose_from(o["verbose"]), .callbacks = callbacks_from(o["callbacks"], self)};
  if (const auto size = count_from(o["batch_size"])) options.batch_size = *size;
  options.validation_split = nb::cast<double>(o["validation_split"]);
  if (const nb::object validation = o["validation_data"]; !validation.is_none()) {
    Data v = data_from(validation, model, {}, "validation_data");
    if (v.source) options.validation_data.emplace(std::move(*v.source));
    else options.validation_data.emplace(std::move(v.x), std::move(v.y), std::move(v.weight));
  }
  options.shuffle = nb::cast<bool>(nb::bool_(o["shuffle"]));
  options.class_weight = class_weight;
  options.sample_weight = given.weight;
  options.initial_epoch = nb::cast<int>(o["initial_epoch"]);
  options.steps_per_epoch = count_from(o["steps_per_epoch"]);
  options.validation_steps = count_from(o["validation_steps"]);
  options.validation_batch_size = count_from(o["validation_batch_size"]);
  options.validation_freq = nb::cast<int>(o["validation_freq"]);
  options.console = &python_console();
  settle_readings();
  const History history = without_gil([&] {
    FitOptions own = std::move(options);
    if (given.source) return model.fit(std::move(*given.source), std::move(own));
    return model.fit(given.x, given.y, std::move(own));
  });
  return to_python(history);
}

nb::dict evaluate(Model& model, nb::handle data, nb::dict o, nb::handle self) {
  Data given = data_from(data, model, {}, "evaluate");
  EvaluateOptions options{.verbose = verbose_from(o["verbose"]), .sample_weight = given.weight, .callbacks = callbacks_from(o["callbacks"], self), .steps = count_from(o["steps"]), .console = &python_console()};
  if (const auto size = count_from(o["batch_size"])) options.batch_size = *size;
  return to_python(without_gil([&] {
    EvaluateOptions own = std::move(options);
    if (given.source) return model.evaluate(std::move(*given.source), std::move(own));
    return model.evaluate(given.x, given.y, std::move(own));
  }));
}

nb::list arrays(std::vector<Tensor> tensors) {
  nb::list list;
  for (Tensor& t : tensors) list.append(to_numpy(std::move(t)));
  return list;
}

nb::list predict(Model& model, nb::handle data, nb::dict o, nb::handle self) {
  Data given = data_from(data, model, {}, "predict");
  PredictOptions options{.verbose = verbose_from(o["verbose"]), .callbacks = callbacks_from(o["callbacks"], self), .steps = count_from(o["steps"]), .console = &python_console()};
  if (const auto size = count_from(o["batch_size"])) options.batch_size = *size;
  return arrays(without_gil([&] {
    PredictOptions own = std::move(options);
    if (given.source) return model.predict_all(std::move(*given.source), std::move(own));
    return model.predict_all(given.x, std::move(own));
  }));
}

nb::dict train_on_batch(Model& model, nb::handle x, nb::handle y, nb::handle weight, nb::handle class_weight) {
  const TensorGroup inputs = group_from(x, model), labels = group_from(y, model), weights = group_from(weight, model);
  const auto classes = class_weight_from(class_weight);
  settle_readings();
  return to_python(without_gil([&] { return model.train_on_batch(inputs, labels, weights, classes); }));
}

nb::dict test_on_batch(Model& model, nb::handle x, nb::handle y, nb::handle weight) {
  const TensorGroup inputs = group_from(x, model), labels = group_from(y, model), weights = group_from(weight, model);
  return to_python(without_gil([&] { return model.test_on_batch(inputs, labels, weights); }));
}

/// An array, or a list of those of several outputs.
nb::object predict_on_batch(Model& model, nb::handle x) {
  const bool one = model.state().output_shapes.size() == 1 && model.state().input_shapes.size() == 1;
  if (one && !PyDict_Check(x.ptr()) && !PyList_Check(x.ptr()) && !PyTuple_Check(x.ptr())) {
    const Tensor in = tensor_from(x, floats_of(model));
    return to_numpy(without_gil([&] { return model.predict_on_batch(in); }));
  }
  const TensorGroup inputs = group_from(x, model);
  return arrays(without_gil([&] { return model.predict_all_on_batch(inputs); }));
}

/// model(x) by the compiled step, where that is what it comes to: for one array, outside of traces and tapes, in no training. None
/// where it is not.
nb::object call_model(Model& model, nb::handle x) {
  const Model::State& s = model.state();
  if (s.output_shapes.size() != 1 || s.input_shapes.size() != 1 || Tracing::current() || recording() || direct().eager.recording()) return nb::none();
  std::optional<Tensor> in;
  if (nb::isinstance<AnyTensor>(x)) {
    const AnyTensor& tensor = nb::cast<const AnyTensor&>(x);
    if (const Tensor* known = tensor.traced() ? nullptr : tensor.lazy.known()) in = *known;
  } else if (PyObject_CheckBuffer(x.ptr())) {
    in = tensor_from(x, floats_of(model));
  }
  if (!in || in->shape().rank() == 0) return nb::none();
  return to_python(AnyTensor(Lazy(without_gil([&] { return model.predict_on_batch(*in); }))));
}

}  // namespace

void bind_running(nb::module_& m) {
  m.def("fit_model", &fit);
  m.def("evaluate_model", &evaluate);
  m.def("predict_model", &predict);
  m.def("train_on_batch_model", &train_on_batch, nb::arg(), nb::arg(), nb::arg().none(), nb::arg().none(), nb::arg().none());
  m.def("test_on_batch_model", &test_on_batch, nb::arg(), nb::arg(), nb::arg().none(), nb::arg().none());
  m.def("predict_on_batch_model", &predict_on_batch);
  m.def("call_model", &call_model);
}

}  // namespace cornu::python
