#include "cornu/nn/layer.h"

#include "cornu/base/rethrow.h"

namespace cornu {

struct Layer::Shared {
  std::unique_ptr<const LayerInterface> layer;
  LayerOptions options;
  bool named = false;
  int64_t calls = 0;
  std::shared_ptr<LayerWeights> weights = std::make_shared<LayerWeights>();
};

CORNU_DEFINE_SPECIAL_MEMBERS(Layer)
Layer::Layer() : shared_(std::make_shared<Shared>()) {}

void Layer::hold(std::unique_ptr<const LayerInterface> layer) { shared_->layer = std::move(layer); }

void Layer::set_options(LayerOptions options) {
  if (options.name.empty()) options.name = name();
  shared_->named = !options.name.empty();
  shared_->options = std::move(options);
}

Layer Layer::holding(std::unique_ptr<const LayerInterface> layer, LayerOptions options) {
  Layer handle;
  handle.hold(std::move(layer));
  handle.set_options(std::move(options));
  return handle;
}

Layer Layer::keeping(std::shared_ptr<const void> owner) const {
  struct Both {
    std::shared_ptr<Shared> layer;
    std::shared_ptr<const void> owner;
  };
  const auto both = std::make_shared<Both>(Both{shared_, std::move(owner)});
  Layer handle = *this;
  handle.shared_ = std::shared_ptr<Shared>(both, both->layer.get());
  return handle;
}

const std::string& Layer::name() const { return shared_->options.name; }
void Layer::set_name(std::string name) {
  shared_->options.name = std::move(name);
  shared_->named = true;
}
bool Layer::named() const { return shared_->named; }
void Layer::suggest_name(std::string name) const {
  if (shared_->options.name.empty()) shared_->options.name = std::move(name);
}
bool Layer::trainable() const { return shared_->options.trainable; }
void Layer::set_trainable(bool trainable) { shared_->options.trainable = trainable; }
const LayerOptions& Layer::options() const { return shared_->options; }
std::string_view Layer::class_name() const { return interface().class_name(); }
Config Layer::fields() const { return interface().fields(); }
int64_t Layer::next_call() const { return shared_->calls++; }
const LayerInterface& Layer::interface() const { return *shared_->layer; }
const std::shared_ptr<LayerWeights>& Layer::weights() const { return shared_->weights; }

namespace {

/// Whether an error's text names the layer at `path`, or one in it: it begins with that, or has it in quotes.
bool names(std::string_view said, std::string_view path) {
  const size_t at = said.starts_with(path) ? 0 : said.find(text('\'', path));
  if (at == said.npos) return false;
  const size_t end = at + path.size() + (at > 0 || said[0] == '\'');
  return end == said.size() || std::string_view(":/' ").find(said[end]) != std::string_view::npos;
}

}  // namespace

std::vector<Value> Layer::operator()(std::vector<Value> in, Scope& scope, const CallArguments& arguments) const {
  return call_as(named() ? name() : scope.name_here(shared_, class_name()), std::move(in), scope, arguments);
}

std::vector<Value> Layer::call_as(const std::string& called, std::vector<Value> in, Scope& scope, const CallArguments& arguments) const {
  const auto trace = [&] {
    const Scope::Owned owned(scope, shared_->weights, class_name());
    scope.use_policy(options().dtype);
    std::vector<Value> out = shared_->layer->call(in, scope);
    if (shared_->layer->supports_masking() && !in.empty())
      for (const Value v : out)
        if (const auto mask = scope.mask(in[0]); mask && !scope.mask(v)) scope.set_mask(v, *mask);
    if (const Regularizer& penalty = options().activity_regularizer)
      for (const Value v : out) scope.add_loss(penalty(v) / static_cast<double>(v.dim(0)));
    scope.record(out);
    return out;
  };
  try {
    return scope.inside(called, scope.settled_trainable(shared_, trainable()), arguments, trace);
  } catch (const Error& e) {  // from where the layer's name is not at hand, or from a program's own layer
    const std::string path = scope.path().empty() || called.empty() ? scope.path() + called : text(scope.path(), "/", called);
    if (path.empty() || names(e.what(), path)) throw;
    rethrow_from(path, e);
  }
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
