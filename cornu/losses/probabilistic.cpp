// Cross entropies and their kin.
#include "cornu/losses/probabilistic.h"

#include "cornu/losses/define_loss.h"
#include "cornu/losses/targets.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

/// The input of the op T that made y, if one did; in y's dtype, when y is what T gave in a coarser one.
template <class T> std::optional<Value> behind(Value y) {
  const Graph& g = *y.graph;
  const auto maker = [&g](Value v) { return g[v].kind == Node::Kind::op ? &g[v] : nullptr; };
  const Node* node = maker(y);
  if (node && node->op->as<Cast>() && node->in[0].dtype() == DType::bfloat16) node = maker(node->in[0]);
  if (!node || !node->op->as<T>()) return {};
  const Value x = node->in[0];
  return x.dtype() == y.dtype() ? x : cast(x, y.dtype());
}

}  // namespace

std::optional<Value> SparseCategoricalCrossentropy::mask(Value y_true, Value y_pred, Value) const {
  if (!ignore_class) return {};
  const Value labels = class_labels(y_true, y_pred, name);
  return not_equal(labels, scalar(labels, static_cast<double>(*ignore_class)));
}

Value SparseCategoricalCrossentropy::operator()(Value y_true, Value y_pred) const {
  require<UnsupportedError>(axis == -1 || axis == y_pred.shape().rank() - 1, name, ": the classes can only be on the last axis, and axis was ", axis);
  Value labels = class_labels(y_true, y_pred, name);
  const std::optional<Value> valid = mask(y_true, y_pred, {});
  if (valid) labels = select(*valid, labels, scalar(labels, 0));
  std::optional<Value> logits = from_logits ? y_pred : behind<Softmax>(y_pred);
  if (!logits) logits = log(clip(y_pred, keras_epsilon, 1 - keras_epsilon));  // as TensorFlow's: the softmax renormalises what was clipped
  const Value values = sparse_softmax_cross_entropy(*logits, labels);
  return valid ? select(*valid, values, scalar(values, 0)) : values;
}
CORNU_DEFINE_LOSS(SparseCategoricalCrossentropy)

Value CategoricalCrossentropy::operator()(Value y_true, Value y_pred) const {
  require<ShapeError>(y_true.shape() == y_pred.shape(), name, " wants labels of the shape of the predictions, ", y_pred.shape(), ", and was given ", y_true.shape(),
                      y_true.shape().rank() < y_pred.shape().rank() || y_true.dim(-1) == 1 ? "; use sparse_categorical_crossentropy for integer labels" : "");
  Value y = same_shape(y_true, y_pred, name).y_true;
  if (label_smoothing != 0) y = y * (1 - label_smoothing) + label_smoothing / static_cast<double>(y.dim(-1));  // Keras counts along the last axis
  y = with_axis_last(y, axis, name);
  if (from_logits) return softmax_cross_entropy(with_axis_last(y_pred, axis, name), y);
  const bool last = axis == -1 || axis == y_pred.shape().rank() - 1;
  if (const std::optional<Value> logits = last ? behind<Softmax>(y_pred) : std::nullopt) return softmax_cross_entropy(*logits, y);
  Value p = with_axis_last(y_pred, axis, name);
  p = clip(p / sum(p, {-1}, true), keras_epsilon, 1 - keras_epsilon);
  return -sum(y * log(p), {-1});
}
CORNU_DEFINE_LOSS(CategoricalCrossentropy)

Value binary_crossentropy_values(Value y, Value p, bool from_logits) {
  // With logits x: -y log sigmoid(x) - (1 - y) log sigmoid(-x) = softplus(x) - x y.
  if (const std::optional<Value> x = from_logits ? p : behind<sigmoid_op>(p)) return softplus(*x) - *x * y;
  p = clip(p, keras_epsilon, 1 - keras_epsilon);
  return -(y * log(p) + (1 - y) * log(1 - p));
}

Value BinaryCrossentropy::operator()(Value y_true, Value y_pred) const {
  auto [y, p] = same_shape(y_true, y_pred, name);
  if (label_smoothing != 0) y = y * (1 - label_smoothing) + 0.5 * label_smoothing;
  return mean_along(binary_crossentropy_values(y, p, from_logits), axis);
}
CORNU_DEFINE_LOSS(BinaryCrossentropy)

Value KLDivergence::operator()(Value y_true, Value y_pred) const {
  auto [y, p] = same_shape(y_true, y_pred, name);
  y = clip(y, keras_epsilon, 1);
  const Value values = y * log(y / clip(p, keras_epsilon, 1));
  return values.shape().rank() <= 1 ? values : sum(values, {-1});
}
CORNU_DEFINE_LOSS(KLDivergence)

Value Poisson::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  return mean_along(p - y * log(p + keras_epsilon));
}
CORNU_DEFINE_LOSS(Poisson)

}  // namespace cornu
