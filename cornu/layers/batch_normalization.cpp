// BatchNormalization: its own file, for it alone has a state and a mode.
#include "cornu/layers/core.h"
#include "cornu/layers/normalization.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(BatchNormalization)

namespace {

struct Moments {
  Value mean, variance;  // with all axes
};

/// Over all samples and places that count.
Moments moments(Value x, std::optional<Value> mask, const std::vector<int64_t>& over) {
  if (!mask) {
    const Value mean = cornu::mean(x, over, true);
    return {mean, cornu::mean(square(x - mean), over, true)};
  }
  const Value counts = broadcast_to(reshape(*mask, mask->shape() + Shape{1}), x.shape()), zero = scalar(x, 0);
  const Value n = sum(cast(counts, x.dtype()), over, true) + 1e-7;  // Keras's guard against a batch of which nothing counts
  const Value mean = sum(select(counts, x, zero), over, true) / n;
  return {mean, sum(square(select(counts, x - mean, zero)), over, true) / n};
}

}  // namespace

Config BatchNormalization::extras() {
  return Config(Config::Dict{{"renorm", false}, {"renorm_clipping", nullptr}, {"renorm_momentum", 0.99}, {"synchronized", false}, {"virtual_batch_size", nullptr}, {"fused", nullptr}, {"adjustment", nullptr}});
}

Value BatchNormalization::operator()(Value x, Scope& scope) const {
  const std::string who = text(scope.path(), ": BatchNormalization");
  require<ShapeError>(x.shape().rank() >= 2, who, " takes [batch, ...] and was given ", x.shape());
  std::optional<Value> mask = scope.mask(x);
  if (const auto given = scope.call().values.find("mask"); given != scope.call().values.end() && !given->second.empty()) mask = given->second[0];
  x = computable(x, scope);
  const int at = axis.of(x.shape(), who);
  require<ShapeError>(!mask || mask->shape() == x.shape().drop_back(), who, " takes a mask with all axes of its input but the last, and was given ", mask ? mask->shape() : Shape{}, " for ", x.shape());

  const Shape size = {x.shape()[at]};
  Value gamma, beta;
  if (scale) gamma = scope.weight("gamma", size, gamma_initializer, {.regularizer = gamma_regularizer, .constraint = gamma_constraint});
  if (center) beta = scope.weight("beta", size, beta_initializer, {.regularizer = beta_regularizer, .constraint = beta_constraint});
  const Value moving_mean = scope.weight("moving_mean", size, moving_mean_initializer, {.trainable = false});
  const Value moving_variance = scope.weight("moving_variance", size, moving_variance_initializer, {.trainable = false});

  Shape wide(std::vector<int64_t>(static_cast<size_t>(x.shape().rank() - at), 1));  // [size, 1, ...]
  wide[0] = size[0];
  const auto along = [&](Value v) { return reshape(v, wide); };
  Value mean = scope.current(moving_mean), variance = scope.current(moving_variance);
  if (scope.training() && scope.trainable()) {
    std::vector<int64_t> over;
    for (int64_t a = 0; a < x.shape().rank(); ++a)
      if (a != at) over.push_back(a);
    const Moments batch = moments(x, mask, over);
    scope.update(moving_mean, mean * momentum + reshape(batch.mean, size) * (1 - momentum));
    scope.update(moving_variance, variance * momentum + reshape(batch.variance, size) * (1 - momentum));
    mean = reshape(batch.mean, size), variance = reshape(batch.variance, size);
  }
  Value factor = rsqrt(variance + epsilon);
  if (gamma) factor = factor * gamma;
  Value y = (x - along(mean)) * along(factor);
  if (beta) y = y + along(beta);
  if (mask) scope.set_mask(y, *mask);
  return y;
}

}  // namespace cornu
