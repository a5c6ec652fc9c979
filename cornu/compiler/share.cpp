// Equal ops on equal inputs are the same number: compute it once.
#include <map>

#include "cornu/compiler/passes.h"

namespace cornu::passes {

NewGraph share(const Graph& graph) {
  // Nodes seen so far, by op kind and inputs; attributes are compared one by one.
  std::map<std::pair<const OpRules*, std::vector<std::pair<int, int>>>, std::vector<int>> seen;
  std::vector<int> constants;
  return rewrite(graph, [&](Graph& to, const Node& node, Values in) -> std::optional<std::vector<Value>> {
    const auto values_of = [&](int id) {
      std::vector<Value> values;
      for (size_t k = 0; k < to[id].out.size(); ++k) values.push_back({&to, id, static_cast<int>(k)});
      return values;
    };
    if (node.constant) {
      for (const int id : constants)
        if (*to[id].constant == *node.constant) return values_of(id);
      constants.push_back(to.size());
      return {};
    }
    if (!node.op) return {};
    std::vector<std::pair<int, int>> key;
    for (const Value v : in) key.emplace_back(v.node, v.output);
    std::vector<int>& alike = seen[{&node.op->about(), key}];
    for (const int id : alike)
      if (*to[id].op == *node.op) return values_of(id);
    alike.push_back(to.size());
    return {};
  });
}

}  // namespace cornu::passes
