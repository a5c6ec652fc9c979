#include "cornu/layers/wiring.h"

#include <algorithm>

#include "cornu/layers/nested.h"
#include "cornu/nn/choice.h"

namespace cornu {

void Names::take(const std::string& name) {
  require(taken_.insert(name).second, "two layers of one model are named '", printable(name), "'; names must be unique");
}

std::string Names::name(const Layer& layer) {
  if (layer.named()) return take(layer.name()), layer.name();
  if (!layer.name().empty() && taken_.insert(layer.name()).second) return layer.name();
  const std::string base = snake_case(layer.class_name());
  std::string free = base;
  for (int& i = next_[base]; !taken_.insert(free).second;) free = text(base, "_", ++i);
  layer.suggest_name(free);
  return free;
}

Config layer_to_config(const Layer& layer, const std::string& name) {
  const Config object = layer_to_config(layer);
  Config renamed = Config::dict(), config = object["config"];
  config.set("name", name);
  for (const auto& [key, value] : object.as_dict()) renamed.set(key, key == "config" ? config : value);
  return renamed;
}

void Chain::add(Layer layer) {
  if (const Input* input = layer.as<Input>()) {
    require(!input_ && layers_.empty(), "an Input can only be the first layer of a Sequential");
    input_ = *input;
    if (!layer.name().empty()) input_name_ = layer.name();
    return;
  }
  require(!present_.contains(layer.weights().get()), "layer '", layer.name(), "' is in this Sequential already; a Sequential calls each layer once");
  if (const auto& shape = layer.options().input_shape) {
    require(!input_ && layers_.empty(), "input_shape belongs to the first layer; the shapes after it follow");
    input_ = Input(*shape);
  }
  const auto nested = wiring_of(layer);
  const int64_t calls = calls_ + (nested ? nested->calls() : 1);
  require<LimitError>(calls <= most_calls, "a model calls at most ", most_calls, " layers");
  names_.push_back(taken_.name(layer));
  calls_ = calls;
  present_.insert(layer.weights().get());
  layers_.push_back(std::move(layer));
}

Layer Chain::pop() {
  require(!layers_.empty(), "there is no layer to pop");
  Layer last = layers_.back();
  const auto nested = wiring_of(last);
  calls_ -= nested ? nested->calls() : 1;
  present_.erase(last.weights().get());
  taken_.release(names_.back());
  layers_.pop_back();
  names_.pop_back();
  return last;
}

std::vector<Value> Chain::trace(std::vector<Value> inputs, Scope& scope) const {
  require(inputs.size() == 1, "a Sequential takes one input, and was given ", inputs.size());
  Value x = inputs[0];
  if (input_) x = scope.inside(input_name_, true, [&] { return (*input_)(x, scope); });
  for (size_t i = 0; i < layers_.size(); ++i) {
    const std::vector<Value> out = layers_[i].call_as(names_[i], {x}, scope);
    require(out.size() == 1, "layer '", names_[i], "' returned ", out.size(), " values; a Sequential passes on one");
    x = out[0];
  }
  return {x};
}

std::vector<Wiring::Entry> Chain::entries() const {
  std::vector<Entry> list;
  for (size_t i = 0; i < layers_.size(); ++i) list.push_back({names_[i], layers_[i]});
  return list;
}

std::optional<std::vector<Input>> Chain::inputs() const {
  if (input_) return std::vector{*input_};
  if (!layers_.empty())
    if (const auto nested = wiring_of(layers_[0])) return nested->inputs();
  return {};
}

Config Chain::config(const std::string& name, bool trainable) const {
  Config::List layers;
  if (input_) layers.push_back(layer_to_config(Layer(*input_, {.name = input_name_})));
  for (size_t i = 0; i < layers_.size(); ++i) layers.push_back(layer_to_config(layers_[i], names_[i]));
  Config config = Config::dict();
  config.set("name", name).set("trainable", trainable).set("layers", std::move(layers));
  if (input_) config.set("build_input_shape", to_config(Input::BatchShape{input_->shape, input_->batch_size}));
  return config;
}

}  // namespace cornu
