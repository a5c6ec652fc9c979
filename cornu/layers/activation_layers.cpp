#include "cornu/layers/activation_layers.h"

#include <algorithm>

#include "cornu/layers/core.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(ReLU)
CORNU_DEFINE_LAYER(LeakyReLU)
CORNU_DEFINE_LAYER(PReLU)
CORNU_DEFINE_LAYER(ELU)
CORNU_DEFINE_LAYER(layers::Softmax)

Value ReLU::operator()(Value x, Scope& scope) const {
  require(max_value.value_or(0) >= 0, scope.path(), ": ReLU's max_value cannot be negative, and was given as ", max_value.value_or(0));
  require(negative_slope >= 0, scope.path(), ": ReLU's negative_slope cannot be negative, and was given as ", negative_slope);
  require(threshold >= 0, scope.path(), ": ReLU's threshold cannot be negative, and was given as ", threshold);
  return activations::relu(computable(x, scope), negative_slope, max_value, threshold);
}

Value LeakyReLU::operator()(Value x, Scope& scope) const {
  require(negative_slope >= 0, scope.path(), ": LeakyReLU's negative_slope cannot be negative, and was given as ", negative_slope);
  return activations::leaky_relu(computable(x, scope), negative_slope);
}

Value PReLU::operator()(Value x, Scope& scope) const {
  require<ShapeError>(x.shape().rank() >= 1, scope.path(), ": PReLU takes [batch, ...] and was given one number");
  x = computable(x, scope);
  Shape shape = x.shape().drop_front();
  for (const int64_t axis : shared_axes.list.value_or(std::vector<int64_t>{})) {
    require<ShapeError>(1 <= axis && axis <= shape.rank(), scope.path(), ": PReLU's shared_axes count from 1, the first after the batch, to ", shape.rank(), " for ", x.shape(), ", and have ", axis);
    shape[static_cast<int>(axis) - 1] = 1;
  }
  const Value alpha = scope.weight("alpha", shape, alpha_initializer, {.regularizer = alpha_regularizer, .constraint = alpha_constraint});
  return relu(x) - alpha * relu(-x);
}

Value ELU::operator()(Value x, Scope& scope) const { return activations::elu(computable(x, scope), alpha); }

Value softmax_over(Value x, const std::vector<int64_t>& axes) {
  const Shape shape = x.shape();
  std::vector<int64_t> order;
  for (int64_t a = 0; a < shape.rank(); ++a)
    if (std::find(axes.begin(), axes.end(), a) == axes.end()) order.push_back(a);
  const auto kept = static_cast<int>(order.size());
  order.insert(order.end(), axes.begin(), axes.end());
  const Value last = transpose(x, order);
  const Value y = reshape(softmax(reshape(last, last.shape().part(0, kept) + Shape{last.shape().drop_front(kept).elements()})), last.shape());
  std::vector<int64_t> back(order.size());
  for (size_t i = 0; i < order.size(); ++i) back[static_cast<size_t>(order[i])] = static_cast<int64_t>(i);
  return transpose(y, back);
}

Value as_mask(Value mask) {
  if (mask.dtype() == DType::boolean) return mask;
  return is_float(mask.dtype()) ? greater(mask, scalar(mask, 0.5)) : cast(mask, DType::boolean);
}

Value masked_scores(Value x, Value mask) { return select(as_mask(mask), x, scalar(x, -1e9)); }

Value layers::Softmax::operator()(Value x, Scope& scope) const {
  std::optional<Value> mask = scope.mask(x);
  x = computable(x, scope);
  const std::vector<int64_t> axes = axis.of(x.shape(), text(scope.path(), ": Softmax"));
  require(!axes.empty(), scope.path(), ": Softmax needs an axis");
  const auto given = scope.call().values.find("mask");
  const bool by_call = given != scope.call().values.end() && !given->second.empty();
  if (by_call) mask = given->second[0];
  if (!mask) return softmax_over(x, axes);
  const Shape& m = mask->shape();
  bool fits = m.rank() <= x.shape().rank();
  for (int a = 1; fits && a <= m.rank(); ++a) fits = m.dim(-a) == 1 || m.dim(-a) == x.dim(-a);
  require<ShapeError>(fits, scope.path(), ": Softmax takes a mask that broadcasts to ", x.shape(), ", and was given one of ", m);
  const Value y = select(as_mask(*mask), softmax_over(masked_scores(x, *mask), axes), scalar(x, 0));
  if (by_call) scope.set_mask(y, *mask);
  return y;
}

}  // namespace cornu
