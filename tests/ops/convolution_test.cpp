// Convolution and pooling as ops: what they say to what does not fit, and that defaults are filled in.
#include <doctest/doctest.h>

#include "evaluate.h"

using namespace cornu;

namespace {
std::string said(const Shape& x, const Shape& kernel, const Convolution& how = {}, DType x_type = DType::float32) {
  return error_of({{x_type, x}, {DType::float32, kernel}}, [&](Graph&, const std::vector<Value>& in) { convolution(in[0], in[1], how); });
}
std::string pooled(const Shape& x, const Window& window) {
  return error_of({{DType::float32, x}}, [&](Graph&, const std::vector<Value>& in) { max_pooling(in[0], window); });
}
}  // namespace

TEST_CASE("a convolution of one axis with all defaults") {
  const Tensor x({1, 4, 1}, std::vector<float>{1, 2, 3, 4}), kernel({2, 1, 1}, std::vector<float>{10, 1});
  CHECK(evaluate({x, kernel}, [](const auto& in) { return convolution(in[0], in[1]); }) == Tensor({1, 3, 1}, std::vector<float>{12, 23, 34}));
  const Tensor bytes({1, 4, 1}, std::vector<uint8_t>{1, 2, 3, 255});
  CHECK(evaluate({bytes, kernel}, [](const auto& in) { return convolution(in[0], in[1], {.strides = {2}}); }) == Tensor({1, 2, 1}, std::vector<float>{12, 285}));
}

TEST_CASE("bfloat16 is computed in float32 and rounded once") {
  const Tensor x = Tensor({1, 3, 1}, std::vector<float>{1, 2, 3}).cast(DType::bfloat16), kernel = Tensor({2, 1, 1}, std::vector<float>{1, 1}).cast(DType::bfloat16);
  const Tensor y = evaluate({x, kernel}, [](const auto& in) { return convolution(in[0], in[1]); });
  CHECK(y == Tensor({1, 2, 1}, std::vector<float>{3, 5}).cast(DType::bfloat16));
  CHECK(evaluate({x}, [](const auto& in) { return max_pooling(in[0], {.size = {3}}); }) == Tensor({1, 1, 1}, std::vector<float>{3}).cast(DType::bfloat16));
}

TEST_CASE("a transposed convolution spreads what a convolution gathers") {
  const Tensor dy({1, 2, 1}, std::vector<float>{1, 2}), kernel({3, 1, 1}, std::vector<float>{1, 10, 100});
  CHECK(evaluate({dy, kernel}, [](const auto& in) { return convolution_input(in[0], in[1], {5}, {.strides = {2}}); }) ==
        Tensor({1, 5, 1}, std::vector<float>{1, 10, 102, 20, 200}));
}

TEST_CASE("what does not fit a convolution is named") {
  CHECK(said({2, 5}, {3, 3, 2}) == "convolution takes tensors of three to five axes, and was given float32[2, 5]");
  CHECK(said({2, 5, 5, 2}, {3, 2, 4}) == "convolution: a kernel over 1 spatial axes does not fit 2 of them; it is [spatial..., channels / groups, filters]");
  CHECK(said({2, 5, 3}, {3, 2, 4}) == "convolution: a kernel that takes 2 channels does not fit 3 channels");
  CHECK(said({2, 5, 3}, {3, 3, 4}, {.groups = 2}) == "convolution: 3 channels and 4 filters do not fall into 2 groups");
  CHECK(said({2, 5, 4}, {3, 4, 4}, {.groups = 2}) == "convolution: a kernel that takes 4 channels in each of 2 groups does not fit 4 channels");
  CHECK(said({2, 2, 3}, {3, 3, 4}) == "convolution: an axis of 2 numbers (2 and the padding) is too short for a kernel that reaches over 3");
  CHECK(said({2, 5, 3}, {3, 3, 4}, {.strides = {1, 2}}) == "convolution over 1 spatial axes takes as many strides, dilations and paddings, and was given [1, 2]");
  CHECK(said({2, 5, 3}, {3, 3, 4}, {.strides = {0}}) == "convolution: strides [0], dilation [1] and the kernel's sizes [3] must be positive");
  CHECK(said({2, 5, 3}, {3, 3, 4}, {}, DType::int32) == "convolution of int32 with a kernel of float32: both are float32 or float64 (or x is uint8 and the kernel float32); cast one of them");
  CHECK(error_of({{DType::float32, {2, 3, 4}}, {DType::float32, {3, 2, 4}}}, [](Graph&, const std::vector<Value>& in) { convolution_input(in[0], in[1], {6}); }) ==
        "convolution_input: from sizes [6] a convolution makes [4], not [3]");
}

TEST_CASE("max pooling keeps the first of equals, and averages count only what is inside") {
  const Tensor x({1, 5, 1}, std::vector<float>{1, 3, 3, 2, 4});
  const auto both = evaluate({x}, [](Graph& g, const std::vector<Value>& in) { return g.add(MaxPooling{{{3}, {2}, {1}, {1}}}, in); });
  CHECK(both[0] == Tensor({1, 3, 1}, std::vector<float>{3, 3, 4}));
  CHECK(both[1] == Tensor({1, 3, 1}, std::vector<int32_t>{2, 0, 1}));
  CHECK(evaluate({x}, [](const auto& in) { return average_pooling(in[0], {{3}, {2}, {1}, {1}}); }) == Tensor({1, 3, 1}, std::vector<float>{2, 8.0f * (1.0f / 3), 3}));
}

TEST_CASE("windows that do not fit are named") {
  CHECK(pooled({2, 5}, {.size = {2}}) == "max_pooling takes [batch, spatial..., channels], and was given float32[2, 5]");
  CHECK(pooled({2, 5, 5, 1}, {.size = {2}}) == "max_pooling over 2 spatial axes takes as many sizes, strides and paddings, and was given [2]");
  CHECK(pooled({2, 3, 1}, {.size = {4}}) == "max_pooling: a window of [4] does not fit into [3] padded by [0] and [0]");
  CHECK(pooled({2, 3, 1}, {.size = {2}, .strides = {2}, .before = {2}, .after = {0}}) == "max_pooling: padding of [2] and [0] leaves windows of [2] without a cell of their own");
}
