#include "cornu/ops/convolution_of_maxima.h"

#include "cornu/graph/define_op.h"
#include "cornu/kernels/convolution_maxima.h"

namespace cornu {
namespace {

/// Axis `a` of the last ones, three of them.
void set(std::array<int64_t, 3>& to, size_t axes, const std::vector<int64_t>& from) {
  for (size_t a = 0; a < axes; ++a) to[3 - axes + a] = from[a];
}

ConvolutionOfMaxima sizes_of(const Convolution& of, const Window& window, DType x, std::vector<int64_t> in, int64_t channels, const std::vector<int64_t>& kernel,
                             const std::vector<int64_t>& out, const Shape& d) {
  const size_t axes = in.size();
  ConvolutionOfMaxima m{{.batch = d[0], .channels = channels, .filters = d.dim(-1), .groups = of.groups}, {.batch = d[0], .channels = d.dim(-1)}, x};
  set(m.convolution.in, axes, in), set(m.convolution.out, axes, out), set(m.convolution.kernel, axes, kernel);
  set(m.convolution.stride, axes, of.strides), set(m.convolution.dilation, axes, of.dilation), set(m.convolution.before, axes, of.before);
  set(m.pool.in, axes, out), set(m.pool.out, axes, d.part(1, d.rank() - 1).sizes()), set(m.pool.size, axes, window.size);
  set(m.pool.stride, axes, window.strides), set(m.pool.before, axes, window.before);
  return m;
}

std::vector<int64_t> spatial(const Shape& x) { return x.part(1, x.rank() - 1).sizes(); }

ConvolutionOfMaxima sizes_of(const ConvolutionKernelOfMaxima& op, const TensorType& x, const TensorType& d) {
  return sizes_of(op.of, op.window, x.dtype, spatial(x.shape), x.shape.dim(-1), op.sizes, op.results, d.shape);
}
ConvolutionOfMaxima sizes_of(const ConvolutionInputOfMaxima& op, const TensorType& d, const TensorType& kernel) {
  return sizes_of(op.of, op.window, DType::float32, op.sizes, kernel.shape.dim(-2), kernel.shape.part(0, kernel.shape.rank() - 2).sizes(), op.results, d.shape);
}

void check(std::string_view name, Types in, const TensorType& d, const TensorType& where) {
  ensure(in.size() == 3 && d.dtype == DType::float32 && where == TensorType{DType::int32, d.shape}, name, " was given what no pass makes");
}

}  // namespace

bool has_kernels(const ConvolutionKernelOfMaxima& op, const TensorType& x, const TensorType& d) {
  return d.dtype == DType::float32 && sizes_of(op, x, d).applies();
}
bool has_kernels(const ConvolutionInputOfMaxima& op, const TensorType& d, const TensorType& kernel) {
  return d.dtype == DType::float32 && kernel.dtype == DType::float32 && sizes_of(op, d, kernel).applies();
}

struct ConvolutionKernelOfMaxima::Rules : ConvolutionKernelOfMaxima {
  static constexpr std::string_view name = "convolution_kernel_of_maxima", doc = "The kernel's gradient of a convolution whose results were max-pooled.";
  static constexpr Properties has = {.differentiable = false};
  std::vector<TensorType> infer(Types in) const {
    check(name, in, in[1], in[2]);
    return {{DType::float32, Shape(sizes) + Shape{in[0].shape.dim(-1), in[1].shape.dim(-1)}}};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const { return kernel_gradient_of_maxima(sizes_of(*this, r.in[0], r.in[1])); }
  static std::vector<Example> examples() { return {}; }
};
CORNU_DEFINE_OP(ConvolutionKernelOfMaxima)

struct ConvolutionInputOfMaxima::Rules : ConvolutionInputOfMaxima {
  static constexpr std::string_view name = "convolution_input_of_maxima", doc = "The gradient with respect to x of a convolution whose results were max-pooled.";
  static constexpr Properties has = {.absorbs_epilogue = true, .differentiable = false};
  std::vector<TensorType> infer(Types in) const {
    check(name, in, in[0], in[1]);
    return {{DType::float32, Shape{in[0].shape[0]} + Shape(sizes) + Shape{in[2].shape.dim(-2)}}};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const { return input_gradient_of_maxima(sizes_of(*this, r.in[0], r.in[2]), r.epilogue); }
  static std::vector<Example> examples() { return {}; }
};
CORNU_DEFINE_OP(ConvolutionInputOfMaxima)

}  // namespace cornu
