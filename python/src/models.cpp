// Models: made of layers or Symbols, their parts, weights, descriptions and files.
#include "callbacks.h"
#include "cornu/layers/nested.h"
#include "cornu/train/model_file.h"

namespace cornu::python {
namespace {

SymbolGroup group(nb::handle object) {
  if (nb::isinstance<Symbol>(object)) return nb::cast<Symbol>(object);
  if (PyDict_Check(object.ptr())) {
    std::map<std::string, Symbol> dict;
    for (const auto& [name, symbol] : nb::borrow<nb::dict>(object)) dict.emplace(nb::str(name).c_str(), nb::cast<Symbol>(symbol));
    return dict;
  }
  std::vector<Symbol> list;
  for (const nb::handle item : object) list.push_back(nb::cast<Symbol>(item));
  return list;
}

nb::object ungrouped(const SymbolGroup& g) {
  if (g.kind == SymbolGroup::Kind::one) return nb::cast(g.symbols[0]);
  if (g.kind == SymbolGroup::Kind::dict) {
    nb::dict dict;
    for (size_t i = 0; i < g.symbols.size(); ++i) dict[g.keys[i].c_str()] = nb::cast(g.symbols[i]);
    return dict;
  }
  nb::list list;
  for (const Symbol& s : g.symbols) list.append(nb::cast(s));
  return list;
}

nb::list shapes(const std::vector<Shape>& list) {
  nb::list out;
  for (const Shape& s : list) out.append(to_python(s));
  return out;
}

nb::list strings(const std::vector<std::string>& list) {
  nb::list out;
  for (const std::string& s : list) out.append(s);
  return out;
}

nb::list layers(const Model& model) {
  nb::list out;
  for (const Layer& l : model.layers()) out.append(nb::cast(l));
  return out;
}

/// To sys.stdout, or the whole text once to print_fn.
void print_summary(const Model& model, nb::handle line_length, bool expand_nested, bool show_trainable, nb::handle print_fn) {
  SummaryOptions options{.show_trainable = show_trainable, .expand_nested = expand_nested, .columns = python_console().columns(), .colors = print_fn.is_none() ? python_console().colors() : 0};
  if (!line_length.is_none()) options.line_length = nb::cast<int>(line_length);
  const std::string table = model.summary_text(options);
  if (print_fn.is_none()) return python_console().print(table);
  print_fn(nb::str(table.c_str(), table.size()));
}

Model functional(nb::handle inputs, nb::handle outputs, const std::string& name, uint64_t seed, std::string_view policy) {
  auto state = std::make_unique<Model::State>(name, std::make_shared<Functional>(group(inputs), group(outputs)));
  state->seed = seed;
  state->policy = DtypePolicy::named(policy);
  Model model(std::move(state));
  build_if_input_is_known(model.state());
  return model;
}

/// The model of a layer that is one: it shares the weights.
Model model_of(const Layer& layer) {
  const auto wiring = wiring_of(layer);
  require(wiring != nullptr, "the layer '", layer.name(), "' is no model");
  auto state = std::make_unique<Model::State>(layer.name(), wiring);
  state->as_layer = layer;
  Model model(std::move(state));
  build_if_input_is_known(model.state());
  return model;
}

CompileConfig compile_config(nb::handle description) {
  CompileConfig config = compile_config_from(config_from(description));
  if (const nb::object threads = nb::borrow<nb::dict>(description).attr("get")("threads", 0); !threads.is_none()) config.threads = nb::cast<int>(threads);
  return config;
}

/// What compile was given, as files have it.
nb::object compiled(const Model& model) { return to_python(model_config(model.state())["compile_config"]); }

}  // namespace

void bind_models(nb::module_& m) {
  nb::class_<Model>(m, "Model", "A model.")
      .def_prop_ro("name", [](const Model& o) { return o.name(); })
      .def_prop_ro("class_name", [](const Model& o) { return std::string(o.state().wiring->class_name()); })
      .def_prop_ro("as_layer", [](const Model& o) { return Layer(o); })
      .def_prop_rw("trainable", &Model::trainable, &Model::set_trainable)
      .def("layers", &layers)
      .def("layer_names", [](const Model& o) { return strings(o.state().wiring->names()); })
      .def("get_layer", [](const Model& o, std::string_view name) { return o.get_layer(name); })
      .def("inputs", [](const Model& o) -> nb::object {
        const auto* f = dynamic_cast<const Functional*>(o.state().wiring.get());
        return f ? ungrouped(f->input_symbols()) : nb::none();
      })
      .def("outputs", [](const Model& o) -> nb::object {
        const auto* f = dynamic_cast<const Functional*>(o.state().wiring.get());
        return f ? ungrouped(f->output_symbols()) : nb::none();
      })
      .def("build", [](Model& o, nb::handle shape) { o.build(shape_from(shape)); })
      .def_prop_ro("built", &Model::built)
      .def("input_shapes", [](const Model& o) { return shapes(o.input_shapes()); })
      .def("output_shapes", [](const Model& o) { return shapes(o.output_shapes()); })
      .def("input_names", [](const Model& o) { return strings(o.input_names()); })
      .def("output_names", [](const Model& o) { return strings(o.output_names()); })
      .def_prop_rw("seed", &Model::seed, &Model::set_seed)
      .def_prop_rw("dtype_policy", [](const Model& o) { return std::string(o.dtype_policy()); }, [](Model& o, std::string_view name) { o.set_dtype_policy(name); })
      .def("compile", [](Model& o, nb::handle description) { o.compile(compile_config(description)); })
      .def_prop_ro("compiled", &Model::compiled)
      .def("compile_config", &compiled)
      .def("get_weights", [](const Model& o) {
        nb::list list;
        for (Tensor& t : o.get_weights()) list.append(to_numpy(std::move(t)));
        return list;
      })
      .def("set_weights", [](Model& o, nb::handle list) {
        std::vector<Tensor> all;
        for (const nb::handle item : list) all.push_back(tensor_from(item));
        o.set_weights(all);
      })
      .def("weight_names", [](const Model& o) { return strings(o.weight_names()); })
      .def("trainable_weights", [](const Model& o) {
        nb::list list;
        o.state().require_built();
        for (const Variable& v : model_now(o.state()).variables) list.append(v.trainable);
        return list;
      }, "Whether each of weight_names() may be trained, as the layers' flags are now.")
      .def("count_params", &Model::count_params)
      .def("reset_states", &Model::reset_states)
      .def_prop_rw("learning_rate", &Model::learning_rate, &Model::set_learning_rate)
      .def_prop_ro("iterations", &Model::iterations)
      .def("optimizer_variables", [](const Model& o) {
        nb::list list;
        if (o.state().config && o.built())
          for (const OptimizerVariable& v : optimizer_variables(o.state())) list.append(nb::make_tuple(v.path, o.state().has_slots ? to_numpy(o.state().store.get(v.path)) : nb::object(nb::none())));
        return list;
      })
      .def("config", [](const Model& o) { return to_python(o.to_config()); })
      .def("to_json", &Model::to_json)
      .def("program_text", [](Model& o, std::string_view mode, int64_t batch_size) { return o.program_text(mode, batch_size); }, nb::arg("mode") = "train", nb::arg("batch_size") = 32)
      .def("save", [](const Model& o, const std::string& path) { o.save(path); }, nb::call_guard<nb::gil_scoped_release>())
      .def("save_weights", [](const Model& o, const std::string& path) { o.save_weights(path); }, nb::call_guard<nb::gil_scoped_release>())
      .def("load_weights", [](Model& o, const std::string& path) { o.load_weights(path); }, nb::call_guard<nb::gil_scoped_release>());

  nb::class_<Sequential, Model>(m, "Sequential", "Layers one after the other.")
      .def("add", [](Sequential& o, const Layer& layer) { o.add(layer); })
      .def("pop", [](Sequential& o) { return o.pop(); });

  m.def("sequential", [](const std::string& name) { return Sequential(std::vector<Layer>{}, name); });
  m.def("functional", &functional);
  m.def("print_summary", &print_summary, nb::arg(), nb::arg().none(), nb::arg(), nb::arg(), nb::arg().none());
  m.def("load_model", [](const std::string& path) { return load_model(path); }, nb::call_guard<nb::gil_scoped_release>());
  m.def("model_from_json", [](std::string_view json) { return model_from_json(json); });
  m.def("model_from_config", [](nb::handle config) { return model_from_config(config_from(config)); });
  m.def("clone_model", [](const Model& model, uint64_t seed) { return clone_model(model, seed); });
  m.def("model_of", &model_of);
  m.def("as_sequential", [](Model& model) { return Sequential(std::move(model)); }, "Takes the model out of its object.");
}

}  // namespace cornu::python
