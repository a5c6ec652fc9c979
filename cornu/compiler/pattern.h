// Words for rules: what a value is made of.
#pragma once
#include "cornu/ops/ops.h"

namespace cornu {

/// The attributes of the op that makes `v`, if it is a T; else null.
template <class T> const T* made_by(Value v) {
  const Node& n = (*v.graph)[v];
  return n.op ? n.op->as<T>() : nullptr;
}

inline const Node& node_of(Value v) { return (*v.graph)[v]; }
inline Value operand(Value v, int i) { return node_of(v).in[static_cast<size_t>(i)]; }
inline bool is_pointwise(Value v) { return node_of(v).op && node_of(v).op->properties().pointwise; }

/// The number, if `v` is a constant of one element.
inline std::optional<double> constant_number(Value v) {
  const Node& n = node_of(v);
  if (n.constant && n.constant->size() == 1) return n.constant->at(0);
  return std::nullopt;
}
inline bool is_number(Value v, double number) { return constant_number(v) == number; }

/// How many reads there are of each node's results, outputs and assignments included.
inline std::vector<int> count_uses(const Graph& g) {
  std::vector<int> uses(g.nodes.size(), 0);
  for (const Node& n : g.nodes)
    for (const Value v : n.in) ++uses[static_cast<size_t>(v.node)];
  for (const Value v : g.outputs) ++uses[static_cast<size_t>(v.node)];
  for (const Assignment& a : g.assignments) ++uses[static_cast<size_t>(a.value.node)];
  return uses;
}

}  // namespace cornu
