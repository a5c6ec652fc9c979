// Steps divided by what gradients have been: Adagrad, Adadelta, RMSprop.
#pragma once
#include "cornu/optimizers/optimizer.h"

namespace cornu {

/// a += g^2;  w -= lr g / sqrt(a + epsilon) (Duchi et al. 2011).
struct Adagrad {
  LearningRate learning_rate = 0.001;
  double initial_accumulator_value = 0.1, epsilon = 1e-7;
  std::optional<double> weight_decay = {};
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "adagrad";
  static constexpr std::string_view class_name = "Adagrad";
  static Config extras() { return old_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, initial_accumulator_value, epsilon)
  std::vector<std::vector<std::string_view>> slots() const;
  std::optional<Slot> slot(std::string_view, const std::string&, const TensorType& weight) const { return Slot{weight, initial_accumulator_value}; }
  Value operator()(WeightUpdate& u) const;
};

/// a = rho a + (1 - rho) g^2;  step = g sqrt(d + epsilon) / sqrt(a + epsilon);  d = rho d + (1 - rho) step^2;  w -= lr step
/// (Zeiler 2012).
struct Adadelta {
  LearningRate learning_rate = 0.001;
  double rho = 0.95, epsilon = 1e-7;
  std::optional<double> weight_decay = {};
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "adadelta";
  static constexpr std::string_view class_name = "Adadelta";
  static Config extras() { return old_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, rho, epsilon)
  std::vector<std::vector<std::string_view>> slots() const;
  Value operator()(WeightUpdate& u) const;
};

/// Tieleman and Hinton 2012, with epsilon inside the root as in Keras:
///   v = rho v + (1 - rho) g^2;  w -= lr g / sqrt(v + epsilon).  centered: v - (mean g)^2 in v's place. With momentum the
///   step is accumulated: m = momentum m + step, w -= m.
struct RMSprop {
  LearningRate learning_rate = 0.001;
  double rho = 0.9, momentum = 0, epsilon = 1e-7;
  bool centered = false;
  std::optional<double> weight_decay = {};
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "rmsprop";
  static constexpr std::string_view class_name = "RMSprop";
  static constexpr std::array<std::string_view, 1> aliases = {"rmsprop"};
  static Config extras() { return old_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, rho, momentum, epsilon, centered)
  std::vector<std::vector<std::string_view>> slots() const;
  Value operator()(WeightUpdate& u) const;
};

}  // namespace cornu
