#include "cornu/layers/separable_convolution.h"

#include "cornu/layers/core.h"
#include "cornu/layers/spatial.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

template <int N> Config DepthwiseConv<N>::extras() { return Config(Config::Dict{{"data_format", "channels_last"}}); }
template <int N> Config SeparableConv<N>::extras() { return Config(Config::Dict{{"data_format", "channels_last"}}); }

namespace {

/// The depthwise step of both layers, with the weight `name`.
template <class L> Value depthwise(const L& layer, const std::string& name, Value x, Scope& scope, const spatial::Speaker& s) {
  require(layer.depth_multiplier > 0, s.where(), " takes a positive depth_multiplier, and was given ", layer.depth_multiplier);
  require(layer.kernel_size.is_given(), s.where(), " needs a kernel_size");
  const auto kernel_size = layer.kernel_size.list(), strides = layer.strides.list(), dilation = layer.dilation_rate.list();
  spatial::check_sizes(s, "kernel_size", kernel_size), spatial::check_sizes(s, "strides", strides), spatial::check_sizes(s, "dilation_rate", dilation);
  const int64_t channels = s.in.dim(-1);
  require<ShapeError>(channels > 0, s.where(), " was given ", s.in, ", which has no channels");
  const auto pads = spatial::padding_for(s, spatial::padding_named(s, layer.padding), s.sizes(), spatial::reach_of(kernel_size, dilation), strides);
  const Value kernel = scope.weight(name, Shape(kernel_size) + Shape{channels, layer.depth_multiplier}, layer.depthwise_initializer,
                                    {.regularizer = layer.depthwise_regularizer, .constraint = layer.depthwise_constraint});
  const bool bytes = x.dtype() == DType::uint8 && scope.dtype() == DType::float32;
  return convolution(bytes ? x : computable(x, scope), reshape(kernel, Shape(kernel_size) + Shape{1, channels * layer.depth_multiplier}),
                     {strides, dilation, pads.before, pads.after, channels});
}

template <class L> Value finished(const L& layer, Value y, Scope& scope) {
  if (layer.use_bias)
    y = y + scope.weight("bias", {y.dim(-1)}, layer.bias_initializer, {.regularizer = layer.bias_regularizer, .constraint = layer.bias_constraint});
  y = layer.activation(y);
  if (layer.activity_regularizer) scope.add_loss(layer.activity_regularizer(y) / static_cast<double>(y.dim(0)));
  return y;
}

}  // namespace

template <int N> Value DepthwiseConv<N>::operator()(Value x, Scope& scope) const {
  const spatial::Speaker s = spatial::speaker(scope, class_name, x, N);
  return finished(*this, depthwise(*this, "kernel", x, scope, s), scope);
}

template <int N> Value SeparableConv<N>::operator()(Value x, Scope& scope) const {
  const spatial::Speaker s = spatial::speaker(scope, class_name, x, N);
  require(filters > 0, s.where(), " takes a positive number of filters, and was given ", filters);
  const Value y = depthwise(*this, "depthwise_kernel", x, scope, s);
  const Value kernel = scope.weight("pointwise_kernel", Shape(std::vector<int64_t>(N, 1)) + Shape{y.dim(-1), filters}, pointwise_initializer,
                                    {.regularizer = pointwise_regularizer, .constraint = pointwise_constraint});
  return finished(*this, convolution(y, kernel), scope);
}

template struct DepthwiseConv<1>;
template struct DepthwiseConv<2>;
template struct SeparableConv<1>;
template struct SeparableConv<2>;
CORNU_DEFINE_LAYER(DepthwiseConv1D)
CORNU_DEFINE_LAYER(DepthwiseConv2D)
CORNU_DEFINE_LAYER(SeparableConv1D)
CORNU_DEFINE_LAYER(SeparableConv2D)

}  // namespace cornu
