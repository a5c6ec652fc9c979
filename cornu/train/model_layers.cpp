// A model's layers and weights, by name and in order, and the model as a layer.
#include "cornu/train/model_state.h"

namespace cornu {

Model::operator Layer() const { return state_->as_layer; }
Symbol Model::operator()(const Symbol& x, const SymbolArguments& arguments) const { return Layer(*this)(x, arguments); }
Symbol Model::operator()(const std::vector<Symbol>& in, const SymbolArguments& arguments) const { return Layer(*this)(in, arguments); }
bool Model::trainable() const { return state_->as_layer.trainable(); }

void Model::set_trainable(bool trainable) {
  std::vector<Layer> rest = {state_->as_layer};
  while (!rest.empty()) {
    Layer layer = rest.back();
    rest.pop_back();
    layer.set_trainable(trainable);
    if (const auto wiring = wiring_of(layer)) rest.insert(rest.end(), wiring->layers().begin(), wiring->layers().end());
  }
}

Layer Model::get_layer(std::string_view name) const {
  std::shared_ptr<Wiring> in = state_->wiring;
  for (std::string_view rest = name;;) {
    const Layer* found = nullptr;
    std::string_view beyond;
    std::vector<std::string_view> names;
    for (size_t i = 0; i < in->layers().size(); ++i) {
      const std::string& own = in->names()[i];
      names.push_back(own);
      const bool inner = rest.size() > own.size() && rest.starts_with(own) && rest[own.size()] == '/';
      if (rest != own && !inner) continue;
      found = &in->layers()[i];
      beyond = inner ? rest.substr(own.size() + 1) : std::string_view();
      if (!inner) break;
    }
    require(found != nullptr, "the model '", this->name(), "' has no layer '", printable(name), "'", did_you_mean(rest, names));
    if (beyond.empty()) return *found;
    const auto wiring = wiring_of(*found);
    require(wiring != nullptr, "the model '", this->name(), "' has no layer '", printable(name), "': '", found->name(), "' is no model");
    in = wiring;
    rest = beyond;
  }
}

std::vector<Tensor> Model::get_weights() const {
  state_->require_built();
  std::vector<Tensor> weights;
  for (const Variable& v : state_->variables) weights.push_back(state_->store.get(v.path));
  return weights;
}

void Model::set_weights(const std::vector<Tensor>& weights) {
  State& s = *state_;
  s.require_built();
  require<ShapeError>(weights.size() == s.variables.size(), "the model '", name(), "' has ", s.variables.size(), " weights, but was given ", weights.size());
  for (size_t i = 0; i < weights.size(); ++i)
    require<ShapeError>(weights[i].shape() == s.variables[i].type.shape, "'", s.variables[i].path, "' has shape ", s.variables[i].type.shape, ", but was given ", weights[i].shape());
  for (size_t i = 0; i < weights.size(); ++i) s.store.set(s.variables[i].path, weights[i]);
}

int64_t Model::count_params() const {
  state_->require_built();
  int64_t n = 0;
  for (const Variable& v : state_->variables) n += v.type.shape.elements();
  return n;
}

std::vector<std::string> Model::weight_names() const {
  state_->require_built();
  std::vector<std::string> names;
  for (const Variable& v : state_->variables) names.push_back(v.path);
  return names;
}

namespace {
const Variable& variable_named(const Model::State& s, std::string_view name) {
  s.require_built();
  std::vector<std::string_view> names;
  for (const Variable& v : s.variables) {
    if (v.path == name) return v;
    names.push_back(v.path);
  }
  throw ArgumentError(text("the model '", s.name, "' has no weight '", printable(name), "'", did_you_mean(name, names)));
}
}  // namespace

Tensor Model::weight(std::string_view name) const { return state_->store.get(variable_named(*state_, name).path); }
void Model::set_weight(std::string_view name, const Tensor& value) { state_->store.set(variable_named(*state_, name).path, value); }

}  // namespace cornu
