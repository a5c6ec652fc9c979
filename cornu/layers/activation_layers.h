// Activations as layers of their own, with their options.
#pragma once
#include "cornu/layers/axes.h"
#include "cornu/nn/activations.h"
#include "cornu/nn/layer.h"

namespace cornu {

/// max(x, 0), and more: x above `threshold`, negative_slope (x - threshold) below it, at most max_value.
struct ReLU {
  std::optional<double> max_value = {};
  double negative_slope = 0;
  double threshold = 0;
  static constexpr std::string_view class_name = "ReLU";
  static constexpr bool supports_masking = true;
  CORNU_FIELDS(max_value, negative_slope, threshold)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(ReLU)

/// x, or negative_slope x below 0.
struct LeakyReLU {
  double negative_slope = 0.3;
  static constexpr std::string_view class_name = "LeakyReLU";
  static constexpr bool supports_masking = true;
  /// Keras 2 called it alpha.
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) {
    visit("negative_slope", self.negative_slope);
    if constexpr (!std::is_const_v<Self>) visit("alpha", self.negative_slope);
  }
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(LeakyReLU)

/// x, or alpha x below 0, with a trained alpha for each element of a sample (He et al. 2015); along shared_axes (counted with
/// the batch axis as 0) elements share one. Weights: alpha [...].
struct PReLU {
  Initializer alpha_initializer = "zeros";
  Regularizer alpha_regularizer = {};
  Constraint alpha_constraint = {};
  Sizes shared_axes = {};
  static constexpr std::string_view class_name = "PReLU";
  static constexpr bool supports_masking = true;
  CORNU_FIELDS(alpha_initializer, alpha_regularizer, alpha_constraint, shared_axes)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(PReLU)

/// x, or alpha (e^x - 1) below 0.
struct ELU {
  double alpha = 1;
  static constexpr std::string_view class_name = "ELU";
  static constexpr bool supports_masking = true;
  CORNU_FIELDS(alpha)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(ELU)

namespace layers {
using cornu::ELU;
using cornu::LeakyReLU;
using cornu::PReLU;
using cornu::ReLU;

/// exp(x) / sum(exp(x)) along `axis`, or over several axes together. A mask (call's "mask", or the mask that x brings) broadcasts
/// to x; where it is false the result is 0. layers::Softmax because cornu::Softmax is the op.
struct Softmax {
  Axes axis = -1;
  static constexpr std::string_view class_name = "Softmax";
  static constexpr std::string_view mask_argument = "mask";
  static constexpr bool supports_masking = true;
  CORNU_FIELDS(axis)
  Value operator()(Value x, Scope& scope) const;
};
}  // namespace layers
CORNU_LAYER(layers::Softmax)

/// Softmax over these axes of x (counted from the front, ascending) taken together.
Value softmax_over(Value x, const std::vector<int64_t>& axes);
/// mask ? x : -1e9, for a softmax that is to give nothing there. Any number in `mask` above 0.5 is true, as in Keras.
Value masked_scores(Value x, Value mask);
/// The mask as bools.
Value as_mask(Value mask);

}  // namespace cornu
