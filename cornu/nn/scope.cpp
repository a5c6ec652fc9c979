#include "cornu/nn/scope.h"

#include <utility>

#include <algorithm>

#include "cornu/base/random.h"

namespace cornu {

Value Scope::weight(const std::string& name, Shape shape, const Initializer& initializer, const WeightOptions& options) {
  const std::string path = path_.empty() ? name : path_ + "/" + name;
  require<ShapeError>(shape.is_known(), path, ": a weight's shape must be known, and is ", shape, "; give the model an Input, or call it on data first");
  const TensorType type{options_.dtype, std::move(shape)};
  const Value state = graph_.state(path, type);  // throws if it was asked for before with another shape
  for (size_t i = 0; i < variables_.size(); ++i)
    if (variables_[i].path == path) return values_[i];  // a layer that is called twice shares its weights
  const bool trainable = options.trainable && trainable_;
  variables_.push_back({path, type, trainable, initializer, options.regularizer, options.constraint, path_});
  const size_t place = values_.size();
  values_.push_back(state);
  const Value value = values_[place] = seen(Variable(variables_[place]), state);
  if (trainable && options.regularizer) add_loss(options.regularizer(value));  // Keras: a frozen weight has no penalty
  return value;
}

Value Scope::seen(const Variable& weight, Value state) {
  if (!seen_.see) return state;
  Seen now;
  std::swap(now, seen_);
  const std::string path = std::exchange(path_, now.path);
  const bool trainable = std::exchange(trainable_, now.trainable);
  const Value value = now.see(weight, state);
  trainable_ = trainable;
  path_ = path;
  std::swap(now, seen_);
  return value;
}

Value Scope::state_of(Value value) const {
  for (size_t i = 0; i < values_.size(); ++i)
    if (values_[i] == value) return graph_.state(variables_[i].path, variables_[i].type);
  return value;
}

void Scope::update(Value weight, Value next) {
  ensure(graph_[weight].kind == Node::Kind::state, "Scope::update takes the Value that weight() returned");
  bool applies = training();
  for (const Variable& v : carried_) applies = applies || v.path == graph_[weight].name;
  require<UnsupportedError>(!applies || next.graph == &graph_, path_, ": a layer inside the cell of an RNN cannot keep a state of its own between steps (BatchNormalization cannot be there)");
  if (applies) updated_[weight.node] = next;
}

Value Scope::carried(const std::string& name, Shape shape) {
  const std::string path = path_.empty() ? name : path_ + "/" + name;
  const TensorType type{options_.dtype, std::move(shape)};
  const Value state = graph_.state(path, type);
  const bool known = std::any_of(carried_.begin(), carried_.end(), [&](const Variable& v) { return v.path == path; });
  if (!known) carried_.push_back({.path = path, .type = type, .trainable = false, .layer = path_});
  return state;
}

Value Scope::current(Value weight) const {
  const auto found = updated_.find(weight.node);
  return found == updated_.end() ? weight : found->second;
}

Value Scope::random_key() { return graph_.state(random_key_state, {DType::int64, {3}}); }

int64_t Scope::stream() {
  const int64_t count = streams_[path_]++;
  return static_cast<int64_t>(hash_name(text("#", count), hash_name(path_)) >> 1);
}

std::optional<Value> Scope::mask(Value v) const {
  const auto found = masks_.find({v.graph, v.node, v.output});
  return found == masks_.end() ? std::nullopt : std::optional(found->second);
}

void Scope::set_mask(Value v, Value mask) { masks_[{v.graph, v.node, v.output}] = mask; }

void Scope::finish() {
  for (const auto& [node, next] : updated_) graph_.assign({&graph_, node, 0}, next);
}

Scope::Enter::Enter(Scope& s, const std::string& name, bool layer_trainable, const CallArguments& given)
    : scope(s), path(s.path_), trainable(s.trainable_), training(s.options_.training), arguments(std::move(s.arguments_)), where(s.graph_.where) {
  scope.path_ = path.empty() ? name : path + "/" + name;
  scope.trainable_ = trainable && layer_trainable;
  scope.arguments_ = given;
  if (const Config& mode = given.options["training"]; !mode.is_null()) scope.options_.training = mode.as_bool();
  scope.graph_.where = scope.path_;
}

Scope::Enter::~Enter() {
  scope.path_ = std::move(path);
  scope.trainable_ = trainable;
  scope.options_.training = training;
  scope.arguments_ = std::move(arguments);
  scope.graph_.where = std::move(where);
}

}  // namespace cornu
