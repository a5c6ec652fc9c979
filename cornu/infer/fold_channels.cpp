// y = (L(x, K) - m) f + b, with L linear in K and m, f, b numbers for each channel, is L(x, K f) + (b - m f): batch normalization
// in inference (Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2018,
// section 3.2). Which ops are linear, and which axis of K the channels are, their Properties say.
#include <set>
#include <utility>

#include "cornu/base/error.h"
#include "cornu/compiler/pattern.h"
#include "cornu/infer/frozen.h"

namespace cornu::infer {
namespace {

/// An offset or factor of each channel of a value of this shape: a constant [channels], if `v` is one that stretches so.
std::optional<Value> for_each_channel(Value v, const Shape& shape) {
  const std::optional<Tensor> numbers = node_of(v).constant;
  if (!numbers || !is_float(v.dtype()) || shape.rank() < 2) return {};
  const int64_t channels = shape.dim(-1);
  if (v.shape().elements() == channels && v.shape().rank() > 0 && v.shape().dim(-1) == channels) return v.graph->constant(numbers->reshaped({channels}));
  if (v.shape().elements() != 1) return {};
  return v.graph->constant(Tensor({channels}, std::vector<double>(static_cast<size_t>(channels), numbers->at(0))).cast(v.dtype()));
}

/// A value that constants make, as a constant: so that what comes next finds one.
Value computed_now(Value v) {
  Graph alone;
  std::map<int, Value> moved;
  const std::function<Value(Value)> move = [&](Value w) -> Value {
    if (const auto found = moved.find(w.node); found != moved.end()) return found->second;
    const Node& n = node_of(w);
    if (n.constant) return moved[w.node] = alone.constant(*n.constant);
    std::vector<Value> in;
    for (const Value u : n.in) in.push_back(move(u));
    return moved[w.node] = alone.add(*n.op, in)[0];
  };
  alone.output(move(v));
  const NewGraph folded = fold_constants(alone);
  const auto& number = node_of(folded->outputs[0]).constant;
  ensure(number.has_value(), "what constants make was not computed");
  return v.graph->constant(*number);
}

class Folder {
 public:
  explicit Folder(const Graph& graph) : uses_(count_uses(graph)) {}

  std::optional<std::vector<Value>> operator()(const Node& node, Values in) {
    for (size_t i = 0; i < in.size(); ++i)
      if (uses_[static_cast<size_t>(node.in[i].node)] > 1) shared_.insert(in[i].node);
    if (!node.op || in.size() != 2 || node.out.size() != 1) return {};
    const bool sum = node.op->as<add_op>(), difference = node.op->as<subtract_op>(), product = node.op->as<multiply_op>(), quotient = node.op->as<divide_op>();
    if (!sum && !difference && !product && !quotient) return {};
    const bool turned = (sum || product) && node_of(in[0]).constant;  // the constant stands on the left
    const Value linear = turned ? in[1] : in[0], other = turned ? in[0] : in[1];
    if (linear.type() != node.out[0]) return {};
    const auto channels = for_each_channel(other, linear.shape());
    if (!channels) return {};
    const std::optional<Value> y = sum ? shifted(linear, *channels) : difference ? shifted(linear, negative(*channels)) : product ? scaled(linear, *channels) : scaled(linear, 1.0 / *channels);
    return y ? std::optional(std::vector{*y}) : std::nullopt;
  }

 private:
  /// Whether what is read here is read nowhere else, so that it may be made otherwise.
  bool is_own(Value v) const { return !shared_.contains(v.node); }

  /// The constant operand of a linear op that may be scaled.
  std::optional<Properties::Channels> channels_of(Value v) const {
    const Node& n = node_of(v);
    if (!n.op || n.out.size() != 1 || !is_own(v)) return {};
    const Properties::Channels c = n.op->properties().channels;
    if (c.operand < 0) return {};
    const Value k = n.in[static_cast<size_t>(c.operand)];
    if (!node_of(k).constant || k.dtype() != v.dtype() || k.shape().dim(c.axis) != v.shape().dim(-1)) return {};
    return c;
  }

  std::optional<Value> scaled(Value v, Value factor) {
    if (const auto c = channels_of(v)) {
      const Node n = node_of(v);
      std::vector<Value> in = n.in;
      Value& k = in[static_cast<size_t>(c->operand)];
      Shape along(std::vector<int64_t>(static_cast<size_t>(-c->axis), 1));
      along[0] = v.shape().dim(-1);
      k = computed_now(k * reshape(factor, along));
      const std::string after = std::exchange(v.graph->where, n.where);
      const Value y = v.graph->add(*n.op, in)[0];
      v.graph->where = after;
      return y;
    }
    if (const auto inner = offset_of(v)) {
      const auto product = scaled(inner->linear, factor);
      return product ? std::optional(*product + computed_now(inner->offset * factor)) : std::nullopt;
    }
    return through_reshape(v, factor, &Folder::scaled);
  }

  /// An offset of a linear op stands behind it as a sum; two of them become one.
  std::optional<Value> shifted(Value v, Value offset) {
    if (channels_of(v)) return v + computed_now(offset);
    if (const auto inner = offset_of(v)) return inner->linear + computed_now(inner->offset + offset);
    return through_reshape(v, offset, &Folder::shifted);
  }

  /// v = linear + offset, where linear comes from a linear op (perhaps through a reshape) and nobody else reads v.
  struct Offset {
    Value linear, offset;
  };
  std::optional<Offset> offset_of(Value v) {
    if (!made_by<add_op>(v) || !is_own(v)) return {};
    for (const int i : {0, 1}) {
      const Value linear = operand(v, i);
      if (linear.type() != v.type() || node_of(linear).constant) continue;
      if (const auto offset = for_each_channel(operand(v, 1 - i), v.shape())) return Offset{linear, *offset};
    }
    return {};
  }

  /// A reshape that leaves the channels alone: f(reshape(v)) = reshape(f(v)).
  std::optional<Value> through_reshape(Value v, Value numbers, std::optional<Value> (Folder::*f)(Value, Value)) {
    if (!made_by<Reshape>(v) || !is_own(v)) return {};
    const Value inner = operand(v, 0);
    if (inner.shape().rank() < 2 || inner.shape().dim(-1) != v.shape().dim(-1)) return {};
    const auto y = (this->*f)(inner, numbers);
    return y ? std::optional(reshape(*y, v.shape())) : std::nullopt;
  }

  std::vector<int> uses_;
  std::set<int> shared_;  // of the new graph's nodes: those that are read more than once
};

}  // namespace

NewGraph fold_channels(const Graph& graph) {
  Folder fold(graph);
  return rewrite(graph, [&](Graph&, const Node& node, Values in) { return fold(node, in); });
}

}  // namespace cornu::infer
