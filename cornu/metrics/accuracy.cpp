// Accuracies.
#include "cornu/metrics/accuracy.h"

#include <algorithm>

#include "cornu/losses/targets.h"
#include "cornu/metrics/define_metric.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

Value as_int64(Value x) { return x.dtype() == DType::int64 ? x : cast(x, DType::int64); }

void require_one_hot(Value y_true, Value y_pred, std::string_view who, std::string_view instead) {
  require<ShapeError>(y_true.shape() == y_pred.shape(), who, " wants one-hot labels of the shape of the predictions, ", y_pred.shape(), ", and was given ", y_true.shape(), "; use ", instead,
                      " for integer labels");
}

// Keras on TensorFlow: in_top_k(label, predictions, k).
Value in_top_k(Value labels, Value y_pred, int64_t k) {
  const int64_t classes = y_pred.dim(-1);
  const Value hot = one_hot(labels, classes), is_label = not_equal(hot, scalar(hot, 0));
  const Value of_label = sum(select(is_label, y_pred, scalar(y_pred, 0)), {-1}, true);
  const Value more = sum(cast(greater(y_pred, of_label), DType::float32), {-1});
  const Value finite = sum(cast(isfinite(y_pred), DType::float32), {-1}), known = sum(hot, {-1});
  const Value can_say = logical_and(equal(finite, scalar(finite, static_cast<double>(classes))), greater(known, scalar(known, 0)));
  return cast(logical_and(can_say, less(more, scalar(more, static_cast<double>(k)))), DType::float32);
}

}  // namespace

Value Accuracy::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  return cast(equal(y, p), DType::float32);
}
CORNU_DEFINE_METRIC(Accuracy)

Value BinaryAccuracy::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  return cast(equal(y, cast(greater(p, scalar(p, threshold)), p.dtype())), DType::float32);
}
CORNU_DEFINE_METRIC(BinaryAccuracy)

Value CategoricalAccuracy::operator()(Value y_true, Value y_pred) const {
  require_one_hot(y_true, y_pred, name, "sparse_categorical_accuracy");
  return cast(equal(argmax(y_true), argmax(y_pred)), DType::float32);
}
CORNU_DEFINE_METRIC(CategoricalAccuracy)

Value SparseCategoricalAccuracy::operator()(Value y_true, Value y_pred) const {
  return cast(equal(as_int64(class_labels(y_true, y_pred, name)), argmax(y_pred)), DType::float32);
}
CORNU_DEFINE_METRIC(SparseCategoricalAccuracy)

Value TopKCategoricalAccuracy::operator()(Value y_true, Value y_pred) const {
  require_one_hot(y_true, y_pred, name, "sparse_top_k_categorical_accuracy");
  return in_top_k(argmax(y_true), y_pred, k);
}
CORNU_DEFINE_METRIC(TopKCategoricalAccuracy)

Value SparseTopKCategoricalAccuracy::operator()(Value y_true, Value y_pred) const {
  const Value labels = class_labels(y_true, y_pred, name);
  if (!from_sorted_ids) return in_top_k(labels, y_pred, k);
  const Shape& shape = y_pred.shape();
  std::vector<int64_t> begin(static_cast<size_t>(shape.rank()), 0), end = shape.sizes();
  end.back() = std::min(end.back(), k);
  const Value first = slice(y_pred, begin, end), wanted = reshape(cast(labels, y_pred.dtype()), labels.shape() + Shape{1});
  return max(cast(equal(first, wanted), DType::float32), {-1});
}
CORNU_DEFINE_METRIC(SparseTopKCategoricalAccuracy)

}  // namespace cornu
