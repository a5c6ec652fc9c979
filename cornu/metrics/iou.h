// Intersection over union, from a confusion matrix of classes.
#pragma once
#include "cornu/metrics/metric.h"

namespace cornu {

// IoU of a class: tp / (tp + fp + fn). Labels and predictions are class numbers, or (sparse_y_true, sparse_y_pred false) numbers for
// each class along `axis`, of which the largest counts. Those outside [0, num_classes), and labels equal to ignore_class, are left
// out. With the dtype "int64" weights are cut to whole numbers, as in Keras; "float32" keeps them. A class that was neither seen nor
// predicted does not count in a mean.

/// What they share.
struct IoUOptions {
  int64_t num_classes = 0;
  std::vector<int64_t> target_class_ids = {};
  std::string_view name, dtype;
  std::optional<int64_t> ignore_class = {};
  bool sparse_y_true = true, sparse_y_pred = true;
  int64_t axis = -1;
};
void check_iou(const IoUOptions& options);
std::vector<MetricState> iou_states(const IoUOptions& options);
std::vector<Value> update_iou(const IoUOptions& options, Values states, Value y_true, Value y_pred, std::optional<Value> weight);
double iou_result(const IoUOptions& options, std::span<const Tensor> states);

/// The mean over target_class_ids.
struct IoU {
  int64_t num_classes = 0;                     // to be given
  std::vector<int64_t> target_class_ids = {};  // to be given
  std::string name = "io_u";
  std::string dtype = "int64";
  std::optional<int64_t> ignore_class = {};
  bool sparse_y_true = true;
  bool sparse_y_pred = true;
  int64_t axis = -1;
  static constexpr std::string_view class_name = "IoU";
  static constexpr bool higher_is_better = true;
  CORNU_FIELDS(name, dtype, num_classes, target_class_ids, ignore_class, sparse_y_true, sparse_y_pred, axis)
  IoUOptions options() const { return {num_classes, target_class_ids, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis}; }
  void check() const { check_iou(options()); }
  std::vector<MetricState> states() const { return iou_states(options()); }
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const { return update_iou(options(), states, y_true, y_pred, weight); }
  double result(std::span<const Tensor> states) const { return iou_result(options(), states); }
};
/// For two classes: a prediction of at least the threshold is class 1.
struct BinaryIoU {
  std::vector<int64_t> target_class_ids = {0, 1};
  double threshold = 0.5;
  std::string name = "binary_io_u";
  std::string dtype = "int64";
  static constexpr std::string_view class_name = "BinaryIoU";
  static constexpr bool higher_is_better = true;
  CORNU_FIELDS(target_class_ids, threshold, name, dtype)
  IoUOptions options() const { return {2, target_class_ids, name, dtype, {}, true, true, -1}; }
  void check() const { check_iou(options()); }
  std::vector<MetricState> states() const { return iou_states(options()); }
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const;
  double result(std::span<const Tensor> states) const { return iou_result(options(), states); }
};
/// The mean over all classes.
struct MeanIoU {
  int64_t num_classes = 0;  // to be given
  std::string name = "mean_io_u";
  std::string dtype = "int64";
  std::optional<int64_t> ignore_class = {};
  bool sparse_y_true = true;
  bool sparse_y_pred = true;
  int64_t axis = -1;
  static constexpr std::string_view class_name = "MeanIoU";
  static constexpr bool higher_is_better = true;
  CORNU_FIELDS(num_classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)
  IoUOptions options() const;
  void check() const { check_iou(options()); }
  std::vector<MetricState> states() const { return iou_states(options()); }
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const { return update_iou(options(), states, y_true, y_pred, weight); }
  double result(std::span<const Tensor> states) const { return iou_result(options(), states); }
};
/// IoU of one-hot labels.
struct OneHotIoU {
  int64_t num_classes = 0;                     // to be given
  std::vector<int64_t> target_class_ids = {};  // to be given
  std::string name = "one_hot_io_u";
  std::string dtype = "int64";
  std::optional<int64_t> ignore_class = {};
  bool sparse_y_pred = false;
  int64_t axis = -1;
  static constexpr std::string_view class_name = "OneHotIoU";
  static constexpr bool higher_is_better = true;
  CORNU_FIELDS(num_classes, target_class_ids, name, dtype, ignore_class, sparse_y_pred, axis)
  IoUOptions options() const { return {num_classes, target_class_ids, name, dtype, ignore_class, false, sparse_y_pred, axis}; }
  void check() const { check_iou(options()); }
  std::vector<MetricState> states() const { return iou_states(options()); }
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const { return update_iou(options(), states, y_true, y_pred, weight); }
  double result(std::span<const Tensor> states) const { return iou_result(options(), states); }
};
/// MeanIoU of one-hot labels.
struct OneHotMeanIoU {
  int64_t num_classes = 0;  // to be given
  std::string name = "one_hot_mean_io_u";
  std::string dtype = "int64";
  std::optional<int64_t> ignore_class = {};
  bool sparse_y_pred = false;
  int64_t axis = -1;
  static constexpr std::string_view class_name = "OneHotMeanIoU";
  static constexpr bool higher_is_better = true;
  CORNU_FIELDS(num_classes, name, dtype, ignore_class, sparse_y_pred, axis)
  IoUOptions options() const;
  void check() const { check_iou(options()); }
  std::vector<MetricState> states() const { return iou_states(options()); }
  std::vector<Value> update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const { return update_iou(options(), states, y_true, y_pred, weight); }
  double result(std::span<const Tensor> states) const { return iou_result(options(), states); }
};

CORNU_METRIC(IoU)
CORNU_METRIC(BinaryIoU)
CORNU_METRIC(MeanIoU)
CORNU_METRIC(OneHotIoU)
CORNU_METRIC(OneHotMeanIoU)

}  // namespace cornu
