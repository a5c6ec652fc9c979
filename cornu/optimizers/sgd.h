// Steps along the gradient: SGD, and Lion, which takes only its signs.
#pragma once
#include "cornu/optimizers/optimizer.h"

namespace cornu {

/// w -= lr g. With momentum: m = momentum m - lr g, then w += m, or with nesterov w += momentum m - lr g (Sutskever 2013).
struct SGD {
  LearningRate learning_rate = 0.01;
  double momentum = 0;
  bool nesterov = false;
  std::optional<double> weight_decay = {};
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "sgd";
  static constexpr std::string_view class_name = "SGD";
  static Config extras() { return old_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, momentum, nesterov)
  std::vector<std::vector<std::string_view>> slots() const;
  Value operator()(WeightUpdate& u) const;
};

/// w -= lr sign(beta_1 m + (1 - beta_1) g), then m = beta_2 m + (1 - beta_2) g (Chen et al. 2023).
struct Lion {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9, beta_2 = 0.99;
  std::optional<double> weight_decay = {};
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "lion";
  static constexpr std::string_view class_name = "Lion";
  static Config extras() { return old_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, beta_1, beta_2)
  std::vector<std::vector<std::string_view>> slots() const;
  Value operator()(WeightUpdate& u) const;
};

}  // namespace cornu
