// Ftrl: follow the regularized leader.
#pragma once
#include "cornu/optimizers/optimizer.h"

namespace cornu {

/// McMahan et al. 2013. With p = -learning_rate_power, L1, L2 and S the three strengths, b = L2 + beta / (2 lr):
///   a' = a + g^2;  l += g + 2 S w - (a'^p - a^p) w / lr;  w = (clip(l, -L1, L1) - l) / (a'^p / lr + 2 b).
struct Ftrl {
  LearningRate learning_rate = 0.001;
  double learning_rate_power = -0.5, initial_accumulator_value = 0.1;
  double l1_regularization_strength = 0, l2_regularization_strength = 0, l2_shrinkage_regularization_strength = 0, beta = 0;
  std::optional<double> weight_decay = {};
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "ftrl";
  static constexpr std::string_view class_name = "Ftrl";
  static Config extras() { return old_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, learning_rate_power, initial_accumulator_value, l1_regularization_strength, l2_regularization_strength,
               l2_shrinkage_regularization_strength, beta)
  std::vector<std::vector<std::string_view>> slots() const;
  std::optional<Slot> slot(std::string_view slot, const std::string&, const TensorType& weight) const { return Slot{weight, slot == "linear" ? 0 : initial_accumulator_value}; }
  Value operator()(WeightUpdate& u) const;
};

}  // namespace cornu
