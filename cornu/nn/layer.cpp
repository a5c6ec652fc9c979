#include "cornu/nn/layer.h"

namespace cornu {

Layer Layer::holding(std::unique_ptr<const LayerInterface> layer, LayerOptions options) {
  Layer handle;
  handle.shared_->named = !options.name.empty();
  handle.shared_->options = std::move(options);
  handle.shared_->layer = std::move(layer);
  return handle;
}

std::vector<Value> Layer::operator()(std::vector<Value> in, Scope& scope, const CallArguments& arguments) const {
  return call_as(named() ? name() : scope.name_here(shared_, class_name()), std::move(in), scope, arguments);
}

std::vector<Value> Layer::call_as(const std::string& called, std::vector<Value> in, Scope& scope, const CallArguments& arguments) const {
  return scope.inside(called, scope.settled_trainable(shared_, trainable()), arguments, [&] {
    const Scope::Owned owned(scope, shared_->weights, class_name());
    std::vector<Value> out = shared_->layer->call(in, scope);
    if (shared_->layer->supports_masking() && !in.empty())
      for (const Value v : out)
        if (const auto mask = scope.mask(in[0]); mask && !scope.mask(v)) scope.set_mask(v, *mask);
    if (const Regularizer& penalty = options().activity_regularizer)
      for (const Value v : out) scope.add_loss(penalty(v) / static_cast<double>(v.dim(0)));
    scope.record(out);
    return out;
  });
}

std::vector<Tensor> Layer::get_weights() const {
  std::vector<Tensor> all;
  for (const LayerWeights::Entry& e : shared_->weights->entries) all.push_back(e.memory->get());
  return all;
}

void Layer::set_weights(const std::vector<Tensor>& weights) {
  const auto& entries = shared_->weights->entries;
  require<ShapeError>(weights.size() == entries.size(), "layer '", name(), "' has ", entries.size(), " weights, but was given ", weights.size(),
                      entries.empty() ? "; it has none until a model with it is built" : "");
  for (size_t i = 0; i < weights.size(); ++i)
    require<ShapeError>(weights[i].shape() == entries[i].memory->type().shape, "'", name(), "/", entries[i].path, "' has shape ", entries[i].memory->type().shape, ", but was given ", weights[i].shape());
  for (size_t i = 0; i < weights.size(); ++i) entries[i].memory->set(text(name(), "/", entries[i].path), weights[i]);
}

int64_t Layer::count_params() const {
  int64_t n = 0;
  for (const LayerWeights::Entry& e : shared_->weights->entries) n += e.memory->type().shape.elements();
  return n;
}

void refuse_inputs(std::string_view class_name, size_t given) {
  throw ArgumentError(text(class_name, " takes one input and was given ", given, "; merge them first"));
}

void refuse_description(std::string_view class_name) {
  throw UnsupportedError(text("a layer of class ", class_name, " cannot be saved: give its struct CORNU_FIELDS(...) and static constexpr std::string_view class_name"));
}

}  // namespace cornu
