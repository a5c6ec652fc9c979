// Losses between numbers.
#pragma once
#include "cornu/losses/loss.h"

namespace cornu {

/// mean (y_true - y_pred)^2
struct MeanSquaredError {
  std::string reduction = "sum_over_batch_size";
  std::string name = "mean_squared_error";
  static constexpr std::string_view class_name = "MeanSquaredError";
  static constexpr std::array<std::string_view, 2> aliases = {"mse", "MSE"};
  static constexpr std::string_view loss_only[] = {"reduction"};
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction)
  Value operator()(Value y_true, Value y_pred) const;
};
/// mean |y_true - y_pred|
struct MeanAbsoluteError {
  std::string reduction = "sum_over_batch_size";
  std::string name = "mean_absolute_error";
  static constexpr std::string_view class_name = "MeanAbsoluteError";
  static constexpr std::array<std::string_view, 2> aliases = {"mae", "MAE"};
  static constexpr std::string_view loss_only[] = {"reduction"};
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction)
  Value operator()(Value y_true, Value y_pred) const;
};
/// 100 mean |y_true - y_pred| / max(|y_true|, 1e-7)
struct MeanAbsolutePercentageError {
  std::string reduction = "sum_over_batch_size";
  std::string name = "mean_absolute_percentage_error";
  static constexpr std::string_view class_name = "MeanAbsolutePercentageError";
  static constexpr std::array<std::string_view, 2> aliases = {"mape", "MAPE"};
  static constexpr std::string_view loss_only[] = {"reduction"};
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction)
  Value operator()(Value y_true, Value y_pred) const;
};
/// mean (log(1 + y_true) - log(1 + y_pred))^2, where numbers below 1e-7 count as 1e-7
struct MeanSquaredLogarithmicError {
  std::string reduction = "sum_over_batch_size";
  std::string name = "mean_squared_logarithmic_error";
  static constexpr std::string_view class_name = "MeanSquaredLogarithmicError";
  static constexpr std::array<std::string_view, 2> aliases = {"msle", "MSLE"};
  static constexpr std::string_view loss_only[] = {"reduction"};
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction)
  Value operator()(Value y_true, Value y_pred) const;
};
/// -sum(y_true y_pred), both scaled to length 1 along the axis (a zero vector stays one): -1 is the same direction. Keras's
/// metric of this name has the other sign: metrics::CosineSimilarity. Keras leaves the axis out of files; cornu writes one that is not -1.
struct CosineSimilarity {
  int64_t axis = -1;
  std::string reduction = "sum_over_batch_size";
  std::string name = "cosine_similarity";
  static constexpr std::string_view class_name = "CosineSimilarity";
  static constexpr std::string_view unless_default[] = {"axis"};
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction, axis)
  Value operator()(Value y_true, Value y_pred) const;
};
/// mean of e^2 / 2 where |e| <= delta, else delta |e| - delta^2 / 2 (Huber 1964). Keras leaves delta out of files; cornu
/// writes one that is not 1.
struct Huber {
  double delta = 1;
  std::string reduction = "sum_over_batch_size";
  std::string name = "huber_loss";
  static constexpr std::string_view class_name = "Huber";
  static constexpr std::string_view unless_default[] = {"delta"};
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction, delta)
  Value operator()(Value y_true, Value y_pred) const;
};
/// mean log(cosh(y_pred - y_true)): e^2 / 2 near 0, |e| - log 2 far away.
struct LogCosh {
  std::string reduction = "sum_over_batch_size";
  std::string name = "log_cosh";
  static constexpr std::string_view class_name = "LogCosh";
  static constexpr std::array<std::string_view, 1> aliases = {"logcosh"};
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction)
  Value operator()(Value y_true, Value y_pred) const;
};

/// sum(a b) of the two scaled to length 1 along the axis.
Value cosine_of_angle(Value y_true, Value y_pred, int64_t axis, std::string_view who);

CORNU_LOSS(MeanSquaredError)
CORNU_LOSS(MeanAbsoluteError)
CORNU_LOSS(MeanAbsolutePercentageError)
CORNU_LOSS(MeanSquaredLogarithmicError)
CORNU_LOSS(CosineSimilarity)
CORNU_LOSS(Huber)
CORNU_LOSS(LogCosh)

}  // namespace cornu
