// Adam and its relatives. t is the number of this update, from 1.
#pragma once
#include "cornu/optimizers/optimizer.h"

namespace cornu {

/// Kingma and Ba 2014, with epsilon outside the bias correction as in Keras:
///   alpha = lr sqrt(1 - beta_2^t) / (1 - beta_1^t);  m += (g - m)(1 - beta_1);  v += (g^2 - v)(1 - beta_2);
///   w -= alpha m / (sqrt(v) + epsilon).  amsgrad: the largest v so far stands in v's place (Reddi et al. 2018).
struct Adam {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
  bool amsgrad = false;
  std::optional<double> weight_decay = {};
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "adam";
  static constexpr std::string_view class_name = "Adam";
  static Config extras() { return old_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, beta_1, beta_2, epsilon, amsgrad)
  std::vector<std::vector<std::string_view>> slots() const;
  Value operator()(WeightUpdate& u) const;
};

/// Adam with weight decay (Loshchilov and Hutter 2019).
struct AdamW {
  LearningRate learning_rate = 0.001;
  std::optional<double> weight_decay = 0.004;
  double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
  bool amsgrad = false;
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "adamw";
  static constexpr std::string_view class_name = "AdamW";
  static constexpr std::array<std::string_view, 1> aliases = {"adamw"};
  static Config extras() { return old_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, beta_1, beta_2, epsilon, amsgrad)
  std::vector<std::vector<std::string_view>> slots() const;
  Value operator()(WeightUpdate& u) const;
};

/// Adam in the largest norm (Kingma and Ba 2014, section 7.1):
///   m as Adam's;  u = max(beta_2 u, |g|);  w -= lr m / ((1 - beta_1^t) (u + epsilon)).
struct Adamax {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
  std::optional<double> weight_decay = {};
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "adamax";
  static constexpr std::string_view class_name = "Adamax";
  static Config extras() { return old_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, beta_1, beta_2, epsilon)
  std::vector<std::vector<std::string_view>> slots() const;
  Value operator()(WeightUpdate& u) const;
};

/// Adam with Nesterov's momentum (Dozat 2015): with u(t) = beta_1 (1 - 0.96^t / 2) and U(t) = u(1) ... u(t),
///   m' = u(t+1) m / (1 - U(t) u(t+1)) + (1 - u(t)) g / (1 - U(t));  v' = v / (1 - beta_2^t);  w -= lr m' / (sqrt(v') + epsilon).
struct Nadam {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
  std::optional<double> weight_decay = {};
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "nadam";
  static constexpr std::string_view class_name = "Nadam";
  static Config extras() { return old_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, beta_1, beta_2, epsilon)
  std::vector<std::vector<std::string_view>> slots() const;
  std::vector<std::pair<std::string_view, double>> scalars() const;
  Value operator()(WeightUpdate& u) const;
};

/// Steps as large as the weights are (You et al. 2019): m and v as Adam's,
///   step = m / (1 - beta_1^t) / (sqrt(v / (1 - beta_2^t)) + epsilon);  w -= lr step |w| / |step|, where neither norm is zero.
struct Lamb {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
  std::optional<double> weight_decay = {};
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "lamb";
  static constexpr std::string_view class_name = "Lamb";
  static Config extras() { return old_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, beta_1, beta_2, epsilon)
  std::vector<std::vector<std::string_view>> slots() const;
  Value operator()(WeightUpdate& u) const;
};

/// Adam that averages instead of lowering its learning rate (Defazio et al. 2024). Weights are y = (1 - beta_1) z + beta_1 x;
/// z, in the slot "momentum", begins as the weight itself and takes the steps, z -= lr g / (sqrt(v / (1 - beta_2^t)) + epsilon);
/// x is the mean of all z. During the first warmup_steps the rate rises to lr.
struct ScheduleFreeAdamW {
  LearningRate learning_rate = 0.0025;
  double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-8;
  double warmup_steps = 0;
  std::optional<double> weight_decay = {};
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "schedule_free_adam_w";
  static constexpr std::string_view class_name = "ScheduleFreeAdamW";
  static Config extras() { return old_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, beta_1, beta_2, epsilon, warmup_steps)
  std::vector<std::vector<std::string_view>> slots() const;
  Value operator()(WeightUpdate& u) const;
};

/// Adam's update of one weight from its slots "momentum" and "velocity", for optimizers that have it inside.
struct AdamFormula {
  double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
  bool amsgrad = false;
  double rate_factor = 1;  // times the learning rate
  Value operator()(WeightUpdate& u) const;
};

}  // namespace cornu
