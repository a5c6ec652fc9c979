// A pointwise chain that reads the result of a matrix product runs on each block of it while the block is in cache: bias
// and activation in the forward pass, the activation's derivative in the backward pass, the optimizer's update of a weight.
#include <algorithm>

#include "cornu/base/error.h"
#include "cornu/compiler/groups.h"
#include "cornu/compiler/passes.h"
#include "cornu/ops/fused.h"

namespace cornu::passes {

NewGraph fuse_epilogue(const Graph& graph) {
  Groups groups(graph);
  std::vector<Value> absorbed(graph.nodes.size());  // by chain: the product's result that it will run on
  std::vector<bool> taken(graph.nodes.size(), false);
  for (int i = 0; i < graph.size(); ++i) {
    if (!graph[i].op || !is_fusible(*graph[i].op)) continue;
    std::vector<Value> candidates(graph[i].in.begin(), graph[i].in.end());
    std::reverse(candidates.begin(), candidates.end());
    for (const Value v : candidates) {
      const Node& producer = graph[v];
      if (!producer.op || taken[static_cast<size_t>(v.node)] || !producer.op->properties().absorbs_epilogue) continue;
      if (producer.out.size() != 1 || producer.out[0].dtype != DType::float32 || producer.out[0].shape != graph[i].out[0].shape) continue;
      if (!groups.merge(v.node, i)) continue;
      absorbed[static_cast<size_t>(i)] = v;
      taken[static_cast<size_t>(v.node)] = true;
      break;
    }
  }
  return groups.rebuild([&](const std::vector<int>& nodes) -> std::optional<Groups::Replacement> {
    if (nodes.size() == 1) return {};
    ensure(nodes.size() == 2, "an epilogue joins a product and a chain");
    const int producer = nodes[0], chain = nodes[1];
    const Value result = absorbed[static_cast<size_t>(chain)];
    std::vector<Value> outputs = groups.results(nodes), of_chain;
    bool keep_result = false;
    for (const Value v : outputs) v.node == chain ? of_chain.push_back(v) : void(keep_result = true);
    FusedGroup fused = fuse(graph, std::span(&chain, 1), of_chain, result);
    if (keep_result) {
      fused.fused.outputs.push_back(0);
      of_chain.push_back(result);
    }
    ensure(!fused.inputs.empty() && fused.inputs[0] == result, "the chain does not begin with the product");
    std::vector<Value> inputs = graph[producer].in;
    const auto count = static_cast<int>(inputs.size());
    inputs.insert(inputs.end(), fused.inputs.begin() + 1, fused.inputs.end());
    return Groups::Replacement{WithEpilogue{*graph[producer].op, count, std::move(fused.fused)}, std::move(inputs), of_chain};
  });
}

}  // namespace cornu::passes
