// Shapes of labels, predictions and weights.
#include "cornu/losses/targets.h"

#include "cornu/ops/ops.h"

namespace cornu {

Pair same_shape(Value y_true, Value y_pred, std::string_view who) {
  const Shape given_true = y_true.shape(), given_pred = y_pred.shape();
  const auto extra_one = [](Value longer, Value shorter) { return longer.shape().rank() == shorter.shape().rank() + 1 && longer.dim(-1) == 1; };
  if (extra_one(y_true, y_pred)) y_true = reshape(y_true, given_true.drop_back());
  else if (extra_one(y_pred, y_true)) y_true = reshape(y_true, given_pred);
  require<ShapeError>(y_true.shape() == y_pred.shape(), who, " wants labels of the shape of the predictions, and was given labels ", given_true, " for predictions ",
                      given_pred);
  return {y_true.dtype() == y_pred.dtype() ? y_true : cast(y_true, y_pred.dtype()), y_pred};
}

Value class_labels(Value y_true, Value y_pred, std::string_view who) {
  const Shape given = y_true.shape(), predictions = y_pred.shape();
  require<ShapeError>(predictions.rank() >= 1, who, " wants predictions with one number for each class, and was given a single number");
  const Shape wanted = predictions.drop_back();
  if (given == wanted + Shape{1}) y_true = reshape(y_true, wanted);
  require<ShapeError>(y_true.shape() == wanted, who, " wants integer labels of shape ", wanted, " or ", wanted + Shape{1}, " for predictions ", predictions, ", and was given ",
                      given, given == predictions ? "; use categorical_crossentropy (or categorical_accuracy) for one-hot labels" : "");
  return is_integer(y_true.dtype()) ? y_true : cast(y_true, DType::int64);
}

Value aligned_weight(Value weight, Value values) {
  const Shape given = weight.shape(), wanted = values.shape();
  if (weight.dtype() != values.dtype()) weight = cast(weight, values.dtype());
  if (given == wanted) return weight;
  Shape shape = given;
  while (shape.rank() > wanted.rank() && shape.dim(-1) == 1) shape = shape.drop_back();
  while (shape.rank() < wanted.rank()) shape.push_back(1);
  bool fits = shape.rank() == wanted.rank();
  for (int i = 0; fits && i < shape.rank(); ++i) fits = shape[i] == wanted[i] || shape[i] == 1;
  require<ShapeError>(fits, "sample weights of shape ", given, " do not fit losses of shape ", wanted, "; give one weight for each sample");
  return reshape(weight, shape);
}

Value mean_along(Value x, int64_t axis) { return x.shape().rank() <= 1 ? x : mean(x, {axis}); }

Value with_axis_last(Value x, int64_t axis, std::string_view who) {
  const int rank = x.shape().rank();
  require<ShapeError>(axis >= -rank && axis < rank, who, ": axis ", axis, " is none of values of shape ", x.shape());
  const int64_t at = axis < 0 ? axis + rank : axis;
  if (at == rank - 1) return x;
  std::vector<int64_t> order;
  for (int64_t i = 0; i < rank; ++i)
    if (i != at) order.push_back(i);
  order.push_back(at);
  return transpose(x, order);
}

Targets kind_of_targets(const Shape& y_true, const Shape& y_pred) {
  const int64_t classes = y_pred.rank() > 0 ? y_pred.dim(-1) : 1;
  if (classes == 1) return Targets::binary;
  if (y_true.rank() < y_pred.rank() || y_true.dim(-1) == 1) return Targets::sparse;
  return Targets::categorical;
}

}  // namespace cornu
