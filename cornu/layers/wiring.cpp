#include "cornu/layers/wiring.h"

#include <algorithm>

#include "cornu/nn/choice.h"

namespace cornu {
namespace {

/// "dense", then "dense_1", "dense_2": the first that no layer has.
std::string free_name(std::string_view class_name, const std::vector<Layer>& layers) {
  const std::string base = snake_case(class_name);
  for (int i = 0;; ++i) {
    std::string name = i == 0 ? base : text(base, "_", i);
    bool taken = false;
    for (const Layer& l : layers) taken |= l.name() == name;
    if (!taken) return name;
  }
}

}  // namespace

void Chain::add(Layer layer) {
  if (const Input* input = layer.as<Input>()) {
    require(!input_ && layers_.empty(), "an Input can only be the first layer of a Sequential");
    input_ = *input;
    if (!layer.name().empty()) input_name_ = layer.name();
    return;
  }
  if (const auto& shape = layer.options().input_shape) {
    require(!input_ && layers_.empty(), "input_shape belongs to the first layer; the shapes after it follow");
    input_ = Input(*shape);
  }
  if (layer.name().empty()) layer.set_name(free_name(layer.class_name(), layers_));
  for (const Layer& l : layers_) {
    require(!l.is(layer), "layer '", layer.name(), "' is in this Sequential already; a Sequential calls each layer once");
    require(l.name() != layer.name(), "two layers of one model are named '", layer.name(), "'; names must be unique");
  }
  layers_.push_back(std::move(layer));
}

Layer Chain::pop() {
  require(!layers_.empty(), "there is no layer to pop");
  Layer last = layers_.back();
  layers_.pop_back();
  return last;
}

std::vector<Value> Chain::trace(std::vector<Value> inputs, Scope& scope) const {
  require(inputs.size() == 1, "a Sequential takes one input, and was given ", inputs.size());
  Value x = inputs[0];
  if (input_) x = scope.inside(input_name_, true, [&] { return (*input_)(x, scope); });
  for (const Layer& layer : layers_) {
    const std::vector<Value> out = layer({x}, scope);
    require(out.size() == 1, "layer '", layer.name(), "' returned ", out.size(), " values; a Sequential passes on one");
    x = out[0];
  }
  return {x};
}

std::optional<std::vector<Input>> Chain::inputs() const {
  if (!input_) return {};
  return std::vector{*input_};
}

Config Chain::config(const std::string& name) const {
  Config::List layers;
  if (input_) layers.push_back(layer_to_config(Layer(*input_, {.name = input_name_})));
  for (const Layer& layer : layers_) layers.push_back(layer_to_config(layer));
  Config config = Config::dict();
  config.set("name", name).set("trainable", true).set("layers", std::move(layers));
  if (input_) config.set("build_input_shape", to_config(Input::BatchShape{input_->shape}));
  return config;
}

std::vector<Layer> chain_from_config(const Config& config) {
  constexpr std::string_view known[] = {"name", "trainable", "dtype", "layers", "build_input_shape"};
  for (const auto& [key, value] : config.as_dict())
    require<FormatError>(std::find(std::begin(known), std::end(known), key) != std::end(known), "Sequential has no option '", printable(key), "'", did_you_mean(key, known));
  std::vector<Layer> layers;
  for (const Config& object : config["layers"].as_list()) layers.push_back(layer_from_config(object));
  return layers;
}

}  // namespace cornu
