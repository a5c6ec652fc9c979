// Sums over all axes but the last join the pointwise chain that makes what they add up: gradients of scales and offsets, moments of
// a batch. What is wanted for its sum alone is not stored.
#include <algorithm>

#include "cornu/base/error.h"
#include "cornu/compiler/groups.h"
#include "cornu/compiler/passes.h"
#include "cornu/compiler/pattern.h"
#include "cornu/ops/fused_sums.h"

namespace cornu::passes {
namespace {

constexpr int64_t fewest_numbers = 1 << 14;  // below, a kernel more costs less than one that does both
constexpr int64_t most_columns = 2048;
constexpr size_t most_sums = 16;

/// Whether node i sums a result of a chain over all axes but the last.
bool sums_a_chain(const Graph& graph, int i) {
  const Node& n = graph[i];
  const auto* sum = n.op ? n.op->as<Reduce>() : nullptr;
  if (!sum || sum->kind != Reduction::sum) return false;
  const Value x = n.in[0];
  const Shape& shape = x.shape();
  if (x.dtype() != DType::float32 || shape.elements() < fewest_numbers || shape.dim(-1) > most_columns) return false;
  if (static_cast<int>(sum->axes.size()) != shape.rank() - 1 || (!sum->axes.empty() && sum->axes.back() != shape.rank() - 2)) return false;
  return graph[x].op && is_fusible(*graph[x].op);
}

}  // namespace

NewGraph fuse_sums(const Graph& graph) {
  Groups groups(graph);
  for (int chain = 0; chain < graph.size(); ++chain) {
    std::vector<int> sums;
    bool unstored = false;  // a result that nobody else reads
    for (const int user : groups.users(chain))
      if (sums_a_chain(graph, user) && graph[user].in[0].node == chain) sums.push_back(user);
    if (sums.empty() || sums.size() > most_sums) continue;
    for (const int sum : sums) {
      const Value v = graph[sum].in[0];
      bool alone = true;
      for (const int user : groups.users(chain))
        for (const Value w : graph[user].in) alone &= !(w == v) || (sums_a_chain(graph, user));
      for (const Value w : graph.outputs) alone &= !(w == v);
      for (const Assignment& a : graph.assignments) alone &= !(a.value == v);
      unstored |= alone;
    }
    // One sum of a stored result is not worth the epilogue that the chain could be.
    if (sums.size() == 1 && !unstored) continue;
    for (const int sum : sums) groups.merge(chain, sum);
  }
  return groups.rebuild([&](const std::vector<int>& nodes) -> std::optional<Groups::Replacement> {
    if (nodes.size() == 1) return {};
    const int chain = nodes[0];
    std::vector<Value> outputs, wanted;
    for (const Value v : groups.results(nodes))
      if (v.node == chain) wanted.push_back(v);
    FusedSums op;
    op.stored = static_cast<int>(wanted.size());
    outputs = wanted;
    for (size_t i = 1; i < nodes.size(); ++i) {
      const Node& sum = graph[nodes[i]];
      auto at = std::find(wanted.begin(), wanted.end(), sum.in[0]);
      if (at == wanted.end()) at = wanted.insert(wanted.end(), sum.in[0]);
      op.sums.push_back(static_cast<int>(at - wanted.begin()));
      op.keep_dims.push_back(sum.op->as<Reduce>()->keep_dims);
      outputs.push_back({const_cast<Graph*>(&graph), nodes[i], 0});
    }
    FusedGroup fused = fuse(graph, std::span(&chain, 1), wanted);
    op.chain = std::move(fused.fused);
    return Groups::Replacement{std::move(op), std::move(fused.inputs), outputs};
  });
}

}  // namespace cornu::passes
