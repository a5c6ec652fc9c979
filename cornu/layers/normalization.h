// Layers that bring numbers to mean zero and deviation one, or to length one. Variances are means of squared deviations.
#pragma once
#include "cornu/layers/axes.h"
#include "cornu/nn/layer.h"

namespace cornu {

/// (x - mean) / sqrt(variance + epsilon) * gamma + beta, for each index along `axis` (Ioffe and Szegedy 2015). While training, of
/// the batch, without the steps that x's mask (or call's "mask", [batch, ...] without the last axis) leaves out; and
/// moving <- moving momentum + batch (1 - momentum), with the biased variance. Otherwise, and where the layer is not trainable,
/// the moving ones count. Weights: gamma, beta; states: moving_mean, moving_variance, each [size of axis].
struct BatchNormalization {
  OneAxis axis = -1;
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool center = true, scale = true;
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Initializer moving_mean_initializer = "zeros";
  Initializer moving_variance_initializer = "ones";
  Regularizer beta_regularizer = {}, gamma_regularizer = {};
  Constraint beta_constraint = {}, gamma_constraint = {};

  static constexpr std::string_view class_name = "BatchNormalization";
  static constexpr std::string_view mask_argument = "mask";
  static constexpr bool supports_masking = true;
  static Config extras();
  CORNU_FIELDS(axis, momentum, epsilon, center, scale, beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer,
               beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(BatchNormalization)

/// (x - mean) / sqrt(variance + epsilon) * gamma + beta, over `axis` of each sample (Ba et al. 2016). With rms_scaling the mean
/// stays and there is no beta, as Keras before RMSNormalization had it. Weights: gamma, beta, of the sizes of `axis`.
struct LayerNormalization {
  Axes axis = -1;
  double epsilon = 1e-3;
  bool center = true, scale = true;
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Regularizer beta_regularizer = {}, gamma_regularizer = {};
  Constraint beta_constraint = {}, gamma_constraint = {};
  bool rms_scaling = false;

  static constexpr std::string_view class_name = "LayerNormalization";
  static constexpr bool supports_masking = true;
  CORNU_FIELDS(axis, epsilon, center, scale, rms_scaling, beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer,
               beta_constraint, gamma_constraint)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(LayerNormalization)

/// As LayerNormalization over all axes of each sample, for each of `groups` groups of neighbours along `axis` by itself (Wu and He
/// 2018); groups -1: each index alone. Weights: gamma, beta [size of axis].
struct GroupNormalization {
  int64_t groups = 32;
  OneAxis axis = -1;
  double epsilon = 1e-3;
  bool center = true, scale = true;
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Regularizer beta_regularizer = {}, gamma_regularizer = {};
  Constraint beta_constraint = {}, gamma_constraint = {};

  static constexpr std::string_view class_name = "GroupNormalization";
  static constexpr bool supports_masking = true;
  CORNU_FIELDS(groups, axis, epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer, beta_constraint,
               gamma_constraint)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(GroupNormalization)

/// x / sqrt(mean(x^2) + epsilon) * scale, over `axis` (Zhang and Sennrich 2019). Weights: scale, of the sizes of `axis`.
struct RMSNormalization {
  Axes axis = -1;
  double epsilon = 1e-6;
  static constexpr std::string_view class_name = "RMSNormalization";
  CORNU_FIELDS(axis, epsilon)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(RMSNormalization)

/// x / |x|, with |x| over `axis`; zeros stay.
struct UnitNormalization {
  Axes axis = -1;
  static constexpr std::string_view class_name = "UnitNormalization";
  static constexpr bool supports_masking = true;
  CORNU_FIELDS(axis)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(UnitNormalization)

namespace layers {
using cornu::BatchNormalization;
using cornu::GroupNormalization;
using cornu::LayerNormalization;
using cornu::RMSNormalization;
using cornu::UnitNormalization;
}  // namespace layers

}  // namespace cornu
