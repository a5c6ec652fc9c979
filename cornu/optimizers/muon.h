// Muon: momentum made orthogonal, for matrices; Adam for the rest.
#pragma once
#include "cornu/optimizers/optimizer.h"

namespace cornu {

/// Jordan et al. 2024. For a matrix: m = momentum m + g, and with nesterov g + momentum m in m's place;
///   w -= lr orthogonal(m) sqrt(larger side) rms_rate (no such factor without rms_rate; Liu et al. 2025),
/// where orthogonal is ns_steps of Newton and Schulz's iteration X = a X + (b A + c A A) X, A = X X^T, from X = m / |m|, on the
/// transpose where m is higher than wide. Weights that are no matrices, embeddings (exclude_embeddings: "embedding" is in the
/// path), and those in whose path one of the regular expressions exclude_layers is found, have AdamW with lr adam_lr_ratio and
/// adam_weight_decay. Paths are cornu's, which lack the model's name: "dense/kernel".
struct Muon {
  LearningRate learning_rate = 0.001;
  double adam_beta_1 = 0.9, adam_beta_2 = 0.999;
  std::optional<double> adam_weight_decay = 0.004;
  double epsilon = 1e-7;
  std::optional<double> weight_decay = 0.004;
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "muon";
  std::vector<std::string> exclude_layers = {};
  bool exclude_embeddings = true;
  double muon_a = 3.4445, muon_b = -4.7750, muon_c = 2.0315, adam_lr_ratio = 1, momentum = 0.95;
  int64_t ns_steps = 5;
  bool nesterov = true;
  std::optional<double> rms_rate = 0.2;
  static constexpr std::string_view class_name = "Muon";
  static Config extras() { return old_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, adam_beta_1, adam_beta_2, epsilon, exclude_layers, muon_a, muon_b, muon_c, adam_lr_ratio, momentum, ns_steps, nesterov,
               exclude_embeddings, adam_weight_decay, rms_rate)
  std::vector<std::vector<std::string_view>> slots() const;
  std::optional<Slot> slot(std::string_view slot, const std::string& path, const TensorType& weight) const;
  std::optional<double> weight_decay_of(const std::string& path, const TensorType& weight) const;
  Value operator()(WeightUpdate& u) const;
};

}  // namespace cornu
