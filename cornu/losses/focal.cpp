// Focal and generalized cross entropies.
#include "cornu/losses/focal.h"

#include "cornu/losses/define_loss.h"
#include "cornu/losses/probabilistic.h"
#include "cornu/losses/targets.h"
#include "cornu/ops/ops.h"

namespace cornu {

Value BinaryFocalCrossentropy::operator()(Value y_true, Value y_pred) const {
  auto [y, p] = same_shape(y_true, y_pred, name);
  if (label_smoothing != 0) y = y * (1 - label_smoothing) + 0.5 * label_smoothing;
  if (from_logits) p = sigmoid(p);
  const Value of_true = y * p + (1 - y) * (1 - p);
  Value values = power(1 - of_true, scalar(p, gamma)) * binary_crossentropy_values(y, p, false);
  if (apply_class_balancing) values = (y * alpha + (1 - y) * (1 - alpha)) * values;
  return mean_along(values, axis);
}
CORNU_DEFINE_LOSS(BinaryFocalCrossentropy)

Value CategoricalFocalCrossentropy::operator()(Value y_true, Value y_pred) const {
  require<ShapeError>(y_true.shape() == y_pred.shape(), name, " wants one-hot labels of the shape of the predictions, ", y_pred.shape(), ", and was given ", y_true.shape());
  Value y = same_shape(y_true, y_pred, name).y_true;
  if (label_smoothing != 0) y = y * (1 - label_smoothing) + label_smoothing / static_cast<double>(y.dim(-1));
  y = with_axis_last(y, axis, name);
  Value p = with_axis_last(y_pred, axis, name);
  if (from_logits) p = softmax(p);
  p = clip(p / sum(p, {-1}, true), keras_epsilon, 1 - keras_epsilon);
  return sum(power(1 - p, scalar(p, gamma)) * alpha * -(y * log(p)), {-1});
}
CORNU_DEFINE_LOSS(CategoricalFocalCrossentropy)

void CategoricalGeneralizedCrossEntropy::check() const { require(q > 0 && q < 1, name, ": q must be inside (0, 1), and was ", q); }

Value CategoricalGeneralizedCrossEntropy::operator()(Value y_true, Value y_pred) const {
  const Value labels = class_labels(y_true, y_pred, name);
  const Value p = sum(y_pred * one_hot(labels, y_pred.dim(-1), y_pred.dtype()), {-1});
  return (1 - power(p, scalar(p, q))) / q;
}
CORNU_DEFINE_LOSS(CategoricalGeneralizedCrossEntropy)

}  // namespace cornu
