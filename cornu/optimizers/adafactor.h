// Adafactor: Adagrad's spirit with a row and a column in place of a matrix.
#pragma once
#include "cornu/optimizers/optimizer.h"

namespace cornu {

/// Shazeer and Stern 2018. With b = 1 - t^beta_2_decay and s = g^2 + epsilon_1, matrices keep the moving means of s over rows and
/// over columns, r and c, and v = (r / mean r) c is their product; other weights keep v = b v + (1 - b) s itself. Then
///   u = g / sqrt(v);  w -= max(epsilon_2, rms(w)) min(lr, 1 / sqrt(t)) u / max(1, rms(u) / clip_threshold).
/// A tensor of more axes is many matrices, of its last two. relative_step is kept for files and nobody reads it: in Keras it limits
/// the rate by 1 / sqrt(t), which the next line of Keras's update does in any case, so that false and true give the same weights.
struct Adafactor {
  LearningRate learning_rate = 0.001;
  double beta_2_decay = -0.8, epsilon_1 = 1e-30, epsilon_2 = 1e-3, clip_threshold = 1;
  bool relative_step = true;
  std::optional<double> weight_decay = {};
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "adafactor";
  static constexpr std::string_view class_name = "Adafactor";
  static Config extras() { return old_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, beta_2_decay, epsilon_1, epsilon_2, clip_threshold, relative_step)
  std::vector<std::vector<std::string_view>> slots() const;
  /// r lacks the last axis, c the one before it; for a vector, which has neither, Keras keeps an int32 that nobody uses.
  std::optional<Slot> slot(std::string_view slot, const std::string& path, const TensorType& weight) const;
  Value operator()(WeightUpdate& u) const;
};

}  // namespace cornu
