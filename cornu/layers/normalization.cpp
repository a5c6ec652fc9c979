#include "cornu/layers/normalization.h"

#include "cornu/layers/core.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(LayerNormalization)
CORNU_DEFINE_LAYER(GroupNormalization)
CORNU_DEFINE_LAYER(RMSNormalization)
CORNU_DEFINE_LAYER(UnitNormalization)

namespace {

Shape sizes_at(const Shape& shape, const std::vector<int64_t>& axes) {
  Shape sizes;
  for (const int64_t a : axes) sizes.push_back(shape[static_cast<int>(a)]);
  return sizes;
}

/// A weight with the sizes of `axes` (ascending) as it broadcasts to `shape`.
Value along(Value weight, const Shape& shape, const std::vector<int64_t>& axes) {
  Shape wide(std::vector<int64_t>(static_cast<size_t>(shape.rank()), 1));
  for (const int64_t a : axes) wide[static_cast<int>(a)] = shape[static_cast<int>(a)];
  int from = 0;
  while (from < wide.rank() && wide[from] == 1 && wide.rank() - from > weight.shape().rank()) ++from;
  return reshape(weight, wide.drop_front(from));
}

struct Moments {
  Value deviation, variance;
};
Moments moments(Value x, const std::vector<int64_t>& axes) {
  const Value deviation = x - mean(x, axes, true);
  return {deviation, mean(square(deviation), axes, true)};
}

/// gamma and beta of the layers that have both, in Keras's order.
template <class Layer> struct ScaleAndOffset {
  Value gamma, beta;
  ScaleAndOffset(const Layer& l, Scope& scope, const Shape& sizes, bool has_gamma, bool has_beta) {
    if (has_gamma) gamma = scope.weight("gamma", sizes, l.gamma_initializer, {.regularizer = l.gamma_regularizer, .constraint = l.gamma_constraint});
    if (has_beta) beta = scope.weight("beta", sizes, l.beta_initializer, {.regularizer = l.beta_regularizer, .constraint = l.beta_constraint});
  }
};

}  // namespace

Value LayerNormalization::operator()(Value x, Scope& scope) const {
  x = computable(x, scope);
  const std::vector<int64_t> axes = axis.of(x.shape(), text(scope.path(), ": LayerNormalization"));
  require(!axes.empty(), scope.path(), ": LayerNormalization needs an axis");
  const ScaleAndOffset w(*this, scope, sizes_at(x.shape(), axes), scale || rms_scaling, center && !rms_scaling);
  const Moments m = moments(x, axes);
  Value factor = rsqrt(m.variance + epsilon);
  if (w.gamma) factor = factor * along(w.gamma, x.shape(), axes);
  const Value y = (rms_scaling ? x : m.deviation) * factor;
  return w.beta ? y + along(w.beta, x.shape(), axes) : y;
}

Value GroupNormalization::operator()(Value x, Scope& scope) const {
  require<ShapeError>(x.shape().rank() >= 2, scope.path(), ": GroupNormalization takes [batch, ...] and was given ", x.shape());
  x = computable(x, scope);
  const int at = axis.of(x.shape(), text(scope.path(), ": GroupNormalization"));
  require<ShapeError>(at > 0, scope.path(), ": GroupNormalization cannot group the samples of ", x.shape());
  const int64_t size = x.shape()[at], n = groups == -1 ? size : groups;
  require(n > 0, scope.path(), ": GroupNormalization takes a positive number of groups, or -1, and was given ", groups);
  require<ShapeError>(size % n == 0, scope.path(), ": GroupNormalization cannot split the ", size, " numbers along axis ", at, " of ", x.shape(), " into ", n, " groups");
  const ScaleAndOffset w(*this, scope, Shape{size}, scale, center);

  const Shape grouped = x.shape().part(0, at) + Shape{n, size / n} + x.shape().drop_front(at + 1);
  std::vector<int64_t> over;
  for (int64_t a = 1; a < grouped.rank(); ++a)
    if (a != at) over.push_back(a);
  const Moments m = moments(reshape(x, grouped), over);
  const std::vector<int64_t> both = {at, at + 1};
  const auto wide = [&](Value v) { return along(reshape(v, {n, size / n}), grouped, both); };
  Value factor = rsqrt(m.variance + epsilon);
  if (w.gamma) factor = factor * wide(w.gamma);
  Value y = m.deviation * factor;
  if (w.beta) y = y + wide(w.beta);
  return reshape(y, x.shape());
}

Value RMSNormalization::operator()(Value x, Scope& scope) const {
  x = computable(x, scope);
  const std::vector<int64_t> axes = axis.of(x.shape(), text(scope.path(), ": RMSNormalization"));
  require(!axes.empty(), scope.path(), ": RMSNormalization needs an axis");
  const Value scale = scope.weight("scale", sizes_at(x.shape(), axes), "ones");
  return x * rsqrt(mean(square(x), axes, true) + epsilon) * along(scale, x.shape(), axes);
}

Value UnitNormalization::operator()(Value x, Scope& scope) const {
  x = computable(x, scope);
  const std::vector<int64_t> axes = axis.of(x.shape(), text(scope.path(), ": UnitNormalization"));
  require(!axes.empty(), scope.path(), ": UnitNormalization needs an axis");
  const Value squares = sum(square(x), axes, true);
  return x * rsqrt(maximum(squares, scalar(squares, 1e-24)));  // Keras divides by no less than 1e-12
}

}  // namespace cornu
