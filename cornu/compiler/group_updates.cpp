// The updates of many weights are the same short chain on different memory. Where their results are only stored, they
// become one kernel that walks all of them: one call, one barrier, slices cut across the total.
#include "cornu/compiler/groups.h"
#include "cornu/compiler/passes.h"
#include "cornu/ops/fused.h"

namespace cornu::passes {

NewGraph group_updates(const Graph& graph) {
  Groups groups(graph);
  std::vector<int> updates;  // chains that nothing reads: their results are stored in states
  std::vector<bool> returned(graph.nodes.size(), false);
  for (const Value v : graph.outputs) returned[static_cast<size_t>(v.node)] = true;
  for (int i = 0; i < graph.size(); ++i)
    if (graph[i].op && is_fusible(*graph[i].op) && graph[i].out[0].shape.elements() > 1 && groups.users(i).empty() && !returned[static_cast<size_t>(i)])
      updates.push_back(i);
  if (updates.size() < 2) return rewrite(graph, nullptr);

  for (const int i : updates) groups.merge(updates[0], i);  // they have no readers, so no path leads from one to another
  return groups.rebuild([&](const std::vector<int>& nodes) -> std::optional<Groups::Replacement> {
    if (nodes.size() == 1) return {};
    FusedSegments all;
    std::vector<Value> inputs, outputs;
    for (const int i : nodes) {
      const std::vector<Value> results = groups.results({i});
      std::vector<Value> of_this;
      for (const Value v : results)
        if (v.node == i) of_this.push_back(v);
      FusedGroup fused = fuse(graph, std::span(&i, 1), of_this);
      all.segments.push_back(std::move(fused.fused));
      inputs.insert(inputs.end(), fused.inputs.begin(), fused.inputs.end());
      outputs.insert(outputs.end(), of_this.begin(), of_this.end());
    }
    return Groups::Replacement{std::move(all), std::move(inputs), std::move(outputs)};
  });
}

}  // namespace cornu::passes
