// Local rules. Each looks at one op on inputs that are simplified already and says what to use instead, or nothing.
#include "cornu/compiler/passes.h"
#include "cornu/compiler/simplify.h"

namespace cornu::passes {
namespace {

bool same_shape(Value v, const Subject& s) { return v.type() == s.out; }
bool swaps_last_two(const Transpose& t) {
  const auto n = static_cast<int64_t>(t.axes.size());
  for (int64_t i = 0; i < n - 2; ++i)
    if (t.axes[static_cast<size_t>(i)] != i) return false;
  return n >= 2 && t.axes[static_cast<size_t>(n - 2)] == n - 1;
}

// x + 0, x - 0, x * 1, x / 1 -> x
std::optional<Value> identity_operand(const Subject& s) {
  if (s.in.size() != 2) return {};
  const Value a = s.in[0], b = s.in[1];
  const bool sum = s.op.as<add_op>(), product = s.op.as<multiply_op>();
  if ((sum && is_number(b, 0)) || (s.op.as<subtract_op>() && is_number(b, 0)) || (product && is_number(b, 1)) ||
      (s.op.as<divide_op>() && is_number(b, 1)))
    if (same_shape(a, s)) return a;
  if (((sum && is_number(a, 0)) || (product && is_number(a, 1))) && same_shape(b, s)) return b;
  return {};
}

// Ops that give back what they are given.
std::optional<Value> nothing_to_do(const Subject& s) {
  const bool may = s.op.as<Cast>() || s.op.as<Reshape>() || s.op.as<BroadcastTo>() || s.op.as<StopGradient>();
  if (may && same_shape(s.in[0], s)) return s.in[0];
  if (const auto* r = s.op.as<Reduce>(); r && r->axes.empty()) return s.in[0];
  if (const auto* t = s.op.as<Transpose>()) {
    bool in_order = true;
    for (size_t i = 0; i < t->axes.size(); ++i) in_order &= t->axes[i] == static_cast<int64_t>(i);
    if (in_order) return s.in[0];
  }
  return {};
}

// reshape(reshape(x)) -> reshape(x); the same for transposes and stretches.
std::optional<Value> twice(const Subject& s) {
  if (const auto* r = s.op.as<Reshape>(); r && made_by<Reshape>(s.in[0])) return reshape(operand(s.in[0], 0), r->shape);
  if (const auto* b = s.op.as<BroadcastTo>(); b && made_by<BroadcastTo>(s.in[0])) return broadcast_to(operand(s.in[0], 0), b->shape);
  if (const auto* outer = s.op.as<Transpose>())
    if (const auto* inner = made_by<Transpose>(s.in[0])) {
      std::vector<int64_t> axes;
      for (const int64_t a : outer->axes) axes.push_back(inner->axes[static_cast<size_t>(a)]);
      return transpose(operand(s.in[0], 0), axes);
    }
  return {};
}

// (x c1) c2 -> x (c1 c2)
std::optional<Value> two_factors(const Subject& s) {
  if (!s.op.as<multiply_op>() || s.out.dtype != DType::float32) return {};
  const auto outer = constant_number(s.in[1]);
  if (!outer || !made_by<multiply_op>(s.in[0])) return {};
  const auto inner = constant_number(operand(s.in[0], 1));
  if (!inner) return {};
  const Value y = multiply(operand(s.in[0], 0), s.graph.constant(Tensor::scalar(*inner * *outer).cast(s.out.dtype)));
  return same_shape(y, s) ? std::optional(y) : std::nullopt;
}

// A constant factor or term stands on the right, so that other rules look in one place.
std::optional<Value> constant_right(const Subject& s) {
  if (s.in.size() != 2 || !constant_number(s.in[0]) || constant_number(s.in[1])) return {};
  if (s.op.as<multiply_op>()) return multiply(s.in[1], s.in[0]);
  if (s.op.as<add_op>()) return add(s.in[1], s.in[0]);
  return {};
}

// A pointwise op stretches its operands itself, and reads a number as well as a tensor of one element.
std::optional<Value> stretched_operand(const Subject& s) {
  if (!s.op.properties().pointwise || s.in.size() < 2) return {};
  std::vector<Value> in(s.in.begin(), s.in.end());
  bool changed = false;
  for (Value& v : in) {
    const Value before = v;
    if (made_by<BroadcastTo>(v)) v = operand(v, 0);
    if (const auto number = constant_number(v); number && !v.shape().empty()) v = s.graph.constant(Tensor::scalar(*number).cast(v.dtype()));
    if (v == before) continue;
    std::vector<TensorType> types;
    for (const Value w : in) types.push_back(w.type());
    if (s.op.infer(types)[0] == s.out) changed = true;
    else v = before;
  }
  if (!changed) return {};
  return s.graph.add(s.op, in)[0];
}

// reshape(f(x, number)) -> f(reshape(x), number): a reshape of what comes in from outside is free.
std::optional<Value> reshape_sinks(const Subject& s) {
  const auto* r = s.op.as<Reshape>();
  if (!r || !is_pointwise(s.in[0])) return {};
  const Node f = node_of(s.in[0]);
  std::vector<Value> in = f.in;
  int tensors = 0;
  for (Value& v : in) {
    if (v.shape().empty()) continue;
    if (v.shape() != s.in[0].shape() || ++tensors > 1) return {};
    v = reshape(v, r->shape);
  }
  if (tensors == 0) return {};  // numbers alone would give a number
  return s.graph.add(*f.op, in)[0];
}

// matmul(transpose(a), b) -> matmul(a, b) read transposed.
std::optional<Value> transpose_into_product(const Subject& s) {
  const auto* m = s.op.as<MatMul>();
  if (!m) return {};
  MatMul how = *m;
  Value a = s.in[0], b = s.in[1];
  if (const auto* t = made_by<Transpose>(a); t && swaps_last_two(*t)) a = operand(a, 0), how.transpose_a ^= true;
  if (const auto* t = made_by<Transpose>(b); t && swaps_last_two(*t)) b = operand(b, 0), how.transpose_b ^= true;
  if (how == *m) return {};
  return matmul(a, b, how);
}

// Can `v` be had transposed without moving a number? Pointwise ops pass the question on to their operands.
constexpr int deepest = 24;
bool free_transposed(Value v, const std::vector<int>& uses, int depth) {
  if (v.shape().elements() == 1 || made_by<Transpose>(v)) return true;
  if (depth > deepest || v.shape().rank() != 2 || uses[static_cast<size_t>(v.node)] > 4) return false;
  if (made_by<MatMul>(v)) return uses[static_cast<size_t>(v.node)] <= 2;
  if (!is_pointwise(v)) return false;
  for (const Value w : node_of(v).in)
    if (!free_transposed(w, uses, depth + 1)) return false;
  return true;
}

Value transposed(Value v) {
  if (v.shape().elements() == 1 && v.shape().rank() < 2) return v;
  if (made_by<Transpose>(v)) return operand(v, 0);
  Graph& g = *v.graph;
  const Node n = node_of(v);
  if (const auto* m = n.op ? n.op->as<MatMul>() : nullptr)  // (A B)' = B' A'
    return matmul(n.in[1], n.in[0], {.transpose_a = !m->transpose_b, .transpose_b = !m->transpose_a});
  if (v.shape().elements() == 1 || !is_pointwise(v)) return transpose(v, {1, 0});
  std::vector<Value> in;
  for (const Value w : n.in) in.push_back(transposed(w));
  return g.add(*n.op, in)[0];
}

// transpose(f(a, transpose(b))) -> f(transpose(a), b) when nothing has to move for it: a state kept transposed pulls its
// whole update into that layout.
std::optional<Value> transpose_sinks(const Subject& s) {
  const auto* t = s.op.as<Transpose>();
  if (!t || t->axes != std::vector<int64_t>{1, 0}) return {};
  if (!is_pointwise(s.in[0]) && !made_by<MatMul>(s.in[0])) return {};
  const std::vector<int> uses = count_uses(s.graph);
  if (!free_transposed(s.in[0], uses, 0)) return {};
  return transposed(s.in[0]);
}

// The uint8 that v is, number for number, when v = cast(uint8) scale or cast(uint8): {bytes, scale}.
struct Scaled {
  Value bytes;
  double scale = 1;
};
std::optional<Scaled> scaled_bytes(Value v) {
  double scale = 1;
  if (made_by<multiply_op>(v)) {
    const auto number = constant_number(operand(v, 1));
    if (!number) return {};
    scale = *number;
    v = operand(v, 0);
  }
  if (!made_by<Cast>(v) || v.dtype() != DType::float32 || operand(v, 0).dtype() != DType::uint8) return {};
  return Scaled{operand(v, 0), scale};
}

// (scale bytes) b -> scale (bytes b): images stay bytes, and the scale is applied to the smaller of result and operand.
std::optional<Value> scale_out_of_product(const Subject& s) {
  const auto* m = s.op.as<MatMul>();
  if (!m || s.out.dtype != DType::float32) return {};
  for (const int side : {0, 1}) {
    const auto image = scaled_bytes(s.in[static_cast<size_t>(side)]);
    Value other = s.in[static_cast<size_t>(1 - side)];
    if (!image || other.dtype() != DType::float32) continue;
    const bool scale_other = other.shape().elements() < s.out.shape.elements();
    const Value scale = s.graph.constant(Tensor::scalar(image->scale).cast(DType::float32));
    if (scale_other && image->scale != 1) other = multiply(other, scale);
    const Value y = side == 0 ? matmul(image->bytes, other, *m) : matmul(other, image->bytes, *m);
    return scale_other || image->scale == 1 ? y : multiply(y, scale);
  }
  return {};
}

// The largest of softmax(x) is the largest of x.
std::optional<Value> argmax_of_softmax(const Subject& s) {
  const auto* a = s.op.as<ArgMax>();
  if (!a || !(made_by<Softmax>(s.in[0]) || made_by<LogSoftmax>(s.in[0])) || a->axis != s.in[0].shape().rank() - 1) return {};
  return s.graph.add(s.op, std::vector{operand(s.in[0], 0)})[0];
}

// An op on constants is a constant, if it is small.
std::optional<Value> fold_constant(const Subject& s) {
  if (s.out.shape.elements() > 64 || s.in.empty() || s.op.properties().random || !s.op.graphs().empty()) return {};
  for (const Value v : s.in)
    if (!node_of(v).constant) return {};
  if (s.op.properties().view) return s.graph.constant(node_of(s.in[0]).constant->reshaped(s.out.shape));
  std::vector<TensorType> types;
  std::vector<const void*> data;
  for (const Value v : s.in) types.push_back(v.type()), data.push_back(node_of(v).constant->data());
  const std::vector<TensorType> outs = s.op.infer(types);
  if (outs.size() != 1) return {};
  const Kernel k = s.op.kernels({types, outs, this_machine()}).front();
  Tensor result(s.out.dtype, s.out.shape), workspace(DType::uint8, {static_cast<int64_t>(k.workspace_bytes)}),
      scratch(DType::uint8, {static_cast<int64_t>(k.scratch_bytes)});
  std::vector<void*> buffers;
  for (const void* d : data) buffers.push_back(const_cast<void*>(d));
  buffers.push_back(result.mutable_data());
  buffers.push_back(workspace.mutable_data());
  for (const Phase& phase : k.phases)
    for (int i = 0; i < phase.slices; ++i) phase.run(k.context.get(), buffers.data(), i, scratch.mutable_data());
  return s.graph.constant(std::move(result));
}

constexpr Rule rules_in_order[] = {nothing_to_do,  fold_constant,          identity_operand,     twice,           constant_right, two_factors,
                                   argmax_of_softmax, stretched_operand, transpose_into_product, scale_out_of_product, reshape_sinks, transpose_sinks, pads_side_by_side, picks_in_order};

}  // namespace

NewGraph simplify(const Graph& graph) {
  return rewrite(graph, [](Graph& to, const Node& node, Values in) -> std::optional<std::vector<Value>> {
    if (!node.op || node.out.size() != 1) return {};
    for (const Rule rule : rules_in_order)
      if (const auto better = rule({to, *node.op, in, node.out[0]})) {
        ensure(better->type() == node.out[0], "simplify turned ", node.op->name(), " of ", node.out[0], " into ", better->type());
        return std::vector{*better};
      }
    return {};
  });
}

}  // namespace cornu::passes
