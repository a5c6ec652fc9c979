// Handles of layers: the catalogue of classes, from and to configs, weights.
#include "bind.h"
#include "cornu/layers/layers.h"

namespace cornu::python {
namespace {

/// Its options with their defaults: a wrapper's are those around some layer, which is left out.
Config defaults(const LayerRules& rules) {
  const auto made = [&](const char* field, const Config& layer) -> std::optional<Config> {
    try {
      Config given = Config::dict();
      if (!layer.is_null()) given.set(field, layer);
      Config fields = rules.make(given, {}).fields();
      for (const char* name : {"layer", "backward_layer", "cell"})
        if (fields.contains(name)) fields.set(name, nullptr);
      return fields;
    } catch (const Error&) {
      return {};
    }
  };
  if (const auto found = made("", {})) return *found;
  if (const auto found = made("layer", layer_to_config(SimpleRNN{.units = 1}))) return *found;
  if (const auto found = made("cell", layer_to_config(SimpleRNNCell{.units = 1}))) return *found;
  Config names = Config::dict();
  for (const std::string& name : rules.field_names()) names.set(name, nullptr);
  return names;
}

/// [(class, {option: default})] of all layers that files may name, in Keras's order of options.
nb::list layer_classes() {
  nb::list all;
  for (const LayerRules* rules : all_layers()) all.append(nb::make_tuple(std::string(rules->class_name), to_python(defaults(*rules))));
  return all;
}

nb::list weights(const Layer& layer) {
  nb::list list;
  for (const LayerWeights::Entry& e : layer.weights()->entries) list.append(nb::cast(Weight{e.path, e.memory}));
  return list;
}

nb::list get_weights(const Layer& layer) {
  nb::list list;
  for (Tensor& t : layer.get_weights()) list.append(to_numpy(std::move(t)));
  return list;
}

}  // namespace

void bind_layers(nb::module_& m) {
  nb::class_<Weight>(m, "Weight", "The memory of one weight of a layer.")
      .def_prop_ro("path", [](const Weight& w) { return w.path; })
      .def_prop_ro("id", [](const Weight& w) { return reinterpret_cast<uintptr_t>(w.memory.get()); })
      .def_prop_ro("shape", [](const Weight& w) { return to_python(w.memory->type().shape); })
      .def_prop_ro("dtype", [](const Weight& w) { return std::string(name_of(w.memory->type().dtype)); })
      .def_prop_ro("transposed", [](const Weight& w) { return w.memory->transposed(); }, "Whether the memory holds the transpose.")
      .def("numpy", [](const Weight& w) { return to_numpy(w.memory->get()); })
      .def("assign", [](Weight& w, nb::handle value) { w.memory->set(w.path, tensor_from(value).cast(w.memory->type().dtype)); });

  nb::class_<Layer>(m, "Layer", "The handle of a layer.")
      .def_prop_ro("class_name", [](const Layer& l) { return std::string(l.class_name()); })
      .def_prop_rw("name", [](const Layer& l) { return l.name(); }, [](Layer& l, std::string name) { l.set_name(std::move(name)); })
      .def_prop_ro("named", &Layer::named)
      .def("suggest_name", [](const Layer& l, std::string name) { l.suggest_name(std::move(name)); })
      .def_prop_rw("trainable", [](const Layer& l) { return l.trainable(); }, [](Layer& l, bool on) { l.set_trainable(on); })
      .def_prop_ro("id", [](const Layer& l) { return reinterpret_cast<uintptr_t>(l.weights().get()); })
      .def_prop_ro("supports_masking", [](const Layer& l) { return l.interface().supports_masking(); })
      .def("config", [](const Layer& l) { return to_python(layer_to_config(l)); }, "Keras's object dict.")
      .def("fields", [](const Layer& l) { return to_python(l.fields()); })
      .def("held", [](const Layer& l) { return Held{Config::holding(l)}; })
      .def("weights", &weights)
      .def("give_weight", [](Layer& l, const std::string& path, nb::handle value, bool transposed) { l.weights()->add(path, std::make_shared<WeightMemory>(tensor_from(value), transposed)); },
           "Before the layer is called: what a weight is then.")
      .def("get_weights", &get_weights)
      .def("set_weights", [](const Layer& l, nb::handle list) {
        std::vector<Tensor> all;
        for (const nb::handle item : list) all.push_back(tensor_from(item));
        Layer(l).set_weights(all);
      })
      .def("count_params", &Layer::count_params)
      .def("__eq__", [](const Layer& a, const Layer& b) { return a.is(b); }, nb::is_operator())
      .def("__hash__", [](const Layer& l) { return reinterpret_cast<uintptr_t>(l.weights().get()) >> 4; });

  m.def("layer_classes", &layer_classes);
  m.def("layer_from_config", [](const std::string& class_name, nb::handle config) { return layer_from_config(class_name, config_from(config)); });
  m.def("layer_from_object", [](nb::handle object) {
    const Config config = config_from(object);
    if (const auto* held = config.held<Layer>()) return *held;
    return layer_from_config(config);
  });
}

}  // namespace cornu::python
