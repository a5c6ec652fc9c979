#include "cornu/layers/convolution.h"

#include "cornu/layers/core.h"
#include "cornu/layers/spatial.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

template <int N> Config Conv<N>::extras() {
  return Config(Config::Dict{{"data_format", "channels_last"}, {"lora_rank", nullptr}, {"lora_alpha", nullptr}});
}
template <int N> Config ConvTranspose<N>::extras() { return Config(Config::Dict{{"data_format", "channels_last"}}); }

namespace {

void check_filters(const spatial::Speaker& s, int64_t filters, bool kernel_given) {
  require(filters > 0, s.where(), " takes a positive number of filters, and was given ", filters);
  require(kernel_given, s.where(), " needs a kernel_size");
}

/// y + bias, through the activation.
template <class L> Value finished(const L& layer, Value y, Scope& scope) {
  if (layer.use_bias)
    y = y + scope.weight("bias", {layer.filters}, layer.bias_initializer, {.regularizer = layer.bias_regularizer, .constraint = layer.bias_constraint});
  y = layer.activation(y);
  if (layer.activity_regularizer) scope.add_loss(layer.activity_regularizer(y) / static_cast<double>(y.dim(0)));
  return y;
}

}  // namespace

template <int N> Value Conv<N>::operator()(Value x, Scope& scope) const {
  const spatial::Speaker s = spatial::speaker(scope, class_name, x, N);
  const int64_t channels = s.in.dim(-1);
  check_filters(s, filters, kernel_size.is_given());
  spatial::check_sizes(s, "kernel_size", kernel_size.list()), spatial::check_sizes(s, "strides", strides.list());
  spatial::check_sizes(s, "dilation_rate", dilation_rate.list());
  spatial::check_strides(s, strides.list(), dilation_rate.list());
  require(groups > 0 && filters % groups == 0, s.where(), "'s filters must fall into equal groups, but it has ", filters, " filters and groups = ", groups);
  require<ShapeError>(channels > 0 && channels % groups == 0, s.where(), " with groups = ", groups, " takes a number of channels that it divides, and was given ",
                      channels, " of them in ", s.in);
  const auto reach = spatial::reach_of(kernel_size.list(), dilation_rate.list());
  const auto pads = spatial::padding_for(s, spatial::padding_named(s, padding, N == 1), s.sizes(), reach, strides.list());
  const Value kernel = scope.weight("kernel", Shape(kernel_size.list()) + Shape{channels / groups, filters}, kernel_initializer,
                                    {.regularizer = kernel_regularizer, .constraint = kernel_constraint});
  const bool bytes = x.dtype() == DType::uint8 && scope.dtype() == DType::float32;  // images are read as they are
  return finished(*this, convolution(bytes ? x : computable(x, scope), kernel, {strides.list(), dilation_rate.list(), pads.before, pads.after, groups}), scope);
}

template <int N> Value ConvTranspose<N>::operator()(Value x, Scope& scope) const {
  const spatial::Speaker s = spatial::speaker(scope, class_name, x, N);
  check_filters(s, filters, kernel_size.is_given());
  spatial::check_sizes(s, "kernel_size", kernel_size.list()), spatial::check_sizes(s, "strides", strides.list());
  spatial::check_sizes(s, "dilation_rate", dilation_rate.list());
  spatial::check_strides(s, strides.list(), dilation_rate.list());
  const bool same = spatial::padding_named(s, padding) == "same";
  const auto in = s.sizes(), reach = spatial::reach_of(kernel_size.list(), dilation_rate.list());
  require<ShapeError>(s.in.dim(-1) > 0 && *std::min_element(in.begin(), in.end()) > 0, s.where(), " was given ", s.in, ", which is too small");
  std::vector<int64_t> out, before, after;
  for (int a = 0; a < N; ++a) {
    const auto axis = static_cast<size_t>(a);
    const int64_t stride = strides[a], least = (in[axis] - 1) * stride;
    if (output_padding.is_given()) {
      require(output_padding[a] >= 0 && output_padding[a] < stride, s.where(), "'s output_padding must be less than its strides along each axis, but is ",
              output_padding.list(), " with strides ", strides.list());
      out.push_back(least + output_padding[a] + (same ? reach[axis] % 2 : reach[axis]));
    } else {
      out.push_back(same ? in[axis] * stride : least + std::max(reach[axis], stride));
    }
    // What the convolution in the other direction would be padded by.
    const int64_t total = same ? std::max<int64_t>(least + reach[axis] - out.back(), 0) : 0;
    before.push_back(total / 2), after.push_back(total - total / 2);
    require<ShapeError>(out.back() > least, s.where(), "'s kernel_size ", kernel_size.list(), ", strides ", strides.list(), " and output_padding ",
                        output_padding.list(), " do not fit together with padding = \"same\": an output of ", out.back(), " has no ", in[axis], " windows");
  }
  const Value kernel = scope.weight("kernel", Shape(kernel_size.list()) + Shape{filters, s.in.dim(-1)}, kernel_initializer,
                                    {.regularizer = kernel_regularizer, .constraint = kernel_constraint});
  return finished(*this, convolution_input(computable(x, scope), kernel, out, {strides.list(), dilation_rate.list(), before, after}), scope);
}

template struct Conv<1>;
template struct Conv<2>;
template struct Conv<3>;
template struct ConvTranspose<1>;
template struct ConvTranspose<2>;
template struct ConvTranspose<3>;
CORNU_DEFINE_LAYER(Conv1D)
CORNU_DEFINE_LAYER(Conv2D)
CORNU_DEFINE_LAYER(Conv3D)
CORNU_DEFINE_LAYER(Conv1DTranspose)
CORNU_DEFINE_LAYER(Conv2DTranspose)
CORNU_DEFINE_LAYER(Conv3DTranspose)

}  // namespace cornu
