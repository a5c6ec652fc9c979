// Rows are followed through the body: from inputs that are cut, by ops that keep them apart, to the outputs.
#include "cornu/ops/scan_kernel.h"

#include <algorithm>

namespace cornu {
namespace {

struct Cut {
  int64_t from, to;
  bool operator()(const TensorType& t) const { return t.shape.rank() > 0 && t.shape[0] == from; }
  Shape shape(const Shape& s) const { return Shape{to} + s.drop_front(); }
};

/// How an op on rows is written for fewer of them; nothing where it mixes rows or is not known here. `is_cut` says which operands are.
std::optional<Op> for_rows(const Node& n, const std::vector<bool>& is_cut, const Cut& cut) {
  const Op& op = *n.op;
  const TensorType& out = n.out[0];
  const auto rank = [&](size_t i) { return n.in[i].shape().rank(); };
  if (op.properties().pointwise || op.as<Cast>()) {
    for (size_t i = 0; i < n.in.size(); ++i) {
      const bool stretched = rank(i) < out.shape.rank() || n.in[i].shape()[0] == 1;
      if (is_cut[i] ? rank(i) != out.shape.rank() : !stretched) return {};
    }
    return op;
  }
  if (const auto* m = op.as<MatMul>()) {
    // Rows of a matrix, or whole matrices, that all meet one second operand; or two stacks of matrices, one for each row.
    if (is_cut[0] && !is_cut[1]) return rank(1) == 2 && (rank(0) > 2 || !m->transpose_a) ? std::optional(op) : std::nullopt;
    return is_cut[0] && is_cut[1] && rank(0) == rank(1) && rank(0) > 2 ? std::optional(op) : std::nullopt;
  }
  if (op.as<Convolution>() || op.as<ConvolutionInput>()) return is_cut[0] && !is_cut[1] ? std::optional(op) : std::nullopt;
  if (!std::all_of(is_cut.begin(), is_cut.end(), [](bool b) { return b; })) return {};
  if (op.as<StopGradient>()) return op;
  if (op.as<Softmax>() || op.as<LogSoftmax>()) return rank(0) > 1 ? std::optional(op) : std::nullopt;
  if (const auto* s = op.as<Slice>()) {
    if (s->begin[0] != 0 || s->end[0] != cut.from || s->step[0] != 1) return {};
    Slice fewer = *s;
    fewer.end[0] = cut.to;
    return fewer;
  }
  if (const auto* p = op.as<Pad>()) return p->before[0] == 0 && p->after[0] == 0 && p->between[0] == 0 ? std::optional(op) : std::nullopt;
  if (op.as<Reshape>()) return Reshape{cut.shape(out.shape)};
  if (op.as<BroadcastTo>()) return rank(0) == out.shape.rank() ? std::optional<Op>(BroadcastTo{cut.shape(out.shape)}) : std::nullopt;
  if (const auto* t = op.as<Transpose>()) return t->axes[0] == 0 ? std::optional(op) : std::nullopt;
  if (const auto* c = op.as<Concatenation>()) return c->axis != 0 ? std::optional(op) : std::nullopt;
  if (const auto* r = op.as<Reduce>()) return !r->axes.empty() && r->axes[0] != 0 ? std::optional(op) : std::nullopt;
  return {};
}

/// One attempt. Where a captured value of as many rows meets rows, it is to be cut as well: named in `more`.
std::optional<RowsBody> attempt(const Graph& body, int64_t carried, int64_t sequences, const Cut& cut, std::vector<bool>& captured, bool& more) {
  auto to = std::make_shared<Graph>();
  std::vector<std::vector<Value>> moved(body.nodes.size());
  std::vector<bool> is_cut(body.nodes.size(), false);
  std::vector<int64_t> captured_index(body.nodes.size(), -1);
  int64_t input = 0;
  for (int i = 0; i < body.size(); ++i) {
    const Node& n = body[i];
    const auto at = static_cast<size_t>(i);
    if (n.constant) {
      moved[at] = {to->constant(*n.constant)};
    } else if (n.kind == Node::Kind::input) {
      TensorType type = n.out[0];
      const int64_t index = input++ - carried - sequences;
      if (index >= 0) captured_index[at] = index;
      is_cut[at] = index < 0 ? cut(type) : captured[static_cast<size_t>(index)];
      if (is_cut[at]) type.shape = cut.shape(type.shape);
      moved[at] = {to->input(n.name, type)};
    } else {
      std::vector<Value> in;
      std::vector<bool> in_cut;
      for (const Value v : n.in) in.push_back(moved[static_cast<size_t>(v.node)][static_cast<size_t>(v.output)]), in_cut.push_back(is_cut[static_cast<size_t>(v.node)]);
      std::optional<Op> op = *n.op;
      // One number, or one row, stretched over the rows: as many copies as there are rows.
      const bool stretch = n.op->as<BroadcastTo>() && cut(n.out[0]) && !in_cut[0] && (n.in[0].shape().rank() < n.out[0].shape.rank() || n.in[0].shape()[0] == 1);
      if (stretch) {
        op = BroadcastTo{cut.shape(n.out[0].shape)};
        is_cut[at] = true;
      } else if (std::find(in_cut.begin(), in_cut.end(), true) != in_cut.end()) {
        for (const TensorType& t : n.out)
          if (!cut(t)) return {};
        op = for_rows(n, in_cut, cut);
        if (!op) {
          for (size_t k = 0; k < in_cut.size(); ++k) {
            const int64_t index = captured_index[static_cast<size_t>(n.in[k].node)];
            if (index < 0 || in_cut[k] || !cut(n.in[k].type())) continue;
            captured[static_cast<size_t>(index)] = more = true;
          }
          return {};
        }
        is_cut[at] = true;
      }
      to->where = n.where;
      moved[at] = to->add(*op, in);
    }
  }
  for (const Value v : body.outputs) {
    if (!is_cut[static_cast<size_t>(v.node)]) return {};
    to->output(moved[static_cast<size_t>(v.node)][static_cast<size_t>(v.output)]);
  }
  return RowsBody{to, captured};
}

}  // namespace

std::optional<RowsBody> body_for_rows(const Graph& body, int64_t carried, int64_t sequences, int64_t from, int64_t to) {
  int64_t inputs = 0;
  for (const Node& n : body.nodes) {
    inputs += n.kind == Node::Kind::input && !n.constant;
    if (n.kind == Node::Kind::state) return {};
  }
  std::vector<bool> captured(static_cast<size_t>(inputs - carried - sequences), false);
  for (;;) {
    bool more = false;
    if (auto found = attempt(body, carried, sequences, {from, to}, captured, more)) return found;
    if (!more) return {};
  }
}

}  // namespace cornu
