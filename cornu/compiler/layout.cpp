// Which states are kept transposed, and the rewriting that makes it so. A matrix with few columns is read along its rows
// by products that want to run along its long axis: kept transposed it is contiguous for the forward pass, for the
// gradient and for the optimizer. One column is the same either way.
#include "cornu/compiler/passes.h"
#include "cornu/compiler/pattern.h"

namespace cornu {

std::set<std::string> choose_transposed_states(const Graph& graph) {
  constexpr int64_t few_columns = 16, long_axis = 64;
  std::set<std::string> chosen;
  for (const Node& n : graph.nodes) {
    const MatMul* m = n.op ? n.op->as<MatMul>() : nullptr;
    if (!m || m->transpose_b) continue;
    const Node& b = graph[n.in[1]];
    if (b.kind != Node::Kind::state || b.out[0].shape.rank() != 2 || b.out[0].dtype != DType::float32) continue;
    if (b.out[0].shape[1] > 1 && b.out[0].shape[1] <= few_columns && b.out[0].shape[0] >= long_axis) chosen.insert(b.name);
  }
  return chosen;
}

namespace passes {

NewGraph layout(const Graph& graph, const std::set<std::string>& transposed_states) {
  auto to = rewrite(graph, [&](Graph& g, const Node& node, Values) -> std::optional<std::vector<Value>> {
    if (node.kind != Node::Kind::state || !transposed_states.contains(node.name)) return {};
    const Shape& s = node.out[0].shape;
    ensure(s.rank() == 2, "state '", node.name, "' of shape ", s, " cannot be kept transposed");
    return std::vector{transpose(g.state(node.name, {node.out[0].dtype, {s[1], s[0]}}), {1, 0})};
  });
  for (Assignment& a : to->assignments) {
    if (!made_by<Transpose>(a.state)) continue;
    a = {operand(a.state, 0), transpose(a.value, {1, 0})};
  }
  return to;
}

}  // namespace passes
}  // namespace cornu
