#include "cornu/nn/scope.h"

#include <algorithm>
#include <utility>

#include "cornu/base/random.h"
#include "cornu/nn/choice.h"

namespace cornu {

Scope::Scope(Graph& graph, ScopeOptions options) : graph_(graph), options_(options), trainable_(options.trainable) {}
Scope::~Scope() = default;

Value Scope::weight(const std::string& name, Shape shape, const Initializer& initializer, const WeightOptions& options) {
  const std::string path = path_of(name);
  require<ShapeError>(shape.is_known(), path, ": a weight's shape must be known, and is ", shape, "; give the model an Input, or call it on data first");
  require(declared_.insert(name).second, path, ": one call declares this weight twice. Layers inside a layer need names: hold them as Layer (Layer dense{Dense{10}}), and call them as dense({x}, scope)");
  const TensorType type{options_.dtype, std::move(shape)};
  std::vector<WeightOwner> owners;
  for (const Owning& o : owners_) owners.push_back({o.weights, path.substr(o.begin), o.class_name});
  // A layer that is called twice shares its weights, be it under another name: inside a nested model, and beside it.
  auto known = places_.find({nullptr, path});
  for (size_t i = 0; known == places_.end() && i < owners.size(); ++i) known = places_.find({owners[i].weights.get(), owners[i].path});
  if (known != places_.end()) {
    const Variable& v = variables_[known->second];
    require<ShapeError>(v.type == type, path, ": this layer was called before on inputs for which its weight is a ", v.type, ", and these ask for a ", type);
    for (const WeightOwner& o : owners) places_.emplace(std::pair{o.weights.get(), o.path}, known->second);
    return values_[known->second];
  }
  const Value state = graph_.state(path, type);
  for (const WeightOwner& o : owners) places_.emplace(std::pair{o.weights.get(), o.path}, variables_.size());
  places_.emplace(std::pair{nullptr, path}, variables_.size());
  const bool trainable = options.trainable && trainable_;
  variables_.push_back({path, type, trainable, initializer, options.regularizer, options.constraint, path_, std::move(owners)});
  const size_t place = values_.size();
  values_.push_back(state);
  const Value value = values_[place] = seen(Variable(variables_[place]), state);
  if (trainable && options.regularizer) add_loss(options.regularizer(value));  // Keras: a frozen weight has no penalty
  return value;
}

Value Scope::seen(const Variable& weight, Value state) {
  if (!seen_.see) return state;
  struct Away {  // where seen_through was called; an error leads back, too
    explicit Away(Scope& s) : scope(s), path(s.path_), trainable(s.trainable_), owners(s.owners_) {
      std::swap(now, s.seen_);
      s.path_ = now.path;
      s.trainable_ = now.trainable;
      s.owners_.resize(now.owners);
      s.declared_.swap(declared);
    }
    ~Away() {
      scope.declared_.swap(declared);
      scope.owners_.swap(owners);
      scope.trainable_ = trainable;
      scope.path_.swap(path);
      std::swap(now, scope.seen_);
    }
    Scope& scope;
    Seen now;
    std::string path;
    bool trainable;
    std::vector<Owning> owners;
    std::set<std::string> declared;
  };
  const Away away(*this);
  return away.now.see(weight, state);
}

Value Scope::state_of(Value value) const {
  for (size_t i = 0; i < values_.size(); ++i)
    if (values_[i] == value) return graph_.state(variables_[i].path, variables_[i].type);
  return value;
}

Scope::Owned::Owned(Scope& scope, std::shared_ptr<LayerWeights> weights, std::string_view class_name) : scope_(scope) {
  scope.owners_.push_back({std::move(weights), scope.path_.size() + 1, class_name});
}

Scope::Owned::~Owned() { scope_.owners_.pop_back(); }

void Scope::add_loss(Value loss) { losses_.push_back(loss); }

std::string Scope::name_here(const std::shared_ptr<const void>& handle, std::string_view class_name) {
  std::vector<Named>& known = names_[path_];
  for (const Named& n : known)
    if (n.handle == handle) return named_.insert(n.name), n.name;
  // A handle that nobody else holds was made for one call: the next call makes another, which takes its place.
  const auto taken = [&](const std::string& name) {
    if (named_.contains(name)) return true;
    return std::any_of(known.begin(), known.end(), [&](const Named& n) { return n.name == name && n.handle.use_count() > 1; });
  };
  std::string name = snake_case(class_name);
  for (int i = 1; taken(name); ++i) name = text(snake_case(class_name), "_", i);
  named_.insert(name);
  known.push_back({handle, name});
  return name;
}

bool Scope::settled_trainable(const std::shared_ptr<const void>& handle, bool present) {
  if (options_.settled)
    if (const auto found = options_.settled->find(handle); found != options_.settled->end()) present = found->second;
  return flags_[handle] = present;
}

void Scope::record(Values out) const {
  if (!options_.outputs) return;
  std::vector<TensorType>& types = (*options_.outputs)[path_];
  types.clear();
  for (const Value v : out) types.push_back(v.type());
}

void Scope::update(Value weight, Value next) {
  ensure(graph_[weight].kind == Node::Kind::state, "Scope::update takes the Value that weight() returned");
  bool applies = training();
  for (const Variable& v : carried_) applies = applies || v.path == graph_[weight].name;
  if (applies) assign(weight, next);
}

void Scope::assign(Value weight, Value next) {
  ensure(graph_[weight].kind == Node::Kind::state, "Scope::assign takes the Value that weight() returned");
  require<UnsupportedError>(next.graph == &graph_, path_, ": a layer inside the cell of an RNN cannot keep a state of its own between steps (BatchNormalization cannot be there)");
  updated_[weight.node] = next;
}

Value Scope::carried(const std::string& name, Shape shape) {
  const std::string path = path_of(name);
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

void Scope::use_policy(std::string_view policy) {
  if (policy.empty()) return;
  require<UnsupportedError>(policy == "float32" || policy == "mixed_bfloat16", path_, ": the dtype policy ", printable(policy), " of one layer is not supported; float32 and mixed_bfloat16 are");
  require<UnsupportedError>(options_.dtype == DType::float32, path_, ": the layer has the dtype policy ", policy, " in a model of ", options_.dtype, "; leave its own out, or the model's");
  rounds_ = policy == "mixed_bfloat16";
  rounding_[path_] = *rounds_;
}

void Scope::finish() {
  for (const auto& [node, next] : updated_) graph_.assign({&graph_, node, 0}, next);
}

Scope::Enter::Enter(Scope& s, const std::string& name, bool layer_trainable, const CallArguments& given)
    : scope(s), path(s.path_), trainable(s.trainable_), training(s.options_.training), rounds(s.rounds_), arguments(std::move(s.arguments_)), where(s.graph_.where) {
  scope.path_ = scope.path_of(name);
  scope.declared_.swap(declared);
  scope.named_.swap(named);
  scope.trainable_ = trainable && layer_trainable;
  if (rounds) scope.rounding_[scope.path_] = *rounds;
  scope.arguments_ = given;
  if (const Config& mode = given.options["training"]; !mode.is_null()) scope.options_.training = mode.as_bool();
  scope.graph_.where = scope.path_;
}

Scope::Enter::~Enter() {
  scope.path_ = std::move(path);
  scope.trainable_ = trainable;
  scope.options_.training = training;
  scope.rounds_ = rounds;
  scope.arguments_ = std::move(arguments);
  scope.declared_.swap(declared);
  scope.named_.swap(named);
  scope.graph_.where = std::move(where);
}

}  // namespace cornu
