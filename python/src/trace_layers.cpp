// Layers and models written in Python: their call() runs while a graph is traced. And layers called on tensors that are there.
#include "cornu/base/random.h"
#include "cornu/compiler/compile.h"
#include "cornu/layers/named_in_files.h"
#include "cornu/layers/wiring.h"
#include "cornu/nn/choice.h"
#include "cornu/nn/symbol_call.h"
#include "cornu/train/model_state.h"
#include "eager.h"

namespace cornu::python {
namespace {

nb::object several(const std::vector<Value>& values, const std::shared_ptr<Trace>& trace) {
  nb::list list;
  for (const Value v : values) list.append(to_python(AnyTensor(v, trace)));
  return list;
}

/// self._trace_call(inputs, tensors by keyword, options, training, masks of the inputs): a list of tensors, and the mask of the
/// first or None. Python's half is in keras/_custom.py.
template <class Self> std::vector<Value> traced(const Self& self, const std::vector<Value>& in, Scope& scope) {
  const nb::gil_scoped_acquire gil;
  const Tracing tracing(scope);
  const std::shared_ptr<Trace>& trace = tracing.trace();
  nb::dict tensors;
  for (const auto& [name, values] : scope.call().values) tensors[name.c_str()] = values.size() == 1 && name != "initial_state" ? to_python(AnyTensor(values[0], trace)) : several(values, trace);
  nb::list masks;
  for (const Value v : in) {
    const auto mask = scope.mask(v);
    masks.append(mask ? to_python(AnyTensor(*mask, trace)) : nb::object(nb::none()));
  }
  const nb::object out = self().attr("_trace_call")(several(in, trace), tensors, to_python(scope.call().options), scope.training(), masks);
  std::vector<Value> values;
  Graph& graph = in.empty() ? scope.graph() : innermost_graph(in, "a layer");
  for (const nb::handle v : nb::object(out[0])) values.push_back(value_in(graph, v));
  if (const nb::object mask = out[1]; !mask.is_none())
    for (const Value v : values) scope.set_mask(v, value_in(graph, mask));
  return values;
}

/// How files name the class of an object of Python's.
template <class Self> std::optional<NamedInFiles::Names> names_of_class(const Self& self) {
  const nb::gil_scoped_acquire gil;
  const nb::object names = nb::module_::import_("cornu.keras.saving").attr("names_in_files")(self());
  if (names.is_none()) return {};
  return NamedInFiles::Names{config_from(names[0]), config_from(names[1])};
}

template <class Self> std::vector<NamedInFiles::Part> parts_of_object(const Self& self) {
  const nb::gil_scoped_acquire gil;
  std::vector<NamedInFiles::Part> parts;
  const nb::object found = nb::module_::import_("cornu.keras.saving").attr("parts_in_files")(self());
  for (const nb::handle part : found) parts.push_back({nb::cast<std::string>(part[0]), nb::cast<const Layer&>(nb::object(part[1]))});
  return parts;
}

/// A subclass of Layer, whose object holds the handle; or an op with its options, which the handle holds. Handles that wiring holds
/// keep the object: see kept().
struct PythonLayer final : LayerInterface, NamedInFiles {
  Reference own;
  Acquaintance known;
  std::string name;
  bool masking = false, separate = false;

  nb::object self() const { return own ? own.get() : known.get(name); }
  std::vector<Value> call(const std::vector<Value>& in, Scope& scope) const override {
    return traced([this] { return self(); }, in, scope);
  }
  std::string_view class_name() const override { return name; }
  Config fields() const override {
    const nb::gil_scoped_acquire gil;
    return config_from(self().attr("_fields")());
  }
  bool supports_masking() const override { return masking; }
  bool separate_inputs() const override { return separate; }
  std::optional<Names> names_in_files() const override { return names_of_class([this] { return self(); }); }
  std::vector<Part> parts_in_files() const override { return parts_of_object([this] { return self(); }); }
};

/// A subclass of Model with a call() of its own, whose object holds this.
class PythonWiring final : public Wiring, public NamedInFiles {
 public:
  PythonWiring(nb::handle self, std::string class_name) : self_(self), class_name_(std::move(class_name)) {}

  std::vector<Value> trace(std::vector<Value> inputs, Scope& scope) const override {
    std::vector<Value> out = traced([this] { return self(); }, inputs, scope);
    const nb::gil_scoped_acquire gil;
    find_layers();
    outputs_.clear();
    for (const nb::handle name : nb::object(self().attr("_output_names")(out.size()))) outputs_.push_back(nb::cast<std::string>(name));
    return out;
  }
  const std::vector<Layer>& layers() const override {
    if (layers_.empty()) {
      const nb::gil_scoped_acquire gil;
      find_layers();
    }
    return layers_;
  }
  const std::vector<std::string>& names() const override { return layers(), names_; }
  std::vector<Entry> entries() const override {
    std::vector<Entry> all;
    for (const Layer& l : layers()) all.push_back({l.name(), l});
    return all;
  }
  bool is_graph() const override { return false; }
  std::optional<std::vector<Input>> inputs() const override { return {}; }
  std::vector<std::string> input_names() const override { return inputs_; }
  std::vector<std::string> output_names() const override { return outputs_; }
  int64_t calls() const override { return 1; }
  std::string_view class_name() const override { return class_name_; }
  Config config(const std::string&, bool) const override {
    const nb::gil_scoped_acquire gil;
    return config_from(self().attr("get_config")());
  }
  std::optional<Names> names_in_files() const override { return names_of_class([this] { return self(); }); }
  std::vector<Part> parts_in_files() const override { return parts_of_object([this] { return self(); }); }
  void set_inputs(std::vector<std::string> names) { inputs_ = std::move(names); }

 private:
  nb::object self() const { return self_.get(class_name_); }
  void find_layers() const {
    layers_.clear(), names_.clear();
    for (const nb::handle item : nb::object(self().attr("_handles")())) {
      layers_.push_back(nb::cast<const Layer&>(nb::object(item[1])));
      if (layers_.back().name().empty()) layers_.back().suggest_name(free_name(layers_.back()));
      names_.push_back(layers_.back().name());
    }
  }
  std::string free_name(const Layer& layer) const {
    std::string name = snake_case(layer.class_name());
    for (int i = 1; std::find(names_.begin(), names_.end(), name) != names_.end(); ++i) name = text(snake_case(layer.class_name()), "_", i);
    return name;
  }
  Acquaintance self_;
  std::string class_name_;
  std::vector<std::string> inputs_ = {"input"};
  mutable std::vector<Layer> layers_;  // attributes, as they were last looked at
  mutable std::vector<std::string> names_, outputs_ = {"output"};
};

/// The memory of a weight that a layer declared: its layers', or new.
std::shared_ptr<WeightMemory> memory_for(const cornu::Variable& v, bool transposed) {
  std::shared_ptr<WeightMemory> memory;
  for (const WeightOwner& o : v.owners)
    if (!memory) memory = o.weights->find(o.path);
  if (!memory) {
    Direct& d = direct();
    memory = std::make_shared<WeightMemory>(v.initializer(v.type.shape, v.type.dtype, d.seed, hash_name(text(v.path, d.draws++))), transposed);
  }
  require<ShapeError>(memory->type() == v.type, v.path, ": the layer has a ", memory->type(), " already, and these inputs ask for a ", v.type);
  for (const WeightOwner& o : v.owners) o.weights->add(o.path, memory);
  return memory;
}

struct Called {
  std::vector<AnyTensor> outputs, losses;
  std::vector<AnyTensor> masks;  // of each output; empty ones where there are none
};

/// A layer on tensors that are there: its ops are put off, its weights read from where they are.
Called call_directly(const Layer& layer, const std::vector<AnyTensor>& in, const std::vector<AnyTensor>& in_masks, const CallArguments& arguments, const std::map<std::string, std::vector<AnyTensor>>& tensors, bool training) {
  std::vector<Lazy> given;
  for (const AnyTensor& x : in) given.push_back(x.lazy);
  for (const AnyTensor& x : in_masks)
    if (x.lazy) given.push_back(x.lazy);
  for (const auto& [name, list] : tensors)
    for (const AnyTensor& x : list) given.push_back(x.lazy);
  std::map<std::string, std::shared_ptr<WeightMemory>> memories;
  std::vector<std::string> assigned;
  std::vector<std::shared_ptr<VariableState>> changed;  // by assign() in a call() of Python's
  size_t outputs = 0, losses = 0;
  std::vector<bool> masked;
  const std::vector<Lazy> all = direct().eager.apply(given, [&](Graph& g, Values v) {
    Scope scope(g, {.training = training});
    const Tracing tracing(scope);
    tracing.trace()->direct = true;
    size_t next = in.size();
    for (size_t i = 0; i < in_masks.size(); ++i)
      if (in_masks[i].lazy) scope.set_mask(v[i], v[next++]);
    CallArguments full = arguments;
    for (const auto& [name, list] : tensors)
      for (size_t i = 0; i < list.size(); ++i) full.values[name].push_back(v[next++]);
    if (const auto mask = full.values.find("mask"); mask != full.values.end() && mask->second.size() == in.size())
      for (size_t i = 0; i < in.size(); ++i) scope.set_mask(v[i], mask->second[i]);
    std::vector<Value> out = layer({v.begin(), v.begin() + static_cast<std::ptrdiff_t>(in.size())}, scope, full);
    outputs = out.size();
    for (size_t i = 0; i < outputs; ++i) {
      const auto mask = scope.mask(out[i]);
      masked.push_back(mask.has_value());
      if (mask) out.push_back(*mask);
    }
    losses = scope.losses().size();
    out.insert(out.end(), scope.losses().begin(), scope.losses().end());
    scope.finish();
    const std::set<std::string> transposed = choose_transposed_states(g);
    for (const cornu::Variable& w : scope.variables()) memories[w.path] = memory_for(w, transposed.contains(w.path));
    for (const cornu::Variable& w : scope.carried_variables())
      throw UnsupportedError(text(w.path, ": a stateful layer keeps what batches leave to each other in a model; call the model's fit or predict"));
    for (const Assignment& a : g.assignments) assigned.push_back(g[a.state].name), out.push_back(a.value);
    for (const auto& [key, state] : tracing.trace()->changed) changed.push_back(state), out.push_back(tracing.trace()->assigned.at(key));
    return out;
  }, [&](const std::string& name, const TensorType&) {
    if (name == random_key_state) return next_key();
    return direct().eager.read(lazy_of(memories.at(name)));
  });
  Called called;
  size_t next = 0;
  while (next < outputs) called.outputs.emplace_back(all[next++]);
  for (const bool m : masked) called.masks.push_back(m ? AnyTensor(all[next++]) : AnyTensor());
  for (size_t i = 0; i < losses; ++i) called.losses.emplace_back(all[next++]);
  std::vector<LazyAssignment> updates;
  for (const std::string& name : assigned) updates.push_back({lazy_of(memories.at(name)), all[next++]});
  for (const auto& v : changed) updates.push_back({v->lazy(), all[next++]});
  if (!updates.empty()) direct().eager.evaluate({}, updates);
  return called;
}

std::vector<AnyTensor> tensors_from(nb::handle object) {
  if (PyList_Check(object.ptr()) || PyTuple_Check(object.ptr())) {
    std::vector<AnyTensor> all;
    for (const nb::handle item : object) all.push_back(any_tensor(item));
    return all;
  }
  return {any_tensor(object)};
}

/// layer(inputs, **tensors, **options): the outputs, the masks of these (None where there is none), and what was added to the loss.
nb::tuple call_on_tensors(const Layer& layer, nb::list inputs, nb::dict keyword_tensors, nb::handle options, bool training) {
  const std::vector<AnyTensor> in = tensors_from(inputs);
  std::map<std::string, std::vector<AnyTensor>> tensors;
  for (const auto& [name, value] : keyword_tensors) tensors[nb::str(name).c_str()] = tensors_from(value);
  CallArguments arguments;
  arguments.options = config_from(options);
  if (arguments.options.is_null()) arguments.options = Config::dict();
  std::shared_ptr<Trace> trace = Tracing::current();
  for (const AnyTensor& x : in)
    if (x.traced()) x.type(), trace = x.trace;
  nb::list outputs, masks, losses;
  if (!trace) {
    std::vector<AnyTensor> in_masks;
    for (const nb::handle x : inputs) in_masks.push_back(nb::hasattr(x, "_keras_mask") && !nb::object(x.attr("_keras_mask")).is_none() ? any_tensor(x.attr("_keras_mask")) : AnyTensor());
    Called called = call_directly(layer, in, in_masks, arguments, tensors, training);
    for (AnyTensor& x : called.outputs) outputs.append(to_python(std::move(x)));
    for (AnyTensor& x : called.masks) masks.append(x.lazy ? to_python(std::move(x)) : nb::object(nb::none()));
    for (AnyTensor& x : called.losses) losses.append(to_python(std::move(x)));
    return nb::make_tuple(outputs, masks, losses);
  }
  if (!trace->scope) throw nb::type_error(text(users_line(), ": a layer is called inside of a loss, a metric or an activation, which own no weights; call it in a Model's or Layer's call() and give the result to add_loss").c_str());
  Graph& graph = *trace->graph;
  const auto value = [&](const AnyTensor& x) { return value_in(graph, x); };
  std::vector<Value> values;
  for (const AnyTensor& x : in) values.push_back(value(x));
  for (const auto& [name, list] : tensors)
    for (const AnyTensor& x : list) arguments.values[name].push_back(value(x));
  if (const auto mask = arguments.values.find("mask"); mask != arguments.values.end() && mask->second.size() == values.size())
    for (size_t i = 0; i < values.size(); ++i) trace->scope->set_mask(values[i], mask->second[i]);
  for (const Value v : layer(values, *trace->scope, arguments)) {
    outputs.append(to_python(AnyTensor(v, trace)));
    const auto mask = trace->scope->mask(v);
    masks.append(mask ? to_python(AnyTensor(*mask, trace)) : nb::object(nb::none()));
  }
  return nb::make_tuple(outputs, masks, losses);
}

/// The weights of the layer that is being traced, as it declared them with add_weight.
void declare(nb::list variables, nb::handle of_model) {
  const std::shared_ptr<Trace> trace = Tracing::current();
  ensure(trace && trace->scope, "weights are declared in a trace");
  const auto all = [&] {
    for (const nb::handle item : variables) {
      const auto v = nb::cast<std::shared_ptr<VariableState>>(item);
      trace->variables[v.get()] = trace->scope->weight(v->path, v->type.shape, v->initializer, v->options);
    }
  };
  if (of_model.is_none()) return all();
  if (nb::len(variables) == 0) return;
  const Layer& layer = nb::cast<const Layer&>(of_model);
  trace->scope->inside(layer.name(), true, [&] {
    const Scope::Owned owned(*trace->scope, layer.weights(), layer.class_name());
    all();
    return true;
  });
}

/// A weight of a layer, or of nobody: what a metric or an optimizer keeps.
std::shared_ptr<VariableState> new_weight(nb::handle layer, const std::string& path, nb::handle shape, nb::handle dtype, nb::handle initializer, nb::handle regularizer, nb::handle constraint, bool trainable) {
  auto v = std::make_shared<VariableState>();
  v->name = v->path = path;
  if (!layer.is_none()) v->layer = nb::cast<const Layer&>(layer).weights();
  v->type = {dtype.is_none() ? DType::float32 : dtype_from(dtype), shape_from(shape)};
  require<ShapeError>(v->type.shape.is_known(), "the weight '", path, "' cannot have shape ", v->type.shape, ": an axis is not known. Make it from axes that are, such as input_shape[-1]");
  from_config(config_from(initializer), v->initializer);
  from_config(config_from(regularizer), v->options.regularizer);
  from_config(config_from(constraint), v->options.constraint);
  v->options.trainable = trainable;
  return v;
}

struct WeakSymbol {
  std::weak_ptr<const SymbolCall> call;
  int output;
  explicit WeakSymbol(const Symbol& s) : call(s.call()), output(s.output()) {}
  nb::object get() const {
    const auto present = call.lock();
    return present ? nb::cast(Symbol(present, output)) : nb::object(nb::none());
  }
};

PythonWiring& wiring_of(Model& model) {
  auto* wiring = dynamic_cast<PythonWiring*>(model.state().wiring.get());
  require(wiring != nullptr, "the model '", model.name(), "' has no call() of its own");
  return *wiring;
}

}  // namespace

void bind_trace_layers(nb::module_& m) {
  m.def("python_layer", [](nb::handle self, const std::string& class_name, const std::string& name, bool trainable, bool masking, bool separate, bool keep) {
    auto layer = std::make_unique<PythonLayer>();
    if (keep) layer->own = Reference(self);
    else layer->known = Acquaintance(self);
    layer->name = class_name, layer->masking = masking, layer->separate = separate;
    return Layer::holding(std::move(layer), {.name = name, .trainable = trainable});
  }, nb::arg("self"), nb::arg("class_name"), nb::arg("name") = "", nb::arg("trainable") = true, nb::arg("supports_masking") = false, nb::arg("separate_inputs") = false, nb::arg("keep") = true,
        "The handle of a layer written in Python. It keeps the object, unless that keeps the handle.");
  m.def("kept", [](const Layer& layer, nb::handle self) {
    const auto owner = std::make_shared<Reference>(self);
    return layer.keeping(owner);
  }, "The handle for whoever goes on when nobody in Python holds the layer: it keeps the layer's object.");
  nb::class_<WeakSymbol>(m, "WeakSymbol", "A KerasTensor as long as something is wired with it.")
      .def(nb::init<const Symbol&>())
      .def("__call__", [](const WeakSymbol& w) { return w.get(); });
  m.def("python_model", [](nb::handle self, const std::string& class_name, const std::string& name) {
    return Model(std::make_unique<Model::State>(name, std::make_shared<PythonWiring>(self, class_name)));
  });
  m.def("set_input_names", [](Model& model, nb::list names) {
    std::vector<std::string> all;
    for (const nb::handle name : names) all.push_back(nb::cast<std::string>(name));
    wiring_of(model).set_inputs(std::move(all));
  });
  m.def("build_for", [](Model& model, nb::list inputs) {
    std::vector<TensorType> types;
    for (const nb::handle x : inputs) {
      types.push_back(any_tensor(x).type());
      require<ShapeError>(types.back().shape.rank() > 0, "a model takes a batch of samples; its first axis is the batch");
      types.back().shape[0] = Shape::unknown;
    }
    const Untraced directly;
    build_model(model.state(), types);
  }, "Makes the weights of a model with a call() of its own, for such inputs.");
  m.def("call_on_tensors", &call_on_tensors, nb::arg("layer"), nb::arg("inputs"), nb::arg("tensors"), nb::arg("options").none(), nb::arg("training"));
  m.def("declare", &declare, nb::arg("variables"), nb::arg("of_model").none() = nb::none());
  m.def("new_weight", &new_weight, nb::arg("layer").none(), nb::arg("path"), nb::arg("shape"), nb::arg("dtype").none(), nb::arg("initializer").none(), nb::arg("regularizer").none(), nb::arg("constraint").none(), nb::arg("trainable"));
  m.def("adopt", [](const std::shared_ptr<VariableState>& v, const Layer& layer, const std::string& path) {
    layer.weights()->add(path, v->memory());
    v->layer = layer.weights(), v->path = path;
  }, "Makes a Variable a weight of a layer.");
  m.def("add_loss", [](nb::handle loss) {
    const std::shared_ptr<Trace> trace = Tracing::current();
    if (!trace || !trace->scope) return false;
    const Value v = value_in(*trace->graph, loss);
    trace->scope->add_loss(v.shape().rank() == 0 ? v : sum(v));
    return true;
  }, "To the loss of the model being traced; False outside of a trace.");
  m.def("training", [] {
    const std::shared_ptr<Trace> trace = Tracing::current();
    return trace && trace->scope ? nb::object(nb::bool_(trace->scope->training())) : nb::object(nb::none());
  });
}

}  // namespace cornu::python
