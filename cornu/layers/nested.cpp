#include "cornu/layers/nested.h"

#include <algorithm>

#include "cornu/layers/functional.h"
#include "cornu/layers/named_in_files.h"
#include "cornu/nn/choice.h"

namespace cornu {

std::vector<Value> LayerHolder<NestedModel>::call(const std::vector<Value>& in, Scope& scope) const {
  const std::string& policy = layer.wiring->policy;
  const std::string_view here = name_of(scope.dtype());
  if (policy == "float64")
    require<UnsupportedError>(scope.dtype() == DType::float64, scope.path(), ": a model of the dtype policy float64 is part of one of ", here, ", or of a step of ", here,
                              "; give that float64 too (set_dtype_policy, TrainingStepOptions::dtype_policy)");
  else
    scope.use_policy(policy);
  return layer.wiring->trace(in, scope);
}

Layer model_layer(std::shared_ptr<Wiring> wiring, LayerOptions options) {
  return Layer::holding(std::make_unique<LayerHolder<NestedModel>>(NestedModel{std::move(wiring)}), std::move(options));
}

std::shared_ptr<Wiring> wiring_of(const Layer& layer) {
  const NestedModel* nested = layer.as<NestedModel>();
  return nested ? nested->wiring : nullptr;
}

bool is_model_class(std::string_view class_name) { return class_name == "Sequential" || class_name == "Functional" || class_name == "Model"; }

std::shared_ptr<Wiring> wiring_from_config(std::string_view class_name, const Config& config, const CustomObjects& custom) {
  if (class_name != "Sequential") return functional_from_config(config, custom);
  constexpr std::string_view known[] = {"name", "trainable", "dtype", "layers", "build_input_shape"};
  for (const auto& [key, value] : config.as_dict())
    require<FormatError>(std::find(std::begin(known), std::end(known), key) != std::end(known), "Sequential has no option '", printable(key), "'", did_you_mean(key, known));
  auto chain = std::make_shared<Chain>();
  for (const Config& object : config["layers"].as_list()) chain->add(layer_from_config(object, custom));
  return chain;
}

Config model_to_config(const Wiring& wiring, const std::string& name, bool trainable) {
  const bool functional = wiring.class_name() == "Functional";
  Config object = Config::dict();
  object.set("module", functional ? "keras.src.models.functional" : "keras").set("class_name", wiring.class_name());
  object.set("config", wiring.config(name, trainable)).set("registered_name", functional ? Config("Functional") : Config());
  if (const auto* named = dynamic_cast<const NamedInFiles*>(&wiring))
    if (const auto names = named->names_in_files()) object.set("module", names->module).set("registered_name", names->registered_name);
  return object;
}

Layer model_layer_from_config(std::string_view class_name, const Config& config, const CustomObjects& custom) {
  LayerOptions options;
  if (!config["name"].is_null()) options.name = config["name"].as_string();
  if (!config["trainable"].is_null()) options.trainable = config["trainable"].as_bool();
  return model_layer(wiring_from_config(class_name, config, custom), std::move(options));
}

}  // namespace cornu
