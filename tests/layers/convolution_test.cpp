// Convolution, pooling and resizing layers: how options are given, and what they say to inputs and options that do not fit.
#include <doctest/doctest.h>

#include "cornu/layers/layers.h"
#include "tests/messages.h"

using namespace cornu;
using cornu::testing::error_of;
using cornu::testing::has;

namespace {


/// What the layer says to an x of this shape, or the shape that it gives.
std::string said(const Layer& layer, const Shape& x, DType dtype = DType::float32) {
  return error_of([&] {
    Graph graph;
    Scope scope(graph, {});
    layer({graph.input("x", {dtype, x})}, scope);
  });
}
Shape shape_of(const Layer& layer, const Shape& x, DType dtype = DType::float32) {
  Graph graph;
  Scope scope(graph, {});
  return layer({graph.input("x", {dtype, x})}, scope)[0].shape();
}
Config list(std::vector<int64_t> numbers) { return to_config(numbers); }

}  // namespace

TEST_CASE("sizes are one number or one for each axis, in C++ and in configs") {
  CHECK(Conv2D{.filters = 4, .kernel_size = 3}.kernel_size == PerAxis<2>{3, 3});
  CHECK(Conv2D{4, {3, 5}}.kernel_size.list() == std::vector<int64_t>{3, 5});
  CHECK(Layer(Conv2D{4, 3}).fields()["kernel_size"] == list({3, 3}));
  CHECK(Layer(MaxPooling1D{3}).fields()["strides"].is_null());
  const Layer read = layer_from_config("Conv2D", Config(Config::Dict{{"filters", 4}, {"kernel_size", 3}, {"strides", list({2, 1})}}));
  CHECK(read.as<Conv2D>()->kernel_size == PerAxis<2>(3));
  CHECK(read.as<Conv2D>()->strides == PerAxis<2>{2, 1});
  CHECK(has(error_of([] { layer_from_config("Conv2D", Config(Config::Dict{{"kernel_size", list({3, 3, 3})}})); }), "Conv2D: 'kernel_size': expected 2 integers, found [3, 3, 3]"));
  CHECK(has(error_of([] { PerAxis<2>{1, 2, 3}; }), "sizes along 2 axes are one number or as many, not [1, 2, 3]"));
  CHECK(Layer(ZeroPadding2D{}).fields()["padding"] == Config(Config::List{list({1, 1}), list({1, 1})}));
  CHECK(Layer(ZeroPadding2D{{{0, 1}, {2, 3}}}).fields()["padding"] == Config(Config::List{list({0, 1}), list({2, 3})}));
  CHECK(Layer(Cropping1D{{1, 2}}).fields()["cropping"] == list({1, 2}));
  CHECK(layer_from_config("ZeroPadding3D", Config(Config::Dict{{"padding", list({1, 0, 2})}})).as<ZeroPadding3D>()->padding == Margins<3>{{1, 1}, {0, 0}, {2, 2}});
}

TEST_CASE("shapes follow Keras's rules for strides, padding and dilation") {
  CHECK(shape_of(Conv2D{8, 3}, {2, 28, 28, 1}) == Shape{2, 26, 26, 8});
  CHECK(shape_of(Conv2D{.filters = 8, .kernel_size = 3, .strides = 2, .padding = "SAME"}, {2, 7, 8, 3}) == Shape{2, 4, 4, 8});
  CHECK(shape_of(Conv1D{.filters = 8, .kernel_size = 3, .padding = "causal", .dilation_rate = 4}, {2, 5, 3}) == Shape{2, 5, 8});
  CHECK(shape_of(Conv2DTranspose{.filters = 8, .kernel_size = 3, .strides = 2}, {2, 4, 5, 3}) == Shape{2, 9, 11, 8});
  CHECK(shape_of(Conv2DTranspose{.filters = 8, .kernel_size = 3, .strides = 2, .padding = "same"}, {2, 4, 5, 3}) == Shape{2, 8, 10, 8});
  CHECK(shape_of(Conv2DTranspose{.filters = 8, .kernel_size = 3, .dilation_rate = 2}, {2, 4, 5, 3}) == Shape{2, 8, 9, 8});
  CHECK(shape_of(Conv2DTranspose{.filters = 8, .kernel_size = 3, .padding = "same", .dilation_rate = 2}, {2, 4, 5, 3}) == Shape{2, 4, 5, 8});
  CHECK(shape_of(MaxPooling2D{.pool_size = 2, .padding = "same"}, {2, 5, 4, 3}) == Shape{2, 3, 2, 3});
  CHECK(shape_of(GlobalMaxPooling3D{.keepdims = true}, {2, 5, 4, 2, 3}) == Shape{2, 1, 1, 1, 3});
  CHECK(shape_of(Conv2D{8, 3}, {0, 28, 28, 1}) == Shape{0, 26, 26, 8});
}

TEST_CASE("uint8 images go straight into a convolution") {
  Graph graph;
  Scope scope(graph, {});
  const Value y = Layer(Conv2D{.filters = 2, .kernel_size = 3, .use_bias = false})({graph.input("x", {DType::uint8, {2, 5, 5, 1}})}, scope)[0];
  CHECK(y.dtype() == DType::float32);
  CHECK(graph[y].in[0].dtype() == DType::uint8);
  CHECK(shape_of(MaxPooling2D{}, {2, 4, 4, 1}, DType::uint8) == Shape{2, 2, 2, 1});
}

TEST_CASE("an input of the wrong rank or too small is refused by the layer's name") {
  CHECK(has(said(Layer(Conv2D{4, 3}, {.name = "stem"}), {5, 28, 28}),
            "stem: Conv2D takes [batch, height, width, channels] and was given [5, 28, 28]; reshape it if each position is one number"));
  CHECK(has(said(Conv1D{4, 3}, {5, 2, 3}), "conv1d: Conv1D was given [5, 2, 3], which is too small: its window covers [3]; make the window smaller or pad with padding = \"same\""));
  CHECK(has(said(Conv2D{.filters = 4, .kernel_size = 3, .dilation_rate = 3}, {1, 9, 6, 1}), "its window covers [7, 7]"));
  CHECK(has(said(MaxPooling2D{}, {3, 1, 4, 2}), "max_pooling2d: MaxPooling2D was given [3, 1, 4, 2], which is too small: its window covers [2, 2]"));
  CHECK(has(said(GlobalAveragePooling1D{}, {3, 0, 2}), "global_average_pooling1d: GlobalAveragePooling1D was given [3, 0, 2], which has no positions to choose from"));
  CHECK(has(said(UpSampling2D{}, {3, 4, 2}), "up_sampling2d: UpSampling2D takes [batch, height, width, channels] and was given [3, 4, 2]"));
  CHECK(has(said(Cropping1D{{2, 3}}, {3, 5, 2}), "cropping1d: Cropping1D would leave nothing of [3, 5, 2]: its cropping is [2, 3]"));
}

TEST_CASE("options that cannot be are refused by the layer's name") {
  CHECK(has(said(Conv2D{}, {1, 5, 5, 1}), "conv2d: Conv2D takes a positive number of filters, and was given 0"));
  CHECK(has(said(Conv2D{.filters = 4}, {1, 5, 5, 1}), "conv2d: Conv2D needs a kernel_size"));
  CHECK(has(said(Conv2D{.filters = 4, .kernel_size = {3, 0}}, {1, 5, 5, 1}), "conv2d: Conv2D takes a kernel_size of 1 or more along each axis, and was given [3, 0]"));
  CHECK(has(said(Conv2D{.filters = 4, .kernel_size = 2, .padding = "causal"}, {1, 5, 5, 1}), "conv2d: Conv2D's padding can be 'valid' or 'same', and was given as 'causal'"));
  CHECK(has(said(Conv1D{.filters = 4, .kernel_size = 2, .padding = "sane"}, {1, 5, 1}), "can be 'valid', 'same' or 'causal', and was given as 'sane' (did you mean 'same'?)"));
  CHECK(has(said(Conv2D{.filters = 4, .kernel_size = 2, .strides = 2, .dilation_rate = 2}, {1, 5, 5, 1}),
            "conv2d: Conv2D takes strides above 1 or a dilation_rate above 1, not both, and was given strides [2, 2] and dilation_rate [2, 2]"));
  CHECK(has(said(Conv2D{.filters = 4, .kernel_size = 2, .groups = 2}, {1, 5, 5, 3}),
            "conv2d: Conv2D with groups = 2 takes a number of channels that it divides, and was given 3 of them in [1, 5, 5, 3]"));
  CHECK(has(said(Conv2D{.filters = 5, .kernel_size = 2, .groups = 2}, {1, 5, 5, 4}), "conv2d: Conv2D's filters must fall into equal groups, but it has 5 filters and groups = 2"));
  CHECK(has(said(Conv2DTranspose{.filters = 4, .kernel_size = 3, .strides = 2, .output_padding = 2}, {1, 5, 5, 4}),
            "conv2d_transpose: Conv2DTranspose's output_padding must be less than its strides along each axis, but is [2, 2] with strides [2, 2]"));
  CHECK(has(said(Conv1DTranspose{.filters = 4, .kernel_size = 2, .strides = 2, .padding = "same", .output_padding = 0}, {1, 5, 4}),
            "conv1d_transpose: Conv1DTranspose's kernel_size [2], strides [2] and output_padding [0] do not fit together with padding = \"same\""));
  CHECK(has(said(DepthwiseConv2D{.kernel_size = 2, .depth_multiplier = 0}, {1, 5, 5, 4}), "depthwise_conv2d: DepthwiseConv2D takes a positive depth_multiplier, and was given 0"));
  CHECK(has(said(SeparableConv1D{.kernel_size = 2}, {1, 5, 4}), "separable_conv1d: SeparableConv1D takes a positive number of filters, and was given 0"));
  CHECK(has(said(AveragePooling2D{}, {1, 5, 5, 4}), "average_pooling2d: AveragePooling2D needs a pool_size"));
  CHECK(has(said(MaxPooling2D{.pool_size = 2, .strides = {1, -1}}, {1, 5, 5, 4}), "max_pooling2d: MaxPooling2D takes a strides of 1 or more along each axis, and was given [1, -1]"));
  CHECK(has(said(UpSampling2D{.interpolation = "area"}, {1, 5, 5, 4}),
            "up_sampling2d: UpSampling2D can interpolate by 'nearest', 'bilinear', 'bicubic', 'lanczos3' or 'lanczos5', and was given 'area'"));
  CHECK(has(said(UpSampling2D{.interpolation = "biliner"}, {1, 5, 5, 4}), "was given 'biliner' (did you mean 'bilinear'?)"));
  CHECK(has(said(UpSampling1D{0}, {1, 5, 4}), "up_sampling1d: UpSampling1D takes a size of 1 or more along each axis, and was given [0]"));
  CHECK(has(said(ZeroPadding1D{{-1, 2}}, {1, 5, 4}), "zero_padding1d: ZeroPadding1D's padding cannot be negative, and was given as [-1, 2]"));
}

TEST_CASE("channels first is refused by name") {
  for (const char* name : {"Conv1D", "Conv2D", "Conv3DTranspose", "SeparableConv2D", "DepthwiseConv1D", "MaxPooling2D", "AveragePooling3D", "GlobalMaxPooling1D", "GlobalAveragePooling2D",
                           "UpSampling2D", "ZeroPadding2D", "Cropping3D"})
    CHECK(has(error_of([&] { layer_from_config(name, Config(Config::Dict{{"data_format", "channels_first"}})); }),
              text(name, ": 'data_format' can only be \"channels_last\" for now, and was given as \"channels_first\"")));
}
