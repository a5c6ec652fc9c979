#include "cornu/layers/layers.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(TimeDistributed)

namespace {

Value one(const Layer& layer, Value x, Scope& scope, const CallArguments& arguments) {
  const std::vector<Value> out = layer({x}, scope, arguments);
  require(out.size() == 1, scope.path(), ": TimeDistributed wraps a layer with one output, and ", layer.class_name(), " returned ", out.size());
  return out[0];
}

/// Whether the layer changes a state when it is called: found out in a graph that is thrown away.
bool keeps_state(const Layer& layer, const TensorType& step, const Scope& scope) {
  Graph graph;
  Scope trial(graph, {.training = true, .dtype = scope.dtype()});
  layer({graph.input("x", step)}, trial);
  trial.finish();
  return !graph.assignments.empty();
}

Value step_of(Value x, int64_t i) {
  std::vector<int64_t> begin(static_cast<size_t>(x.shape().rank()), 0), end = x.shape().sizes();
  begin[1] = i;
  end[1] = i + 1;
  return reshape(slice(x, begin, end), x.shape().part(0, 1) + x.shape().drop_front(2));
}

}  // namespace

Value TimeDistributed::operator()(Value x, Scope& scope) const {
  require(layer.has_value(), scope.path(), ": TimeDistributed was given no layer");
  require<ShapeError>(x.shape().rank() >= 3, scope.path(), ": TimeDistributed takes [batch, time, ...], at least three axes, and was given ", x.shape());
  const Shape steps = x.shape().part(0, 2), sample = x.shape().drop_front(2);
  const CallArguments call = scope.call();
  std::optional<Value> mask = scope.mask(x);
  if (const auto found = call.values.find("mask"); found != call.values.end() && !found->second.empty()) mask = found->second[0];
  if (mask)
    require<ShapeError>(mask->shape().rank() >= 2 && mask->shape().part(0, 2) == steps, scope.path(), ": the mask has shape ", mask->shape(), ", and its first two axes must be x's, ", steps);
  if (mask && mask->shape().rank() < 3) mask.reset();

  if (scope.training() && steps[1] > 0 && keeps_state(*layer, {x.dtype(), steps.part(0, 1) + sample}, scope)) {
    std::vector<Value> parts;
    for (int64_t i = 0; i < steps[1]; ++i) {
      CallArguments arguments;
      if (mask) arguments.values["mask"] = {step_of(*mask, i)};
      const Value y = one(*layer, step_of(x, i), scope, arguments);
      parts.push_back(reshape(y, Shape{steps[0], 1} + y.shape().drop_front()));
    }
    return concat(parts, 1);
  }
  CallArguments arguments;
  const Value folded = reshape(x, Shape{steps.elements()} + sample);
  if (mask) {
    const Value m = reshape(*mask, Shape{steps.elements()} + mask->shape().drop_front(2));
    arguments.values["mask"] = {m};
    scope.set_mask(folded, m);
  }
  const Value y = one(*layer, folded, scope, arguments);
  return reshape(y, steps + y.shape().drop_front());
}

}  // namespace cornu
