// Dense along any axes: y = activation(einsum(equation, x, kernel) + bias).
#pragma once
#include "cornu/layers/axes.h"
#include "cornu/nn/activations.h"
#include "cornu/nn/layer.h"

namespace cornu {

/// equation: "ab,bc->ac", "...x,xy->...y" or "ab...,bc->ac...", of the input, the kernel and the output. output_shape: the
/// output's sizes without the batch axis and without those under "..."; unknown ones are the input's. bias_axes: the letters
/// of the output that the bias has, such as "c"; none: no bias. Weights: kernel, bias.
struct EinsumDense {
  std::string equation = "";
  Sizes output_shape = {};
  Activation activation = {};
  std::optional<std::string> bias_axes = {};
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};

  static constexpr std::string_view class_name = "EinsumDense";
  static Config extras();
  CORNU_FIELDS(output_shape, equation, activation, bias_axes, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
               kernel_constraint, bias_constraint)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(EinsumDense)

namespace layers {
using cornu::EinsumDense;
}

}  // namespace cornu
