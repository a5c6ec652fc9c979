// Losses of overlap: how much two masks have in common.
#pragma once
#include "cornu/losses/loss.h"

namespace cornu {

/// Axes to sum over, as Keras takes them: one, several, or none given, which is all.
struct AxesOrAll {
  AxesOrAll() = default;
  AxesOrAll(int64_t axis) : list{axis}, one(true) {}
  AxesOrAll(int axis) : AxesOrAll(int64_t{axis}) {}
  AxesOrAll(std::initializer_list<int64_t> axes) : list(axes) {}
  std::vector<int64_t> list;
  bool one = false;
};
Config to_config(const AxesOrAll& axes);
void from_config(const Config& config, AxesOrAll& axes);

/// 1 - 2 sum(y p) / (sum(y) + sum(p) + 1e-7), over the axes: one number for each place along the others. None given is all
/// of them, the batch too: one number for the batch.
struct Dice {
  std::string reduction = "sum_over_batch_size";
  std::string name = "dice";
  AxesOrAll axis = {};
  static constexpr std::string_view class_name = "Dice";
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction, axis)
  Value operator()(Value y_true, Value y_pred) const;
};
/// 1 - i / (i + alpha m + beta f + 1e-7), with i = sum(y p), m = sum(y (1 - p)) and f = sum(p (1 - y)) over the axes: what is
/// missed weighs alpha, what is there too much beta (Salehi et al., "Tversky loss function for image segmentation", 2017).
struct Tversky {
  double alpha = 0.5;
  double beta = 0.5;
  std::string reduction = "sum_over_batch_size";
  std::string name = "tversky";
  AxesOrAll axis = {};
  static constexpr std::string_view class_name = "Tversky";
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction, alpha, beta, axis)
  Value operator()(Value y_true, Value y_pred) const;
};

CORNU_LOSS(Dice)
CORNU_LOSS(Tversky)

}  // namespace cornu
