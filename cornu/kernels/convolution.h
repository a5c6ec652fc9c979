// Convolutions over one to three spatial axes, channels last, and their two gradients: one seam, several kernels behind it.
#pragma once
#include <array>
#include <optional>
#include <string_view>

#include "cornu/kernels/kernel.h"
#include "cornu/kernels/machine.h"
#include "cornu/kernels/tile.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

/// What a convolution relates, always with three spatial axes (leading ones of size one stand for those that are missing):
///
///   y[n, o, f] = sum over taps k and channels i of x[n, o stride + k dilation - before, c] w[k, i, f]
///
/// x [batch, in..., channels], w [kernel..., channels / groups, filters], y [batch, out..., filters]; filter f belongs to
/// group f / (filters / groups), whose channels are c = group (channels / groups) + i. Outside x are zeros.
struct ConvolutionShape {
  int64_t batch = 1, channels = 1, filters = 1, groups = 1;
  std::array<int64_t, 3> in = {1, 1, 1}, out = {1, 1, 1}, kernel = {1, 1, 1};
  std::array<int64_t, 3> stride = {1, 1, 1}, dilation = {1, 1, 1}, before = {0, 0, 0};

  int64_t group_channels() const { return channels / groups; }
  int64_t group_filters() const { return filters / groups; }
  int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  int64_t in_positions() const { return in[0] * in[1] * in[2]; }
  int64_t out_positions() const { return out[0] * out[1] * out[2]; }
  double multiply_adds() const {
    return static_cast<double>(batch * out_positions()) * static_cast<double>(taps() * group_channels()) * static_cast<double>(filters);
  }
  bool operator==(const ConvolutionShape&) const = default;
};

/// Which of the three is computed from the other two.
enum class ConvolutionPass {
  forward,   // buffers: x, w, y
  input,     // the gradient with respect to x. Buffers: dy, w, dx
  weights,   // the gradient with respect to w. Buffers: x, dy, dw
};

/// Element types: all float32, or all float64 (added up in double). x of `forward` and `weights` may be uint8 (numbers
/// 0..255) where the rest is float32. An epilogue sees the result of `forward` or `input` as rows [batch * positions, last
/// axis] in float32; its further inputs and its outputs stand in the place of the result. `input` takes one only with strides of one.
struct Convolving {
  ConvolutionPass pass = ConvolutionPass::forward;
  ConvolutionShape shape;
  DType x = DType::float32, other = DType::float32;
};

// Slices are cut by shape: an element is added up in the same order on any number of threads.

/// The kernels to choose from, best first; at least one. Throws UnsupportedError for element types that no kernel takes.
std::vector<Kernel> convolution_kernels(const Convolving& c, const Machine& machine, const Epilogue* epilogue = nullptr);

/// "reference", "product", "depthwise", "direct": every candidate there is.
std::vector<std::string_view> convolution_candidates();
/// One of them, or nothing where it cannot do this convolution.
std::optional<Kernel> convolution_candidate(std::string_view name, const Convolving& c, const Machine& machine, const Epilogue* epilogue = nullptr);

}  // namespace cornu
