// Losses, metrics and optimizers of C++'s, at work on tensors: what training loops written in Python are made of.
#include <nanobind/stl/optional.h>

#include <algorithm>

#include "cornu/optimizers/optimizers.h"
#include "host_call.h"

namespace cornu::python {
namespace {

template <class T> T made_from(nb::handle description) {
  T object;
  from_config(config_from(description), object);
  return object;
}

/// y_true, y_pred and the weight, as a loss takes them: predictions in floats.
std::vector<AnyTensor> judged(nb::handle y_true, nb::handle y_pred, nb::handle weight) {
  std::vector<AnyTensor> in = {any_tensor(y_true), any_tensor(y_pred)};
  if (!is_float(in[1].type().dtype)) in[1] = cast_to(in[1], DType::float32);
  if (in[0].type().dtype == DType::float64 && in[1].type().dtype != DType::float64) in[0] = cast_to(in[0], in[1].type().dtype);
  if (!weight.is_none()) in.push_back(cast_to(any_tensor(weight), in[1].type().dtype));
  return in;
}

AnyTensor apply_loss(nb::handle description, nb::handle y_true, nb::handle y_pred, nb::handle weight) {
  const Loss loss = made_from<Loss>(description);
  std::vector<AnyTensor> in = judged(y_true, y_pred, weight);
  std::optional<size_t> mask;
  if (nb::hasattr(y_pred, "_keras_mask") && !nb::object(y_pred.attr("_keras_mask")).is_none()) mask = in.size(), in.push_back(any_tensor(y_pred.attr("_keras_mask")));
  return apply_one(in, [&](Graph&, Values v) {
    const std::optional<Value> w = weight.is_none() ? std::nullopt : std::optional(v[2]);
    if (loss.reduction() == "none" || loss.reduction() == "sum_over_none") {
      const Value values = loss(v[0], v[1]);
      return w ? values * *w : values;
    }
    return loss.total(v[0], v[1], w, mask ? std::optional(v[*mask]) : std::nullopt);
  });
}

AnyTensor apply_loss_values(nb::handle description, nb::handle y_true, nb::handle y_pred) {
  const Loss loss = made_from<Loss>(description);
  return apply_one(judged(y_true, y_pred, nb::none()), [&](Graph&, Values v) { return loss(v[0], v[1]); });
}

std::shared_ptr<VariableState> kept(const std::string& name, const Tensor& initial, bool trainable = false) {
  auto v = std::make_shared<VariableState>();
  v->name = name;
  v->type = {initial.dtype(), initial.shape()};
  v->initializer = [initial](const Shape&, DType, uint64_t) { return initial; };
  v->options.trainable = trainable;
  return v;
}

/// What a metric keeps between calls of its update_state.
class DirectMetric {
 public:
  explicit DirectMetric(nb::handle description) : metric_(made_from<Metric>(description)) {}

  void update(nb::handle first, nb::handle second, nb::handle weight) {
    const bool values_only = metric_.class_name() == "Mean" || metric_.class_name() == "Sum";
    std::vector<AnyTensor> in;
    if (values_only) {
      in.push_back(any_tensor(first));
      if (!is_float(in[0].type().dtype)) in[0] = cast_to(in[0], DType::float32);
      const nb::handle w = weight.is_none() ? second : weight;
      if (!w.is_none()) in.push_back(cast_to(any_tensor(w), in[0].type().dtype));
    } else {
      require(!second.is_none(), metric_.name(), ".update_state takes y_true and y_pred");
      in = judged(first, second, weight);
    }
    if (states_.empty())
      for (const MetricState& s : values_only ? metric_.states() : metric_.states(in[1].type().shape)) keep(s);
    const size_t n = in.size();
    for (const auto& s : states_) {
      in.push_back(any_tensor(nb::cast(s)));
      if (in.back().traced()) throw nb::type_error("a metric's update_state cannot be traced");
    }
    const std::vector<AnyTensor> next = apply_op(in, [&](Graph&, Values v) {
      const Values states = v.subspan(n);
      if (values_only) return metric_.update(states, v[0], Value{}, n > 1 ? std::optional(v[1]) : std::nullopt);
      return metric_.update(states, v[0], v[1], n > 2 ? std::optional(v[2]) : std::nullopt);
    });
    std::vector<LazyAssignment> assignments;
    for (size_t i = 0; i < states_.size(); ++i) {
      require(!next[i].traced(), "a metric's update_state cannot be traced");
      assignments.push_back({states_[i]->lazy(), next[i].lazy});
    }
    direct().eager.evaluate({}, assignments);
  }

  AnyTensor result() {
    if (states_.empty()) {
      try {
        for (const MetricState& s : metric_.states()) keep(s);
      } catch (const UnsupportedError&) {
        return Lazy(Tensor());  // it keeps numbers for classes that it has not seen yet
      }
    }
    std::vector<AnyTensor> states;
    std::vector<Tensor> numbers;
    for (const auto& s : states_) states.push_back(direct().eager.read(s->lazy()));
    if (recording()) return host_call(states, {DType::float32, metric_.results(initial_).shape()}, [metric = metric_](const std::vector<Tensor>& now) { return metric.results(now).cast(DType::float32); });
    for (const AnyTensor& s : states) numbers.push_back(direct().eager.value(s.lazy));
    return Lazy(metric_.results(numbers).cast(DType::float32));
  }

  /// In place: a step that was recorded goes on with these states.
  void reset() {
    std::vector<LazyAssignment> first;
    for (size_t i = 0; i < states_.size(); ++i) first.push_back({states_[i]->lazy(), Lazy(initial_[i])});
    if (!first.empty()) direct().eager.evaluate({}, first);
  }
  nb::list variables() const {
    nb::list list;
    for (const auto& s : states_) list.append(nb::cast(s));
    return list;
  }
  std::string name() const { return metric_.name(); }

 private:
  void keep(const MetricState& s) {
    states_.push_back(kept(s.name, s.initial));
    initial_.push_back(s.initial);
  }
  Metric metric_;
  std::vector<std::shared_ptr<VariableState>> states_;
  std::vector<Tensor> initial_;
};

/// An optimizer with what it keeps, for apply_gradients.
class DirectOptimizer {
 public:
  explicit DirectOptimizer(nb::handle description) : optimizer_(made_from<Optimizer>(description)) {}

  void apply(nb::list gradients, nb::list variables) {
    require(nb::len(gradients) == nb::len(variables), "apply takes as many gradients as variables: ", nb::len(gradients), " and ", nb::len(variables), " were given");
    std::vector<std::shared_ptr<VariableState>> weights;
    std::vector<AnyTensor> slopes;
    for (size_t i = 0; i < nb::len(variables); ++i) {
      if (nb::object(gradients[i]).is_none()) continue;
      auto v = as_variable(variables[i]);
      require(v != nullptr, "apply takes Variables, such as model.trainable_variables");
      slopes.push_back(cast_to(any_tensor(gradients[i]), v->type.dtype));
      require(!slopes.back().traced(), "an optimizer is applied outside of what is traced");
      require<ShapeError>(slopes.back().type().shape == v->type.shape, "the gradient of '", v->name, "' has shape ", slopes.back().type().shape, ", and the variable ", v->type.shape);
      weights.push_back(std::move(v));
    }
    require(!weights.empty(), "No gradients provided for any variable: none of them leads to the loss, or the loss was computed outside of the tape");
    WeightTypes types;
    for (const auto& v : weights) types.emplace_back(path_of(*v), v->type);
    for (const OptimizerVariable& o : optimizer_.variables(types))
      if (!slots_.contains(o.path)) slots_.emplace(o.path, kept(o.path, Constant{o.initial}(o.type.shape, o.type.dtype, 0)));
    std::vector<Lazy> in;
    for (const auto& v : weights) in.push_back(direct().eager.read(v->lazy()));
    for (const AnyTensor& s : slopes) in.push_back(s.lazy);
    std::vector<std::shared_ptr<LazyVariable>> targets;
    const std::vector<Lazy> next = direct().eager.apply(in, [&](Graph& g, Values v) {
      std::vector<TrainableWeight> all;
      for (size_t i = 0; i < weights.size(); ++i) all.push_back({types[i].first, v[i], v[weights.size() + i], weights[i]->options.constraint});
      std::vector<Value> values;
      for (const Assignment& a : optimizer_.step(g, all)) {
        const auto weight = std::find(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(weights.size()), a.state);
        targets.push_back(weight != v.begin() + static_cast<std::ptrdiff_t>(weights.size()) ? weights[static_cast<size_t>(weight - v.begin())]->lazy() : slots_.at(g[a.state].name)->lazy());
        values.push_back(a.value);
      }
      return values;
    }, [&](const std::string& name, const TensorType&) { return direct().eager.read(slots_.at(name)->lazy()); });
    std::vector<LazyAssignment> assignments;
    for (size_t i = 0; i < next.size(); ++i) assignments.push_back({targets[i], next[i]});
    direct().eager.evaluate({}, assignments);
  }

  int64_t iterations() {
    const auto found = slots_.find(Optimizer::iteration_path);
    return found == slots_.end() ? 0 : optimizer_.iterations(static_cast<int64_t>(number(*found->second)));
  }
  /// While something is recorded: what these will be in each run, as far as the optimizer keeps them.
  nb::object recorded(const char* path) {
    const auto found = slots_.find(path);
    return found == slots_.end() || !recording() ? nb::none() : to_python(AnyTensor(direct().eager.read(found->second->lazy())));
  }
  std::optional<double> learning_rate() {
    const auto found = slots_.find(Optimizer::learning_rate_path);
    if (found == slots_.end()) return {};
    return number(*found->second);
  }
  void set_learning_rate(double rate) {
    if (optimizer_.options().learning_rate.scheduled()) throw UnsupportedError("the learning rate follows a schedule, and cannot be set");
    auto [found, added] = slots_.try_emplace(Optimizer::learning_rate_path, nullptr);
    if (added) found->second = kept(Optimizer::learning_rate_path, Tensor::scalar(static_cast<float>(rate)));
    else direct().eager.evaluate({}, {{found->second->lazy(), Lazy(Tensor::scalar(static_cast<float>(rate)))}});
  }
  nb::list variables() const {
    nb::list list;
    for (const auto& [path, v] : slots_) list.append(nb::cast(v));
    return list;
  }

 private:
  double number(VariableState& v) {
    const Untraced directly;
    return direct().eager.value(direct().eager.read(v.lazy())).at(0);
  }
  /// By the memory: two Variables of one weight are one.
  const std::string& path_of(VariableState& v) {
    const auto [found, added] = paths_.try_emplace(v.memory(), std::string());
    if (added) found->second = text("v", paths_.size(), "/", v.name);
    return found->second;
  }

  Optimizer optimizer_;
  std::map<std::string, std::shared_ptr<VariableState>> slots_;
  std::map<std::shared_ptr<WeightMemory>, std::string> paths_;
};

}  // namespace

void bind_objects(nb::module_& m) {
  m.def("apply_loss", &apply_loss, nb::arg("loss"), nb::arg("y_true"), nb::arg("y_pred"), nb::arg("sample_weight").none() = nb::none());
  m.def("apply_loss_values", &apply_loss_values);
  m.def("apply_regularizer", [](nb::handle description, nb::handle x) {
    return apply_one({any_tensor(x)}, [r = made_from<Regularizer>(description)](Graph&, Values v) { return r ? r(v[0]) : scalar(v[0], 0); });
  });
  m.def("apply_constraint", [](nb::handle description, nb::handle x) {
    return apply_one({any_tensor(x)}, [c = made_from<Constraint>(description)](Graph&, Values v) { return c ? c(v[0]) : v[0]; });
  });
  nb::class_<DirectMetric>(m, "MetricState", "A metric with what it keeps.")
      .def(nb::init<nb::handle>())
      .def("update", &DirectMetric::update, nb::arg("y_true"), nb::arg("y_pred").none() = nb::none(), nb::arg("sample_weight").none() = nb::none())
      .def("result", &DirectMetric::result)
      .def("reset", &DirectMetric::reset)
      .def("variables", &DirectMetric::variables)
      .def_prop_ro("name", &DirectMetric::name);
  nb::class_<DirectOptimizer>(m, "DirectOptimizer", "An optimizer with what it keeps.")
      .def(nb::init<nb::handle>())
      .def("apply", &DirectOptimizer::apply)
      .def("variables", &DirectOptimizer::variables)
      .def("recorded_iterations", [](DirectOptimizer& o) { return o.recorded(Optimizer::iteration_path); })
      .def("recorded_learning_rate", [](DirectOptimizer& o) { return o.recorded(Optimizer::learning_rate_path); })
      .def_prop_ro("iterations", &DirectOptimizer::iterations)
      .def_prop_rw("learning_rate", &DirectOptimizer::learning_rate, &DirectOptimizer::set_learning_rate);
}

}  // namespace cornu::python
