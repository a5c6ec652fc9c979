// Sets of nodes that are to become one node each, kept free of cycles while they grow: the frame of the fusing passes.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "cornu/graph/graph.h"

namespace cornu {

class Groups {
 public:
  explicit Groups(const Graph& graph);

  /// The group of a node, named by one of its members.
  int of(int node) const;
  /// In ascending order.
  const std::vector<int>& members(int group) const { return members_[static_cast<size_t>(group)]; }
  /// Makes one group of two, unless a path from one to the other runs through a third (then false, and nothing changes).
  bool merge(int a, int b);
  /// Nodes that read results of this node.
  const std::vector<int>& users(int node) const { return users_[static_cast<size_t>(node)]; }

  /// What a group becomes: an op on values of the old graph, and the old values that its outputs stand for.
  struct Replacement {
    Op op;
    std::vector<Value> inputs, outputs;
  };
  /// A new graph with `make(members)` in place of each group; nodes of a group for which it returns nothing are copied.
  std::unique_ptr<Graph> rebuild(const std::function<std::optional<Replacement>(const std::vector<int>&)>& make) const;

  /// The values of a group that something outside it reads: other nodes, the graph's outputs, assignments.
  std::vector<Value> results(const std::vector<int>& members) const;

 private:
  bool reaches_around(int from, int to) const;
  int last_that_leads_to(int node) const;

  const Graph& graph_;
  std::vector<int> parent_;
  std::vector<std::vector<int>> members_, users_;
  std::map<int, int> spans_;  // first to last: the nodes that groups of several stand around, joined where they overlap
  mutable std::vector<int> visited_;
  mutable int visit_ = 0;
};

}  // namespace cornu
