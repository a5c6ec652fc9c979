// The graph: nodes in an order in which each comes after what it reads. Static shapes, no control flow, no hidden state.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cornu/graph/op.h"

namespace cornu {

struct Node {
  enum class Kind : uint8_t { op, input, state, constant };
  Kind kind = Kind::op;
  std::optional<Op> op;            // of a node of kind op
  std::vector<Value> in;
  std::vector<TensorType> out;
  std::string name;                // of an input or a state
  std::optional<Tensor> constant;  // of a constant
  std::string where;               // the layer that made it, for profiles and errors: "dense_1"
};

/// state <- value, after every reader of the old value has run.
struct Assignment {
  Value state, value;
};

class Graph {
 public:
  Graph();
  ~Graph();
  Graph(const Graph&) = delete;  // values point into their graph
  Graph& operator=(const Graph&) = delete;

  /// Appends a node. Shape errors are thrown here, with the layer's name in front when there is one.
  std::vector<Value> add(Op op, Values in);
  Value input(std::string name, TensorType type);
  /// Memory that outlives a run. The name is unique in the graph: asking again returns the same value.
  Value state(std::string name, TensorType type);
  Value constant(Tensor value);
  /// At most one for each state, of the state's type.
  void assign(Value state, Value value);
  void output(Value value);

  const Node& operator[](int node) const { return nodes[static_cast<size_t>(node)]; }
  const Node& operator[](Value v) const { return nodes[static_cast<size_t>(v.node)]; }
  int size() const { return static_cast<int>(nodes.size()); }

  std::vector<Node> nodes;
  std::vector<Value> outputs;
  std::vector<Assignment> assignments;
  std::string where;  // written into each node added: set by Scope
  /// In the body of a scan: turns a value of the graph around it into an input of this one. Elsewhere a foreign value is an error.
  std::function<Value(Value foreign)> capture;
};

/// Copies `from` into `to`, leaving out what nothing needs; `map(node, inputs)` may put other values in a node's place
/// by returning them, or nothing to copy it as it is. The frame of every rewriting pass.
using Replace = std::function<std::optional<std::vector<Value>>(Graph& to, const Node& node, Values inputs)>;
std::unique_ptr<Graph> rewrite(const Graph& from, const Replace& map);

}  // namespace cornu
