#include "cornu/infer/frozen.h"

#include <string_view>

#include "cornu/base/error.h"

namespace cornu::infer {

NewGraph frozen(const Graph& traced, const Weights& weights, bool int8) {
  NewGraph graph = constant_weights(traced, weights);
  graph = fold_constants(*graph);   // of a batch normalization: reshaped statistics, 1 / sqrt(variance)
  graph = fold_channels(*graph);
  graph = fold_constants(*graph);   // the kernels that fold_channels scaled
  if (int8) graph = quantize(*graph);
  graph = lay_out_constants(*graph);
  return rewrite(*graph, nullptr);  // sweeps what is dead
}

NewGraph constant_weights(const Graph& graph, const Weights& weights) {
  for (const Assignment& a : graph.assignments)
    throw UnsupportedError(text("a Predictor keeps nothing from one call to the next, and this model changes '", graph[a.state].name,
                                "' when it predicts (a stateful layer); use model.predict_on_batch"));
  return rewrite(graph, [&](Graph& to, const Node& node, Values) -> std::optional<std::vector<Value>> {
    if (node.kind != Node::Kind::state) return {};
    const auto found = weights.find(node.name);
    ensure(found != weights.end(), "the Predictor has no copy of '", node.name, "'");
    return std::vector{to.constant(found->second)};
  });
}

void SharedConstants::share(Graph& graph) {
  for (Node& node : graph.nodes) {
    if (!node.constant) continue;
    const Tensor& mine = *node.constant;
    const size_t hash = std::hash<std::string_view>()({static_cast<const char*>(mine.data()), mine.bytes()});
    bool found = false;
    for (auto [it, end] = known_.equal_range(hash); it != end && !found; ++it)
      if (it->second == mine) node.constant = it->second, found = true;
    if (!found) known_.emplace(hash, mine);
  }
}

int64_t SharedConstants::bytes() const {
  size_t sum = 0;
  for (const auto& [hash, tensor] : known_) sum += tensor.bytes();
  return static_cast<int64_t>(sum);
}

}  // namespace cornu::infer
