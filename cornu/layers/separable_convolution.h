// Convolutions that do not mix channels, or mix them in a step of their own.
#pragma once
#include "cornu/layers/per_axis.h"
#include "cornu/nn/activations.h"
#include "cornu/nn/layer.h"

namespace cornu {

/// Each channel convolved with depth_multiplier filters of its own: filter m of channel c becomes channel c depth_multiplier + m.
/// Weights: kernel [kernel_size, channels, depth_multiplier], bias [channels depth_multiplier].
template <int N> struct DepthwiseConv {
  PerAxis<N> kernel_size = {};
  PerAxis<N> strides = 1;
  std::string padding = "valid";
  int64_t depth_multiplier = 1;
  PerAxis<N> dilation_rate = 1;
  Activation activation = {};
  bool use_bias = true;
  Initializer depthwise_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer depthwise_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint depthwise_constraint = {};
  Constraint bias_constraint = {};

  static constexpr std::string_view class_name = N == 1 ? "DepthwiseConv1D" : "DepthwiseConv2D";
  static Config extras();
  CORNU_FIELDS(depth_multiplier, kernel_size, strides, padding, dilation_rate, activation, use_bias, depthwise_initializer, bias_initializer,
               depthwise_regularizer, bias_regularizer, activity_regularizer, depthwise_constraint, bias_constraint)
  Value operator()(Value x, Scope& scope) const;
};
using DepthwiseConv1D = DepthwiseConv<1>;
using DepthwiseConv2D = DepthwiseConv<2>;
CORNU_LAYER(DepthwiseConv1D)
CORNU_LAYER(DepthwiseConv2D)

/// A depthwise convolution, then one with a kernel of size one that mixes the channels. Weights: depthwise_kernel [kernel_size,
/// channels, depth_multiplier], pointwise_kernel [1..., channels depth_multiplier, filters], bias [filters].
template <int N> struct SeparableConv {
  int64_t filters = 0;
  PerAxis<N> kernel_size = {};
  PerAxis<N> strides = 1;
  std::string padding = "valid";
  PerAxis<N> dilation_rate = 1;
  int64_t depth_multiplier = 1;
  Activation activation = {};
  bool use_bias = true;
  Initializer depthwise_initializer = "glorot_uniform";
  Initializer pointwise_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer depthwise_regularizer = {};
  Regularizer pointwise_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint depthwise_constraint = {};
  Constraint pointwise_constraint = {};
  Constraint bias_constraint = {};

  static constexpr std::string_view class_name = N == 1 ? "SeparableConv1D" : "SeparableConv2D";
  static Config extras();
  CORNU_FIELDS(depth_multiplier, filters, kernel_size, strides, padding, dilation_rate, activation, use_bias, depthwise_initializer,
               pointwise_initializer, bias_initializer, depthwise_regularizer, pointwise_regularizer, bias_regularizer, activity_regularizer,
               depthwise_constraint, pointwise_constraint, bias_constraint)
  Value operator()(Value x, Scope& scope) const;
};
using SeparableConv1D = SeparableConv<1>;
using SeparableConv2D = SeparableConv<2>;
CORNU_LAYER(SeparableConv1D)
CORNU_LAYER(SeparableConv2D)

}  // namespace cornu
