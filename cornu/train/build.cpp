// From layers to weights: one trace says what there is, the store gets it.
#include "cornu/base/random.h"
#include "cornu/compiler/compile.h"
#include "cornu/nn/choice.h"
#include "cornu/train/model_state.h"

namespace cornu {
namespace {

struct Traced {
  std::vector<Variable> variables;
  std::set<std::string> transposed;
  std::vector<Shape> outputs;
  TrainableFlags flags;
  std::map<std::string, bool> rounding;
  bool random = false;
};

Traced trace(const Model::State& model, const std::vector<TensorType>& types, std::map<std::string, std::vector<TensorType>>* layer_outputs = nullptr) {
  Graph g;
  Scope scope(g, {.training = true, .dtype = model.policy.dtype, .trainable = model.as_layer.trainable(), .outputs = layer_outputs});
  std::vector<Value> inputs;
  for (const TensorType& type : types) inputs.push_back(as_layers_see_it(g.input(text("x", inputs.size()), type), 1, model.policy.dtype));
  Traced t;
  for (const Value out : model.wiring->trace(std::move(inputs), scope)) t.outputs.push_back(out.shape());
  t.variables = scope.variables();
  t.flags = scope.trainable_flags();
  t.rounding = scope.rounding();
  t.transposed = choose_transposed_states(g);
  for (const Node& n : g.nodes) t.random |= n.kind == Node::Kind::state && n.name == random_key_state;
  return t;
}

/// The sizes of one of two probes for what is free.
std::vector<TensorType> with_sizes(const std::vector<TensorType>& inputs, size_t probe) {
  std::vector<TensorType> types = inputs;
  for (TensorType& type : types)
    for (int i = 0; i < type.shape.rank(); ++i)
      if (type.shape[i] == Shape::unknown) type.shape[i] = i == 0 ? probe_batch[probe] : probe_size[probe];
  return types;
}

void check_weights_are_fixed(const std::vector<Variable>& first, const std::vector<Variable>& second) {
  ensure(first.size() == second.size(), "the number of weights depends on the size of the batch");
  for (size_t i = 0; i < first.size(); ++i)
    require<ShapeError>(first[i].type == second[i].type, first[i].path, ": its shape, ", free_axes(first[i].type.shape, second[i].type.shape),
                        ", depends on an axis whose size the model's Input leaves open; give Input that size, or reduce the axis first (GlobalAveragePooling, a recurrent layer)");
}

/// The memory of a variable that another model with the same layer has made already.
std::shared_ptr<WeightMemory> memory_of_layer(const Variable& v) {
  for (const WeightOwner& owner : v.owners)
    if (auto memory = owner.weights->find(owner.path)) {
      require<ShapeError>(memory->type() == v.type, v.path, ": the layer has a ", memory->type(), " already, and these inputs ask for a ", v.type, "; a layer's weights stay as they were first made");
      return memory;
    }
  return nullptr;
}

void create_weight(Model::State& model, const Variable& v, const std::vector<Variable>& all, bool transposed, const WeightSource* source) {
  if (model.store.contains(v.path)) return;
  std::shared_ptr<WeightMemory> memory = memory_of_layer(v);
  if (!memory) {
    const Tensor value = source ? source->get(v, all) : v.initializer(v.type.shape, v.type.dtype, model.seed, hash_name(v.path));
    ensure(value.shape() == v.type.shape && value.dtype() == v.type.dtype, "the first value of '", v.path, "' is a ", value.dtype(), value.shape());
    memory = std::make_shared<WeightMemory>(value, transposed);
  }
  for (const WeightOwner& owner : v.owners) owner.weights->add(owner.path, memory);
  model.store.share(v.path, std::move(memory));
}

std::vector<TensorType> input_types(const Model::State& model) {
  std::vector<TensorType> types;
  for (size_t i = 0; i < model.input_shapes.size(); ++i) types.push_back({model.input_types[i], model.input_shapes[i]});
  return types;
}

/// The size of the batch is free, whatever data there are, unless the model's Input fixes it.
void free_batch(const Model::State& model, std::vector<TensorType>& types) {
  const auto inputs = model.wiring->inputs();
  for (size_t i = 0; i < types.size(); ++i) types[i].shape[0] = inputs && i < inputs->size() ? (*inputs)[i].batch_size.value_or(Shape::unknown) : Shape::unknown;
}

}  // namespace

void build_model(Model::State& model, const std::vector<TensorType>& like, const WeightSource* source) {
  if (model.built()) return;
  require(!model.wiring->layers().empty(), "the model '", model.name, "' has no layers; add one first");
  for (const TensorType& x : like) require<ShapeError>(x.shape.rank() > 0, "a model takes a batch of samples; its first axis is the batch");
  std::vector<TensorType> given = like;
  free_batch(model, given);
  const Traced first = trace(model, with_sizes(given, 0)), second = trace(model, with_sizes(given, 1));
  check_weights_are_fixed(first.variables, second.variables);
  if (source) source->check(first.variables);
  for (const Variable& v : first.variables) create_weight(model, v, first.variables, first.transposed.contains(v.path), source);
  if (first.random && !model.store.contains(random_key_state))
    model.store.add(random_key_state, Tensor({3}, std::vector<int64_t>{static_cast<int64_t>(model.seed), 0, 0}));
  model.variables = first.variables;
  model.flags = first.flags;
  model.rounding = first.rounding;
  model.trainable = model.as_layer.trainable();
  for (size_t k = 0; k < first.outputs.size(); ++k) model.output_shapes.push_back(free_axes(first.outputs[k], second.outputs[k]));
  model.input_shapes.clear();
  model.input_types.clear();
  for (const TensorType& x : given) model.input_shapes.push_back(x.shape), model.input_types.push_back(x.dtype);
}

void build_if_input_is_known(Model::State& model, const WeightSource* source) {
  const auto inputs = model.wiring->inputs();
  if (!inputs) return;
  std::vector<TensorType> types;
  for (const Input& input : *inputs) types.push_back({input.dtype, Shape{Shape::unknown} + input.shape});
  build_model(model, types, source);
}

void settle_trainable(Model::State& model) {
  if (!model.built()) return;
  Traced now = trace(model, with_sizes(input_types(model), 0));
  model.variables = std::move(now.variables);
  model.flags = std::move(now.flags);
  model.trainable = model.as_layer.trainable();
}

ModelNow model_now(const Model::State& model) {
  ModelNow now;
  std::map<std::string, std::vector<TensorType>> first, second;
  now.variables = trace(model, with_sizes(input_types(model), 0), &first).variables;
  trace(model, with_sizes(input_types(model), 1), &second);
  for (const auto& [path, types] : first)
    for (size_t i = 0; i < types.size(); ++i) now.outputs[path].push_back(free_axes(types[i].shape, second.at(path).at(i).shape));
  return now;
}

ScopeOptions scope_options(const Model::State& model, bool training) { return {.training = training, .dtype = model.policy.dtype, .trainable = model.trainable, .settled = &model.flags}; }

Model::State::State(std::string called, std::shared_ptr<Wiring> how) : name(std::move(called)), wiring(std::move(how)), as_layer(model_layer(wiring, {.name = name})) {
  if (name.empty()) name = snake_case(wiring->class_name());
}

void Model::State::set_policy(const DtypePolicy& p) {
  policy = p;
  wiring->policy = p == DtypePolicy{} ? std::string() : std::string(p.name);
}

Chain& Model::State::chain() {
  auto* chain = dynamic_cast<Chain*>(wiring.get());
  ensure(chain != nullptr, "the model '", name, "' is not a Sequential");
  return *chain;
}

const Shape& Model::State::input_shape() const {
  require_built();
  require(input_shapes.size() == 1, "the model '", name, "' has ", input_shapes.size(), " inputs; ask for input_shapes");
  return input_shapes[0];
}

const Shape& Model::State::output_shape() const {
  require_built();
  require(output_shapes.size() == 1, "the model '", name, "' has ", output_shapes.size(), " outputs; ask for output_shapes");
  return output_shapes[0];
}

void Model::State::require_built() const {
  require(built(), "the model '", name, "' has no weights yet: begin it with an Input, call build() with an input shape, or fit it on data first");
}

void Model::State::require_compiled(std::string_view what) const {
  require(config.has_value(), "call compile() before ", what, "(): it says which optimizer, loss and metrics to use");
}

}  // namespace cornu
