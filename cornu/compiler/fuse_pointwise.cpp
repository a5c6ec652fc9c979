// Pointwise ops over one shape that feed each other become one Fused op: each number is read once and written once.
#include "cornu/compiler/groups.h"
#include "cornu/compiler/passes.h"
#include "cornu/ops/fused.h"

namespace cornu::passes {
namespace {
constexpr size_t longest_chain = 48;
}

NewGraph fuse_pointwise(const Graph& graph) {
  Groups groups(graph);
  const auto fusible = [&](int i) { return graph[i].op && is_fusible(*graph[i].op); };
  // From the last node to the first, so that a producer meets consumers that are grouped already. A producer that others
  // read too may join: its value becomes one more result of the group.
  for (int i = graph.size() - 1; i >= 0; --i) {
    if (!fusible(i)) continue;
    for (const int user : groups.users(i)) {
      if (!fusible(user) || graph[user].out[0].shape != graph[i].out[0].shape) continue;
      if (groups.members(groups.of(user)).size() + groups.members(groups.of(i)).size() > longest_chain) continue;
      groups.merge(i, user);
    }
  }
  return groups.rebuild([&](const std::vector<int>& nodes) -> std::optional<Groups::Replacement> {
    if (nodes.size() == 1) return {};
    const std::vector<Value> outputs = groups.results(nodes);
    FusedGroup fused = fuse(graph, nodes, outputs);
    return Groups::Replacement{std::move(fused.fused), std::move(fused.inputs), outputs};
  });
}

}  // namespace cornu::passes
