// Max pooling after a convolution: most of its results go nowhere, and most of its gradient is zeros. What is pointwise moves to the
// side with fewer numbers, sums pass over the zeros, the convolution's gradients meet only the maxima, and results that no window
// covers are not computed.
#include <algorithm>

#include "cornu/compiler/passes.h"
#include "cornu/compiler/pattern.h"
#include "cornu/ops/convolution_of_maxima.h"

namespace cornu::passes {
namespace {

/// What `v` is made of if it is a max_pooling_put: d and where.
struct Put {
  const MaxPoolingPut* op;
  Value d, where;
};
std::optional<Put> put_of(Value v) {
  const auto* put = made_by<MaxPoolingPut>(v);
  if (!put) return {};
  return Put{put, operand(v, 0), operand(v, 1)};
}

// relu_gradient(y, put(d, where)) -> put(relu_gradient(the maxima of y, d), where): where a maximum is, y is the maximum.
std::optional<Value> relu_before_put(Graph& to, const Node& node, Values in) {
  if (!node.op->as<relu_gradient_op>()) return {};
  const auto put = put_of(in[1]);
  if (!put || in[0].type() != in[1].type()) return {};
  const auto* pooling = made_by<MaxPooling>(put->where);
  if (!pooling || put->where.output != 1 || !(pooling->window == put->op->window) || operand(put->where, 0) != in[0]) return {};
  const Value maxima{&to, put->where.node, 0};
  return to.add(Op(*put->op), std::vector{relu_gradient(maxima, put->d), put->where})[0];
}

// The sum of put(d, where) over all places -> the sum of d.
std::optional<Value> sum_of_put(Graph&, const Node& node, Values in) {
  const auto* sum = node.op->as<Reduce>();
  if (!sum || sum->kind != Reduction::sum) return {};
  const auto put = put_of(in[0]);
  if (!put) return {};
  for (int64_t axis = 1; axis + 1 < in[0].shape().rank(); ++axis)
    if (std::find(sum->axes.begin(), sum->axes.end(), axis) == sum->axes.end()) return {};
  return in[0].graph->add(*node.op, std::vector{put->d})[0];
}

std::optional<Value> gradient_of_maxima(Graph& to, const Node& node, Values in) {
  if (const auto* kernel = node.op->as<ConvolutionKernel>()) {
    const auto put = put_of(in[1]);
    if (!put) return {};
    const ConvolutionKernelOfMaxima op{kernel->of, put->op->window, kernel->sizes, put->op->sizes};
    if (has_kernels(op, in[0].type(), put->d.type())) return to.add(Op(op), std::vector{in[0], put->d, put->where})[0];
  }
  if (const auto* input = node.op->as<ConvolutionInput>()) {
    const auto put = put_of(in[0]);
    if (!put) return {};
    const ConvolutionInputOfMaxima op{input->of, put->op->window, input->sizes, put->op->sizes};
    if (has_kernels(op, put->d.type(), in[1].type())) return to.add(Op(op), std::vector{put->d, put->where, in[1]})[0];
  }
  return {};
}

/// The sizes of x that windows cover, from the front.
Shape covered(const Window& window, const Shape& x, const Shape& y) {
  std::vector<int64_t> sizes = x.sizes();
  for (size_t a = 0; a < window.size.size(); ++a)
    sizes[a + 1] = std::min(sizes[a + 1], (y[static_cast<int>(a) + 1] - 1) * window.strides[a] + window.size[a] - window.before[a]);
  return Shape(sizes);
}

/// The operand of a pointwise op that has its shape, if only that one does and the others are the same at all places.
std::optional<int> only_field(Value v) {
  std::optional<int> field;
  for (size_t i = 0; i < node_of(v).in.size(); ++i) {
    const Shape& s = operand(v, static_cast<int>(i)).shape();
    if (s == v.shape()) {
      if (field) return {};
      field = static_cast<int>(i);
    } else {
      for (int back = 2; back <= s.rank() && back < v.shape().rank(); ++back)
        if (s.dim(-back) != 1) return {};
    }
  }
  return field;
}

/// Whether nobody else reads `v`, nor what it is made of down to a convolution.
bool is_ours(const std::vector<int>& uses, Value v) {
  while (uses[static_cast<size_t>(v.node)] == 1) {
    if (made_by<Convolution>(v)) return true;
    const auto field = is_pointwise(v) ? only_field(v) : std::nullopt;
    if (!field) return false;
    v = operand(v, *field);
  }
  return false;
}

/// `v`, of which only `sizes` from the front are wanted: a pointwise chain on a convolution.
Value cropped(Graph& to, Value v, const Shape& sizes) {
  Node node = node_of(v);
  if (const auto* whole = node.op->as<Convolution>()) {
    Convolution part = *whole;
    for (size_t a = 0; a < part.after.size(); ++a) {
      const auto axis = static_cast<int>(a) + 1;
      part.after[a] -= (v.shape()[axis] - sizes[axis]) * part.strides[a];
    }
    return to.add(Op(part), node.in)[0];
  }
  const auto field = static_cast<size_t>(*only_field(v));
  node.in[field] = cropped(to, node.in[field], sizes);
  return to.add(*node.op, node.in)[0];
}

// max_pooling(f(convolution(x, w))) whose windows leave out a border at the end -> the same without it.
NewGraph crop(const Graph& graph) {
  const std::vector<int> uses = count_uses(graph);
  return rewrite(graph, [&](Graph& to, const Node& node, Values in) -> std::optional<std::vector<Value>> {
    const auto* pooling = node.op ? node.op->as<MaxPooling>() : nullptr;
    if (!pooling) return {};
    const Shape sizes = covered(pooling->window, in[0].shape(), node.out[0].shape);
    if (sizes == in[0].shape() || !is_ours(uses, node.in[0])) return {};
    return to.add(*node.op, std::vector{cropped(to, in[0], sizes)});
  });
}

}  // namespace

NewGraph max_pooling(const Graph& graph) {
  const auto pools = [](const Node& n) { return n.op && (n.op->as<MaxPooling>() || n.op->as<MaxPoolingPut>()); };
  if (std::none_of(graph.nodes.begin(), graph.nodes.end(), pools)) return rewrite(graph, nullptr);
  const NewGraph sparse = rewrite(graph, [](Graph& to, const Node& node, Values in) -> std::optional<std::vector<Value>> {
    if (!node.op || node.out.size() != 1) return {};
    for (const auto rule : {relu_before_put, sum_of_put, gradient_of_maxima})
      if (const auto better = rule(to, node, in)) return std::vector{*better};
    return {};
  });
  return crop(*rewrite(*sparse, nullptr));  // once what nobody needs is gone
}

}  // namespace cornu::passes
