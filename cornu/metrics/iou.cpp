// Intersection over union: the confusion matrix is one scatter, the ratios are taken on the host.
#include "cornu/metrics/iou.h"

#include "cornu/losses/targets.h"
#include "cornu/metrics/define_metric.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

std::vector<int64_t> all_classes(int64_t n) {
  std::vector<int64_t> ids;
  for (int64_t i = 0; i < n; ++i) ids.push_back(i);
  return ids;
}

bool whole(const IoUOptions& o) { return o.dtype != "float32"; }

Value classes_of(Value y, bool sparse, const IoUOptions& o) {
  if (!sparse) {
    require<ShapeError>(o.axis >= -y.shape().rank() && o.axis < y.shape().rank(), o.name, ": axis ", o.axis, " is none of ", y.shape());
    return argmax(y, static_cast<int>(o.axis));
  }
  return y.dtype() == DType::int64 ? y : cast(y, DType::int64);
}

}  // namespace

void check_iou(const IoUOptions& o) {
  require(o.num_classes >= 1, o.name, " wants num_classes, which was ", o.num_classes);
  require(!o.target_class_ids.empty(), o.name, " wants target_class_ids: at least one class");
  for (const int64_t id : o.target_class_ids) require(id >= 0 && id < o.num_classes, o.name, ": target class ", id, " is outside [0, ", o.num_classes, ")");
  static constexpr std::string_view dtypes[] = {"int64", "int32", "int", "float32"};
  bool known = false;
  for (const std::string_view d : dtypes) known = known || d == o.dtype;
  require<UnsupportedError>(known, o.name, ": the dtype of its counts is '", printable(o.dtype), "'; it can be int64 or float32");
}

std::vector<MetricState> iou_states(const IoUOptions& o) {
  return {{"total_confusion_matrix", Tensor(whole(o) ? DType::int64 : DType::float32, {o.num_classes, o.num_classes})}};
}

std::vector<Value> update_iou(const IoUOptions& o, Values states, Value y_true, Value y_pred, std::optional<Value> weight) {
  const Value y = classes_of(y_true, o.sparse_y_true, o), given = classes_of(y_pred, o.sparse_y_pred, o);
  require<ShapeError>(y.shape().elements() == given.shape().elements(), o.name, " wants a class for each of the ", given.shape().elements(), " predictions of shape ", y_pred.shape(),
                      ", and was given labels ", y_true.shape());
  const Value p = reshape(given, y.shape());
  const auto n = static_cast<double>(o.num_classes);
  const auto inside = [n](Value v) { return logical_and(greater_equal(v, scalar(v, 0)), less(v, scalar(v, n))); };
  Value counts = logical_and(inside(y), inside(p));
  if (o.ignore_class) counts = logical_and(counts, not_equal(y, scalar(y, static_cast<double>(*o.ignore_class))));
  const DType dtype = states[0].dtype();
  Value w = cast(counts, dtype);
  if (weight) {
    const Value like = cast(y, DType::float32), stretched = broadcast_to(aligned_weight(*weight, like), y.shape());
    w = select(counts, cast(stretched, dtype), scalar(w, 0));
  }
  const Value cell = select(counts, y * n + p, scalar(y, 0));
  return {states[0] + reshape(scatter_add(w, cell, o.num_classes * o.num_classes), states[0].shape())};
}

double iou_result(const IoUOptions& o, std::span<const Tensor> states) {
  const Tensor& matrix = states[0];
  const int64_t n = o.num_classes;
  constexpr float epsilon = 1e-7f;
  float sum = 0, valid = 0;
  for (const int64_t id : o.target_class_ids) {
    double row = 0, column = 0;
    for (int64_t i = 0; i < n; ++i) {
      row += matrix.at(id * n + i);
      column += matrix.at(i * n + id);
    }
    const double both = matrix.at(id * n + id);
    const auto either = static_cast<float>(row + column - both);
    if (!(either > 1e-9f)) continue;
    valid += 1;
    sum += static_cast<float>(both) / (either + epsilon);
  }
  return static_cast<double>(sum / (valid + epsilon));
}
CORNU_DEFINE_METRIC(IoU)

std::vector<Value> BinaryIoU::update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const {
  return update_iou(options(), states, y_true, cast(greater_equal(y_pred, scalar(y_pred, threshold)), DType::int64), weight);
}
CORNU_DEFINE_METRIC(BinaryIoU)

IoUOptions MeanIoU::options() const { return {num_classes, all_classes(num_classes), name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis}; }
CORNU_DEFINE_METRIC(MeanIoU)
CORNU_DEFINE_METRIC(OneHotIoU)

IoUOptions OneHotMeanIoU::options() const { return {num_classes, all_classes(num_classes), name, dtype, ignore_class, false, sparse_y_pred, axis}; }
CORNU_DEFINE_METRIC(OneHotMeanIoU)

}  // namespace cornu
