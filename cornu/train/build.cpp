// From layers to weights: one trace says what there is, the store gets it.
#include "cornu/base/random.h"
#include "cornu/compiler/compile.h"
#include "cornu/train/model_state.h"

namespace cornu {
namespace {

struct Traced {
  std::vector<Variable> variables;
  std::set<std::string> transposed;
  std::vector<Shape> outputs;
  bool random = false;
};

Traced trace(const Model::State& model, std::vector<TensorType> types, int64_t batch) {
  Graph g;
  Scope scope(g, {.training = true});
  std::vector<Value> inputs;
  for (TensorType& type : types) {
    type.shape[0] = batch;
    inputs.push_back(g.input(text("x", inputs.size()), std::move(type)));
  }
  Traced t;
  for (const Value out : model.wiring->trace(std::move(inputs), scope)) t.outputs.push_back(out.shape());
  t.variables = scope.variables();
  t.transposed = choose_transposed_states(g);
  for (const Node& n : g.nodes) t.random |= n.kind == Node::Kind::state && n.name == random_key_state;
  return t;
}

}  // namespace

void build_model(Model::State& model, const std::vector<TensorType>& inputs, const WeightSource* source) {
  if (model.built()) return;
  require(!model.wiring->layers().empty(), "the model '", model.name, "' has no layers; add one first");
  for (const TensorType& x : inputs) require<ShapeError>(x.shape.rank() > 0, "a model takes a batch of samples; its first axis is the batch");
  // Two batch sizes: an axis that changes with them is free.
  const Traced two = trace(model, inputs, 2), three = trace(model, inputs, 3);
  std::vector<Shape> outputs = two.outputs;
  for (size_t k = 0; k < outputs.size(); ++k)
    for (int i = 0; i < outputs[k].rank(); ++i)
      if (outputs[k][i] != three.outputs[k][i]) outputs[k][i] = Shape::unknown;

  if (source) source->check(two.variables);
  for (const Variable& v : two.variables) {
    if (model.store.contains(v.path)) continue;
    Tensor value = source ? source->get(v, two.variables) : v.initializer(v.type.shape, v.type.dtype, model.seed, hash_name(v.path));
    ensure(value.shape() == v.type.shape && value.dtype() == v.type.dtype, "the first value of '", v.path, "' is a ", value.dtype(), value.shape());
    model.store.add(v.path, std::move(value), two.transposed.contains(v.path));
  }
  if (two.random && !model.store.contains(random_key_state))
    model.store.add(random_key_state, Tensor({3}, std::vector<int64_t>{static_cast<int64_t>(model.seed), 0, 0}));
  model.variables = two.variables;
  model.output_shapes = std::move(outputs);
  model.input_shapes.clear();
  for (const TensorType& x : inputs) model.input_shapes.push_back(Shape{Shape::unknown} + x.shape.drop_front());
}

void build_if_input_is_known(Model::State& model) {
  const auto inputs = model.wiring->inputs();
  if (!inputs) return;
  std::vector<TensorType> types;
  for (const Input& input : *inputs) {
    if (!input.shape.is_known()) return;
    types.push_back({input.dtype, Shape{2} + input.shape});
  }
  build_model(model, types);
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
