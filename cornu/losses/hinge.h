// Losses that want a margin. Labels are -1 and 1; when all labels of a batch are 0 or 1, as Keras does, 0 is read as -1.
#pragma once
#include "cornu/losses/loss.h"

namespace cornu {

/// mean max(1 - y_true y_pred, 0)
struct Hinge {
  std::string reduction = "sum_over_batch_size";
  std::string name = "hinge";
  static constexpr std::string_view class_name = "Hinge";
  static constexpr std::string_view loss_only[] = {"reduction"};
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction)
  Value operator()(Value y_true, Value y_pred) const;
};
/// mean max(1 - y_true y_pred, 0)^2
struct SquaredHinge {
  std::string reduction = "sum_over_batch_size";
  std::string name = "squared_hinge";
  static constexpr std::string_view class_name = "SquaredHinge";
  static constexpr std::string_view loss_only[] = {"reduction"};
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction)
  Value operator()(Value y_true, Value y_pred) const;
};
/// max(max((1 - y_true) y_pred) - sum(y_true y_pred) + 1, 0), for one-hot labels
struct CategoricalHinge {
  std::string reduction = "sum_over_batch_size";
  std::string name = "categorical_hinge";
  static constexpr std::string_view class_name = "CategoricalHinge";
  static constexpr std::string_view loss_only[] = {"reduction"};
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction)
  Value operator()(Value y_true, Value y_pred) const;
};

CORNU_LOSS(Hinge)
CORNU_LOSS(SquaredHinge)
CORNU_LOSS(CategoricalHinge)

}  // namespace cornu
