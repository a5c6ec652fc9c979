// What a Functional does once it is built: tracing, and Keras's config.
#include "cornu/layers/functional.h"

#include "cornu/layers/nested.h"
#include "cornu/nn/choice.h"
#include "cornu/nn/symbol_call.h"

namespace cornu {

Symbol input(const Shape& shape, const InputOptions& options) {
  return symbol_of_input(Layer(Input(shape, options.dtype, "", options.batch_size), {.name = options.name}), options.dtype, shape, options.batch_size);
}

CORNU_DEFINE_SPECIAL_MEMBERS(SymbolGroup)
SymbolGroup::SymbolGroup() = default;
SymbolGroup::SymbolGroup(Symbol one) : kind(Kind::one), symbols{std::move(one)} {}
SymbolGroup::SymbolGroup(std::vector<Symbol> list) : symbols(std::move(list)) {}
SymbolGroup::SymbolGroup(std::initializer_list<Symbol> list) : symbols(list) {}
SymbolGroup::SymbolGroup(std::initializer_list<std::pair<const std::string, Symbol>> dict) : SymbolGroup(std::map<std::string, Symbol>(dict)) {}

SymbolGroup::SymbolGroup(const std::map<std::string, Symbol>& dict) : kind(Kind::dict) {
  for (const auto& [key, symbol] : dict) keys.push_back(key), symbols.push_back(symbol);
}

std::vector<Value> Functional::trace(std::vector<Value> inputs, Scope& scope) const {
  require(inputs.size() == input_ops_.size(), scope.path().empty() ? "the model" : scope.path(), ": it takes ", input_ops_.size(), " inputs (", input_names(), "), and was given ", inputs.size());
  std::vector<Value> values(sources_.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Operator& op = operators_[input_ops_[i]];
    Value x = op.layer.call_as(op.name, {inputs[i]}, scope)[0];
    const DType declared = op.layer.as<Input>()->dtype;
    if (!is_float(declared) && x.dtype() != declared) x = cast(x, declared);
    values[input_places_[i]] = x;
  }
  std::vector<Value> in;
  for (const Step& step : steps_) {
    in.clear();
    for (const size_t place : step.in) in.push_back(values[place]);
    const std::vector<Value> out = replay(*step.call, operators_[step.op].name, in, scope);
    ensure(out.size() == step.call->outputs.size(), "'", operators_[step.op].name, "' returned ", out.size(), " values, and ", step.call->outputs.size(), " when it was wired");
    for (size_t k = 0; k < out.size(); ++k)
      if (!values[step.out + k]) values[step.out + k] = out[k];  // a place that is an input of the model stays that
  }
  std::vector<Value> outputs;
  for (const size_t place : output_places_) outputs.push_back(values[place]);
  return outputs;
}

std::vector<Wiring::Entry> Functional::entries() const {
  std::vector<Entry> list;
  for (const Operator& op : operators_) {
    Entry entry{op.name, op.layer};
    for (const size_t s : op.steps)
      for (const size_t place : steps_[s].in) {
        const Config::List ref = reference(place, true).as_list();
        entry.connected_to.push_back(text(ref[0].as_string(), "[", ref[1].as_int(), "][", ref[2].as_int(), "]"));
      }
    list.push_back(std::move(entry));
  }
  return list;
}

bool Functional::is_graph() const { return is_graph_; }

std::optional<std::vector<Input>> Functional::inputs() const {
  std::vector<Input> list;
  for (const size_t op : input_ops_) {
    list.push_back(*operators_[op].layer.as<Input>());
    list.back().name = operators_[op].name;
  }
  return list;
}

std::vector<std::string> Functional::input_names() const {
  if (inputs_.kind == SymbolGroup::Kind::dict) return inputs_.keys;
  std::vector<std::string> names;
  for (const size_t op : input_ops_) names.push_back(operators_[op].name);
  return names;
}

std::vector<std::string> Functional::output_names() const {
  if (outputs_.kind == SymbolGroup::Kind::dict) return outputs_.keys;
  std::vector<std::string> names;
  for (const size_t place : output_places_) names.push_back(operators_[sources_[place].op].name);
  return names;
}

// Keras counts the calls of a Functional inside another from 0 where layers refer to them, and from 1 where the model's
// inputs and outputs do.
Config Functional::reference(size_t place, bool inbound) const {
  const Source& s = sources_[place];
  const Operator& op = operators_[s.op];
  const auto nested = wiring_of(op.layer);
  const bool from_one = !inbound && nested && nested->class_name() == "Functional";
  return Config::List{op.name, static_cast<int64_t>(s.call + (from_one ? 1 : 0)), static_cast<int64_t>(s.output)};
}

Config Functional::structure(const SymbolGroup& group, const std::vector<size_t>& places) const {
  if (group.kind == SymbolGroup::Kind::one) return reference(places[0], false);
  Config::List list;
  Config dict = Config::dict();
  for (size_t i = 0; i < places.size(); ++i)
    if (group.kind == SymbolGroup::Kind::dict) dict.set(group.keys[i], reference(places[i], false));
    else list.push_back(reference(places[i], false));
  return group.kind == SymbolGroup::Kind::dict ? dict : Config(std::move(list));
}

Config Functional::config(const std::string& name, bool trainable) const {
  const auto tensor = [&](const Step& step, size_t i) {
    const Symbol& s = step.call->inputs[i];
    Config::List sizes;
    for (const int64_t size : s.shape()) sizes.push_back(size == Shape::unknown ? Config() : Config(size));
    Config inner = Config::dict(), object = Config::dict();
    inner.set("shape", std::move(sizes)).set("dtype", name_of(s.dtype())).set("keras_history", reference(step.in[i], true));
    object.set("class_name", "__keras_tensor__").set("config", std::move(inner));
    return object;
  };
  Config::List layers;
  for (const Operator& op : operators_) {
    Config::List calls;
    for (const size_t s : op.steps) {
      const Step& step = steps_[s];
      const auto filled = [&](const Config& with) { return with_places(with, [&](size_t i) { return tensor(step, i); }); };
      Config call = Config::dict();
      call.set("args", filled(step.call->args)).set("kwargs", filled(step.call->kwargs));
      calls.push_back(std::move(call));
    }
    layers.push_back(layer_to_config(op.layer, op.name).set("name", op.name).set("inbound_nodes", std::move(calls)));
  }
  Config config = Config::dict();
  config.set("name", name).set("trainable", trainable).set("layers", std::move(layers));
  config.set("input_layers", structure(inputs_, input_places_)).set("output_layers", structure(outputs_, output_places_));
  return config;
}

}  // namespace cornu
