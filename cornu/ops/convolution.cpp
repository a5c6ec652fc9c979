// Convolution and its two transposes: each is linear in its two inputs, and the gradients of each are the other two.
#include "cornu/kernels/convolution.h"

#include "cornu/graph/define_op.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

std::vector<int64_t> spatial(const Shape& x) { return x.part(1, x.rank() - 1).sizes(); }
std::vector<int64_t> spatial_of_kernel(const Shape& kernel) { return kernel.part(0, kernel.rank() - 2).sizes(); }

void fill_in(std::vector<int64_t>& list, int64_t rank, int64_t usual) {
  if (list.empty()) list.assign(static_cast<size_t>(std::max<int64_t>(rank, 0)), usual);
}
/// With every list written out, for x or y of `rank` axes.
Convolution filled(Convolution how, int rank) {
  fill_in(how.strides, rank - 2, 1), fill_in(how.dilation, rank - 2, 1), fill_in(how.before, rank - 2, 0), fill_in(how.after, rank - 2, 0);
  return how;
}

/// What must hold whichever of x, kernel and y is asked for. Sizes: of x and of the kernel, spatial ones.
void check(const Convolution& how, std::string_view name, const std::vector<int64_t>& in, const std::vector<int64_t>& kernel) {
  const size_t axes = in.size();
  require<ShapeError>(axes >= 1 && axes <= 3, name, " takes one to three spatial axes between the batch and the channels, not ", axes);
  require<ShapeError>(kernel.size() == axes, name, ": a kernel over ", kernel.size(), " spatial axes does not fit ", axes, " of them; it is [spatial..., channels / groups, filters]");
  for (const auto* list : {&how.strides, &how.dilation, &how.before, &how.after})
    require<ShapeError>(list->size() == axes, name, " over ", axes, " spatial axes takes as many strides, dilations and paddings, and was given ", *list);
  for (size_t a = 0; a < axes; ++a) {
    require<ShapeError>(how.strides[a] > 0 && how.dilation[a] > 0 && kernel[a] > 0, name, ": strides ", how.strides, ", dilation ", how.dilation,
                        " and the kernel's sizes ", kernel, " must be positive");
    // After it may be: a pass leaves out results at the end.
    require<ShapeError>(how.before[a] >= 0, name, ": padding of ", how.before, " cannot be negative");
    const int64_t reach = (kernel[a] - 1) * how.dilation[a] + 1, padded = in[a] + how.before[a] + how.after[a];
    require<ShapeError>(padded >= reach, name, ": an axis of ", padded, " numbers (", in[a], " and the padding) is too short for a kernel that reaches over ", reach);
  }
}
std::vector<int64_t> results(const Convolution& how, const std::vector<int64_t>& in, const std::vector<int64_t>& kernel) {
  std::vector<int64_t> out;
  for (size_t a = 0; a < in.size(); ++a)
    out.push_back((in[a] + how.before[a] + how.after[a] - (kernel[a] - 1) * how.dilation[a] - 1) / how.strides[a] + 1);
  return out;
}
void check_groups(const Convolution& how, std::string_view name, int64_t channels, int64_t of_group, int64_t filters) {
  require<ShapeError>(how.groups > 0 && channels % how.groups == 0 && filters % how.groups == 0, name, ": ", channels, " channels and ", filters,
                      " filters do not fall into ", how.groups, " groups");
  require<ShapeError>(of_group * how.groups == channels, name, ": a kernel that takes ", of_group, " channels",
                      how.groups > 1 ? text(" in each of ", how.groups, " groups") : "", " does not fit ", channels, " channels");
}
void check_types(std::string_view name, Types in) {
  require<ShapeError>(in.size() == 2, name, " takes two tensors, not ", in.size());
  for (const TensorType& t : in) require<ShapeError>(t.shape.rank() >= 3 && t.shape.rank() <= 5, name, " takes tensors of three to five axes, and was given ", t);
}
/// Of what x (or dx) and the other two have, where they fit.
bool types_fit(DType x, DType other) { return (x == other && (x == DType::float32 || x == DType::float64)) || (x == DType::uint8 && other == DType::float32); }

ConvolutionShape sizes_of(const Convolution& how, const Shape& x, const Shape& kernel, const Shape& y) {
  ConvolutionShape s{.batch = x[0], .channels = x.dim(-1), .filters = y.dim(-1), .groups = how.groups};
  const int axes = x.rank() - 2;
  for (int a = 0; a < axes; ++a) {
    const auto to = static_cast<size_t>(3 - axes + a), from = static_cast<size_t>(a);
    s.in[to] = x[a + 1], s.out[to] = y[a + 1], s.kernel[to] = kernel[a];
    s.stride[to] = how.strides[from], s.dilation[to] = how.dilation[from], s.before[to] = how.before[from];
  }
  return s;
}

/// bfloat16 is computed in float32.
template <class F> Value in_float32(Value a, Value b, const F& f) {
  const bool halves = a.dtype() == DType::bfloat16 || b.dtype() == DType::bfloat16;
  if (!halves) return f(a, b);
  const auto wide = [](Value v) { return v.dtype() == DType::bfloat16 ? cast(v, DType::float32) : v; };
  return cast(f(wide(a), wide(b)), DType::bfloat16);
}

Tensor numbers(Shape shape, int salt) {
  std::vector<double> values(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>((static_cast<int>(i) * 37 + salt * 11) % 19 - 9) / 8;
  return Tensor(std::move(shape), values);
}

/// What to try all three on: x's shape, the kernel's, how.
struct Trial {
  Shape x, kernel;
  Convolution how;
};
std::vector<Trial> trials() {
  return {
      {{2, 7, 3}, {3, 3, 2}, {}},
      {{1, 9, 2}, {2, 2, 5}, {.strides = {3}, .before = {1}, .after = {2}}},
      {{2, 8, 1}, {3, 1, 2}, {.dilation = {3}, .before = {4}}},
      {{2, 6, 4}, {3, 2, 4}, {.before = {1}, .after = {1}, .groups = 2}},
      {{2, 5, 6, 2}, {3, 2, 2, 3}, {}},
      {{1, 7, 6, 1}, {3, 3, 1, 17}, {.strides = {2, 3}, .before = {1, 0}, .after = {1, 2}}},
      {{1, 5, 6, 3}, {2, 3, 3, 2}, {.dilation = {2, 1}, .before = {1, 1}, .after = {0, 1}}},
      {{2, 3, 4, 5}, {1, 1, 5, 3}, {}},
      {{1, 5, 5, 3}, {1, 1, 3, 2}, {.strides = {2, 2}}},
      {{1, 6, 5, 3}, {3, 3, 1, 3}, {.before = {1, 1}, .after = {1, 1}, .groups = 3}},
      {{1, 6, 5, 2}, {3, 2, 1, 6}, {.strides = {2, 1}, .dilation = {1, 2}, .before = {0, 2}, .groups = 2}},
      {{1, 3, 4, 3, 2}, {2, 2, 2, 2, 3}, {.strides = {1, 2, 1}, .before = {1, 0, 1}, .after = {0, 1, 0}}},
      {{1, 3, 4, 5, 4}, {3, 1, 2, 2, 2}, {.dilation = {1, 1, 2}, .groups = 2}},
  };
}
Shape result_shape(const Trial& t) {
  const Convolution how = filled(t.how, t.x.rank());
  return Shape{t.x[0]} + Shape(results(how, spatial(t.x), spatial_of_kernel(t.kernel))) + Shape{t.kernel.dim(-1)};
}

}  // namespace

Config to_config(const Convolution& how) { return fields_to_config(how); }
void from_config(const Config& c, Convolution& how) { fields_from_config(c, how, "convolution"); }

struct Convolution::Rules : Convolution {
  static constexpr std::string_view name = "convolution", doc = "y[n, o, f] = sum over k, c of x[n, o strides + k dilation - before, c] kernel[k, c, f].";
  Properties properties() const { return {.absorbs_epilogue = groups == 1, .channels = {1, -1}}; }

  std::vector<TensorType> infer(Types in) const {
    check_types(name, in);
    const Shape &x = in[0].shape, &kernel = in[1].shape;
    check(*this, name, spatial(x), spatial_of_kernel(kernel));
    check_groups(*this, name, x.dim(-1), kernel.dim(-2), kernel.dim(-1));
    require<ShapeError>(types_fit(in[0].dtype, in[1].dtype), name, " of ", in[0].dtype, " with a kernel of ", in[1].dtype,
                        ": both are float32 or float64 (or x is uint8 and the kernel float32); cast one of them");
    return {{in[1].dtype, Shape{x[0]} + Shape(results(*this, spatial(x), spatial_of_kernel(kernel))) + Shape{kernel.dim(-1)}}};
  }
  std::vector<Value> gradient(const Derivation& d) const {
    const Value x = d.in[0], kernel = d.in[1], dy = d.grad[0];
    return {is_float(x.dtype()) ? convolution_input(dy, kernel, spatial(x.shape()), *this) : Value{},
            convolution_kernel(x, dy, spatial_of_kernel(kernel.shape()), *this)};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    return convolution_kernels({ConvolutionPass::forward, sizes_of(*this, r.in[0].shape, r.in[1].shape, r.out[0].shape), r.in[0].dtype, r.in[1].dtype},
                               r.machine, r.epilogue);
  }
  static std::vector<Example> examples() {
    std::vector<Example> list;
    for (const Trial& t : trials()) list.push_back({filled(t.how, t.x.rank()), {numbers(t.x, 1), numbers(t.kernel, 2)}});
    return list;
  }
};
CORNU_DEFINE_OP(Convolution)

Value convolution(Value x, Value kernel, Convolution how) {
  how = filled(std::move(how), x.shape().rank());
  return in_float32(x, kernel, [&](Value a, Value b) { return emit(how, {a, b}); });
}

struct ConvolutionInput::Rules : ConvolutionInput {
  static constexpr std::string_view name = "convolution_input", doc = "The transpose of a convolution: dx from dy and the kernel.";
  Properties properties() const {
    bool one = true;
    for (const int64_t s : of.strides) one = one && s == 1;
    return {.absorbs_epilogue = one && of.groups == 1, .channels = of.groups == 1 ? Properties::Channels{1, -2} : Properties::Channels{}};
  }

  std::vector<TensorType> infer(Types in) const {
    check_types(name, in);
    const Shape &dy = in[0].shape, &kernel = in[1].shape;
    check(of, name, sizes, spatial_of_kernel(kernel));
    check_groups(of, name, kernel.dim(-2) * of.groups, kernel.dim(-2), dy.dim(-1));
    require<ShapeError>(kernel.dim(-1) == dy.dim(-1), name, ": a kernel of ", kernel.dim(-1), " filters does not fit ", dy.dim(-1), " of them");
    const auto expected = results(of, sizes, spatial_of_kernel(kernel));
    require<ShapeError>(expected == spatial(dy), name, ": from sizes ", sizes, " a convolution makes ", expected, ", not ", spatial(dy));
    require<ShapeError>(is_float(in[0].dtype) && types_fit(in[0].dtype, in[1].dtype), name, " of ", in[0].dtype, " with a kernel of ", in[1].dtype,
                        ": both are float32 or float64; cast one of them");
    return {{in[0].dtype, Shape{dy[0]} + Shape(sizes) + Shape{kernel.dim(-2) * of.groups}}};
  }
  std::vector<Value> gradient(const Derivation& d) const {
    return {convolution(d.grad[0], d.in[1], of), convolution_kernel(d.grad[0], d.in[0], spatial_of_kernel(d.in[1].shape()), of)};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    return convolution_kernels({ConvolutionPass::input, sizes_of(of, r.out[0].shape, r.in[1].shape, r.in[0].shape), r.in[0].dtype, r.in[1].dtype},
                               r.machine, r.epilogue);
  }
  static std::vector<Example> examples() {
    std::vector<Example> list;
    for (const Trial& t : trials())
      list.push_back({ConvolutionInput{filled(t.how, t.x.rank()), spatial(t.x)}, {numbers(result_shape(t), 3), numbers(t.kernel, 4)}});
    return list;
  }
};
CORNU_DEFINE_OP(ConvolutionInput)

Value convolution_input(Value dy, Value kernel, std::vector<int64_t> sizes, Convolution of) {
  const ConvolutionInput op{filled(std::move(of), dy.shape().rank()), std::move(sizes)};
  return in_float32(dy, kernel, [&](Value a, Value b) { return emit(op, {a, b}); });
}

struct ConvolutionKernel::Rules : ConvolutionKernel {
  static constexpr std::string_view name = "convolution_kernel", doc = "The other transpose of a convolution: the kernel's gradient from x and dy.";

  std::vector<TensorType> infer(Types in) const {
    check_types(name, in);
    const Shape &x = in[0].shape, &dy = in[1].shape;
    check(of, name, spatial(x), sizes);
    check_groups(of, name, x.dim(-1), of.groups > 0 ? x.dim(-1) / of.groups : 0, dy.dim(-1));
    const auto expected = results(of, spatial(x), sizes);
    require<ShapeError>(expected == spatial(dy) && x[0] == dy[0], name, ": from ", x, " a convolution makes ", Shape{x[0]} + Shape(expected), ", not ", dy.drop_back());
    require<ShapeError>(types_fit(in[0].dtype, in[1].dtype), name, " of ", in[0].dtype, " and ", in[1].dtype,
                        ": both are float32 or float64 (or x is uint8 and dy float32); cast one of them");
    return {{in[1].dtype, Shape(sizes) + Shape{x.dim(-1) / of.groups, dy.dim(-1)}}};
  }
  std::vector<Value> gradient(const Derivation& d) const {
    const Value x = d.in[0], dy = d.in[1], dk = d.grad[0];
    return {is_float(x.dtype()) ? convolution_input(dy, dk, spatial(x.shape()), of) : Value{}, convolution(x, dk, of)};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    return convolution_kernels({ConvolutionPass::weights, sizes_of(of, r.in[0].shape, r.out[0].shape, r.in[1].shape), r.in[0].dtype, r.in[1].dtype}, r.machine);
  }
  static std::vector<Example> examples() {
    std::vector<Example> list;
    for (const Trial& t : trials())
      list.push_back({ConvolutionKernel{filled(t.how, t.x.rank()), spatial_of_kernel(t.kernel)}, {numbers(t.x, 5), numbers(result_shape(t), 6)}});
    return list;
  }
};
CORNU_DEFINE_OP(ConvolutionKernel)

Value convolution_kernel(Value x, Value dy, std::vector<int64_t> sizes, Convolution of) {
  const ConvolutionKernel op{filled(std::move(of), x.shape().rank()), std::move(sizes)};
  return in_float32(x, dy, [&](Value a, Value b) { return emit(op, {a, b}); });
}

}  // namespace cornu
