// The gradients of a layer's kernels and bias read the same dy: x' dy, h' dy, and the sum of dy's rows. Together they copy it once.
#include <map>

#include "cornu/compiler/groups.h"
#include "cornu/compiler/passes.h"
#include "cornu/compiler/pattern.h"
#include "cornu/ops/weight_gradients.h"

namespace cornu::passes {
namespace {

/// The value whose numbers, in the same order, `v` has.
Value before_reshapes(Value v) {
  while (made_by<Reshape>(v)) v = operand(v, 0);
  return v;
}

bool is_weight_gradient(const Node& n) {
  const auto* m = n.op ? n.op->as<MatMul>() : nullptr;
  if (!m || !m->transpose_a || m->transpose_b) return false;
  const TensorType &x = n.in[0].type(), &dy = n.in[1].type();
  if (x.dtype != DType::float32 || dy.dtype != DType::float32 || x.shape.rank() != 2 || dy.shape.rank() != 2) return false;
  return are_weight_gradients(x.shape[1], dy.shape[1], dy.shape[0]);
}

/// Whether n adds up v's rows, all axes but the last.
bool sums_rows(const Node& n) {
  const auto* sum = n.op ? n.op->as<Reduce>() : nullptr;
  if (!sum || sum->kind != Reduction::sum || sum->keep_dims) return false;
  const int rank = n.in[0].shape().rank();
  return rank > 1 && static_cast<int>(sum->axes.size()) == rank - 1 && sum->axes.back() == rank - 2 && n.in[0].dtype() == DType::float32;
}

}  // namespace

NewGraph group_gradients(const Graph& graph) {
  Groups groups(graph);
  std::map<std::pair<int, int>, int> first;  // by dy: the product that the others join
  for (int i = 0; i < graph.size(); ++i) {
    if (!is_weight_gradient(graph[i])) continue;
    const Value dy = before_reshapes(graph[i].in[1]);
    const auto [known, is_new] = first.try_emplace({dy.node, dy.output}, i);
    if (!is_new && graph[known->second].in[1].shape() == graph[i].in[1].shape()) groups.merge(known->second, i);
  }
  std::vector<bool> summed(graph.nodes.size(), false);
  for (int i = 0; i < graph.size(); ++i) {
    if (!sums_rows(graph[i])) continue;
    const Value dy = before_reshapes(graph[i].in[0]);
    const auto known = first.find({dy.node, dy.output});
    if (known == first.end() || summed[static_cast<size_t>(known->second)] || graph[known->second].in[1].dim(-1) != graph[i].in[0].dim(-1)) continue;
    summed[static_cast<size_t>(known->second)] = groups.merge(known->second, i);
  }
  return groups.rebuild([&](const std::vector<int>& nodes) -> std::optional<Groups::Replacement> {
    if (nodes.size() == 1) return {};
    WeightGradients op;
    std::vector<Value> inputs, outputs, sums;
    Value dy;
    for (const int i : nodes) {
      const Value out{const_cast<Graph*>(&graph), i, 0};
      if (!graph[i].op->as<MatMul>()) {
        op.sums = true;
        sums.push_back(out);
        continue;
      }
      inputs.push_back(graph[i].in[0]);
      outputs.push_back(out);
      dy = graph[i].in[1];
    }
    inputs.push_back(dy);
    outputs.insert(outputs.end(), sums.begin(), sums.end());
    return Groups::Replacement{op, std::move(inputs), std::move(outputs)};
  });
}

}  // namespace cornu::passes
