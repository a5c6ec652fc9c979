// From layers to weights: one trace says what there is, the store gets it.
#include "cornu/base/random.h"
#include "cornu/compiler/compile.h"
#include "cornu/train/model_state.h"

namespace cornu {
namespace {

struct Traced {
  std::vector<Variable> variables;
  std::set<std::string> transposed;
  Shape output;
  bool random = false;
};

Traced trace(const Model::State& model, TensorType x) {
  Graph g;
  Scope scope(g, {.training = true});
  const Value out = model.wiring.trace({g.input("x", std::move(x))}, scope)[0];
  Traced t{scope.variables(), choose_transposed_states(g), out.shape()};
  for (const Node& n : g.nodes) t.random |= n.kind == Node::Kind::state && n.name == random_key_state;
  return t;
}

TensorType with_batch(TensorType x, int64_t batch) {
  x.shape[0] = batch;
  return x;
}

}  // namespace

void build_model(Model::State& model, const TensorType& x, const WeightSource* source) {
  if (model.output_shape) return;
  require(!model.wiring.layers().empty(), "the model '", model.name, "' has no layers; add one first");
  require<ShapeError>(x.shape.rank() > 0, "a model takes a batch of samples; its first axis is the batch");
  // Two batch sizes: an axis that changes with them is free.
  const Traced two = trace(model, with_batch(x, 2)), three = trace(model, with_batch(x, 3));
  Shape output = two.output;
  for (int i = 0; i < output.rank(); ++i)
    if (output[i] != three.output[i]) output[i] = Shape::unknown;

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
  model.output_shape = output;
  model.input_shape = x.shape;
  (*model.input_shape)[0] = Shape::unknown;
}

void build_if_input_is_known(Model::State& model) {
  const auto inputs = model.wiring.inputs();
  if (inputs && (*inputs)[0].shape.is_known()) build_model(model, {(*inputs)[0].dtype, Shape{2} + (*inputs)[0].shape});
}

void Model::State::require_built() const {
  require(output_shape.has_value(), "the model '", name, "' has no weights yet: begin it with an Input, call build() with an input shape, or fit it on data first");
}

void Model::State::require_compiled(std::string_view what) const {
  require(config.has_value(), "call compile() before ", what, "(): it says which optimizer, loss and metrics to use");
}

}  // namespace cornu
