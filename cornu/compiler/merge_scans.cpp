// The gradient of a scan adds a second forward scan that also keeps what the backward one reads. It computes all that the
// first does: one of them is enough.
#include <algorithm>

#include "cornu/compiler/groups.h"
#include "cornu/compiler/passes.h"
#include "cornu/ops/ops.h"

namespace cornu::passes {

NewGraph merge_scans(const Graph& graph) {
  const auto extends = [](const Node& n) {
    const Scan* scan = n.op ? n.op->as<Scan>() : nullptr;
    return scan && scan->extends;
  };
  if (std::none_of(graph.nodes.begin(), graph.nodes.end(), extends)) return rewrite(graph, nullptr);
  Groups groups(graph);
  for (int i = 0; i < graph.size(); ++i) {
    const Scan* longer = graph[i].op ? graph[i].op->as<Scan>() : nullptr;
    if (!longer || !longer->extends) continue;
    for (int j = 0; j < i; ++j) {
      const Scan* shorter = graph[j].op ? graph[j].op->as<Scan>() : nullptr;
      if (shorter && shorter->body == longer->extends && graph[j].in == graph[i].in) groups.merge(j, i);
    }
  }
  // The longer scan's outputs stand for the shorter one's too: a rewrite of the merged pair.
  return groups.rebuild([&](const std::vector<int>& nodes) -> std::optional<Groups::Replacement> {
    if (nodes.size() != 2) return {};
    const Node& n = graph[nodes[1]];
    std::vector<Value> outputs;
    for (size_t k = 0; k < n.out.size(); ++k) {
      const int node = k < graph[nodes[0]].out.size() ? nodes[0] : nodes[1];
      outputs.push_back({const_cast<Graph*>(&graph), node, static_cast<int>(k)});
    }
    return Groups::Replacement{*n.op, n.in, outputs};
  });
}

}  // namespace cornu::passes
