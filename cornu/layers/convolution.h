// Convolutions over one to three spatial axes, channels last.
#pragma once
#include "cornu/layers/per_axis.h"
#include "cornu/nn/activations.h"
#include "cornu/nn/layer.h"

namespace cornu {

/// y = activation(x * kernel + bias), over x [batch, N axes, channels]. Weights: kernel [kernel_size, channels / groups,
/// filters], bias [filters]. padding: "valid", "same", and in Conv1D "causal". uint8 images are read as they are.
template <int N> struct Conv {
  int64_t filters = 0;
  PerAxis<N> kernel_size = {};
  PerAxis<N> strides = 1;
  std::string padding = "valid";
  PerAxis<N> dilation_rate = 1;
  int64_t groups = 1;
  Activation activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};  // of the output, divided by the batch size
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};

  static constexpr std::string_view class_name = N == 1 ? "Conv1D" : N == 2 ? "Conv2D" : "Conv3D";
  static Config extras();
  CORNU_FIELDS(filters, kernel_size, strides, padding, dilation_rate, groups, activation, use_bias, kernel_initializer, bias_initializer,
               kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint)
  Value operator()(Value x, Scope& scope) const;
};
using Conv1D = Conv<1>;
using Conv2D = Conv<2>;
using Conv3D = Conv<3>;
CORNU_LAYER(Conv1D)
CORNU_LAYER(Conv2D)
CORNU_LAYER(Conv3D)

/// The transpose of a convolution, with bias and activation. Weights: kernel [kernel_size, filters, channels], bias [filters].
/// An axis of n becomes n stride ("same") or (n - 1) stride + max(kernel, stride) ("valid"); with output_padding
/// (n - 1) stride + output_padding + kernel % 2 ("same") or kernel ("valid").
template <int N> struct ConvTranspose {
  int64_t filters = 0;
  PerAxis<N> kernel_size = {};
  PerAxis<N> strides = 1;
  std::string padding = "valid";
  PerAxis<N> output_padding = {};
  PerAxis<N> dilation_rate = 1;
  Activation activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};

  static constexpr std::string_view class_name = N == 1 ? "Conv1DTranspose" : N == 2 ? "Conv2DTranspose" : "Conv3DTranspose";
  static Config extras();
  CORNU_FIELDS(filters, kernel_size, strides, padding, output_padding, dilation_rate, activation, use_bias, kernel_initializer, bias_initializer,
               kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint)
  Value operator()(Value x, Scope& scope) const;
};
using Conv1DTranspose = ConvTranspose<1>;
using Conv2DTranspose = ConvTranspose<2>;
using Conv3DTranspose = ConvTranspose<3>;
CORNU_LAYER(Conv1DTranspose)
CORNU_LAYER(Conv2DTranspose)
CORNU_LAYER(Conv3DTranspose)

}  // namespace cornu
