// LossScaleOptimizer: keeps gradients of small types from vanishing.
#pragma once
#include "cornu/optimizers/optimizer.h"

namespace cornu {

/// Around another optimizer: gradients are taken of the loss times a scale, and divided by it. Where one of them is no finite
/// number the step is left out (not counted either) and the scale halved; after dynamic_growth_steps good ones it is doubled.
/// Learning rate and iterations are the inner one's.
struct LossScaleOptimizer {
  Optimizer inner_optimizer = {};
  double initial_scale = 32768;
  int64_t dynamic_growth_steps = 2000;
  std::string name = "loss_scale_optimizer";
  static constexpr std::string_view class_name = "LossScaleOptimizer";
  static Config extras();
  CORNU_FIELDS(name, inner_optimizer, initial_scale, dynamic_growth_steps)

  /// In Keras's order: an iteration and a learning rate of its own, which stay 0, the good steps since the last change, the scale;
  /// then the inner one's.
  std::vector<OptimizerVariable> variables(const WeightTypes& weights) const;
  Value scale(Graph& graph) const;  // float32
  std::vector<Assignment> step(Graph& graph, const std::vector<TrainableWeight>& weights) const;

  static constexpr const char* steps_path = "optimizer/loss_scale/step_counter";   // int64 scalar
  static constexpr const char* scale_path = "optimizer/loss_scale/dynamic_scale";  // float32 scalar
};

}  // namespace cornu
