#include "cornu/graph/graph.h"

#include "cornu/base/error.h"

namespace cornu {

Properties Op::properties() const { return rules_->properties(self_.get()); }
std::vector<TensorType> Op::infer(Types in) const { return rules_->infer(self_.get(), in); }
std::vector<Value> Op::gradient(const Derivation& d) const { return rules_->gradient(self_.get(), d); }
std::vector<Kernel> Op::kernels(const KernelRequest& request) const { return rules_->kernels(self_.get(), request); }
Config Op::attributes() const { return rules_->attributes(self_.get()); }
std::vector<std::shared_ptr<const Graph>> Op::graphs() const { return rules_->graphs(self_.get()); }

Graph::Graph() = default;
Graph::~Graph() = default;
void Graph::output(Value value) { outputs.push_back(value); }

void append_text(std::string& to, const TensorType& type) {
  append_text(to, type.dtype);
  append_text(to, type.shape);
}

const TensorType& Value::type() const {
  ensure(graph != nullptr, "an empty Value has no type");
  return (*graph)[node].out[static_cast<size_t>(output)];
}

namespace {

/// No memory holds more elements; products of sizes within it, and bytes, stay far from the end of 64 bits.
constexpr int64_t most_elements = int64_t{1} << 48;

void check_size(const TensorType& type) {
  for (const int64_t size : type.shape) require<ShapeError>(size >= 0, type, " has a negative size");
  require<ShapeError>(type.shape.elements() <= most_elements, type, " is larger than any memory");
}

}  // namespace

std::vector<Value> Graph::add(Op op, Values given) {
  std::vector<TensorType> types;
  std::vector<Value> in(given.begin(), given.end());
  for (Value& v : in) {
    if (v.graph != this && capture) v = capture(v);
    require(v.graph == this, op.name(), ": one of its inputs belongs to another graph; values cannot leave the function that traces them");
    types.push_back(v.type());
  }
  Node node;
  try {
    node.out = op.infer(types);
    for (const TensorType& type : node.out) check_size(type);
  } catch (const ShapeError& e) {
    if (where.empty()) throw;
    throw ShapeError(text(where, ": ", e.what()));
  }
  const int id = size();
  std::vector<Value> out;
  for (size_t i = 0; i < node.out.size(); ++i) out.push_back({this, id, static_cast<int>(i)});
  node.op = std::move(op);
  node.in = std::move(in);
  node.where = where;
  nodes.push_back(std::move(node));
  return out;
}

namespace {
Value append(Graph& graph, Node::Kind kind, std::string name, TensorType type) {
  check_size(type);
  Node node;
  node.kind = kind;
  node.name = std::move(name);
  node.out = {std::move(type)};
  graph.nodes.push_back(std::move(node));
  return {&graph, graph.size() - 1, 0};
}
}  // namespace

Value Graph::input(std::string name, TensorType type) { return append(*this, Node::Kind::input, std::move(name), std::move(type)); }

Value Graph::state(std::string name, TensorType type) {
  for (int i = 0; i < size(); ++i) {
    const Node& n = (*this)[i];
    if (n.kind != Node::Kind::state || n.name != name) continue;
    require<ShapeError>(n.out[0] == type, "state '", name, "' is ", n.out[0], " and was asked for as ", type);
    return {this, i, 0};
  }
  return append(*this, Node::Kind::state, std::move(name), std::move(type));
}

Value Graph::constant(Tensor value) {
  const Value v = append(*this, Node::Kind::constant, "", {value.dtype(), value.shape()});
  nodes.back().constant = std::move(value);
  return v;
}

void Graph::assign(Value state, Value value) {
  ensure((*this)[state].kind == Node::Kind::state, "only a state can be assigned");
  require<ShapeError>(state.type() == value.type(), "state '", (*this)[state].name, "' is ", state.type(), " and cannot become ", value.type());
  for (const Assignment& a : assignments) ensure(a.state != state, "state '", (*this)[state].name, "' is assigned twice");
  assignments.push_back({state, value});
}

std::unique_ptr<Graph> rewrite(const Graph& from, const Replace& map) {
  std::vector<bool> needed(from.nodes.size(), false);
  for (const Value v : from.outputs) needed[static_cast<size_t>(v.node)] = true;
  for (const Assignment& a : from.assignments) needed[static_cast<size_t>(a.value.node)] = needed[static_cast<size_t>(a.state.node)] = true;
  for (int i = from.size() - 1; i >= 0; --i) {
    if (from[i].kind == Node::Kind::input) needed[static_cast<size_t>(i)] = true;  // inputs are the caller's: they stay
    if (needed[static_cast<size_t>(i)])
      for (const Value v : from[i].in) needed[static_cast<size_t>(v.node)] = true;
  }

  auto to = std::make_unique<Graph>();
  to->nodes.reserve(from.nodes.size());
  std::vector<int> copied(from.nodes.size(), -1);               // the copy of a node that stays as it is,
  std::vector<std::vector<Value>> replaced(from.nodes.size());  // and what takes another's place
  const auto at = [&](Value v) -> Value {
    const auto node = static_cast<size_t>(v.node);
    return copied[node] >= 0 ? Value{to.get(), copied[node], v.output} : replaced[node][static_cast<size_t>(v.output)];
  };
  for (int i = 0; i < from.size(); ++i) {
    if (!needed[static_cast<size_t>(i)]) continue;
    const Node& node = from[i];
    std::vector<Value> in;
    in.reserve(node.in.size());
    for (const Value v : node.in) in.push_back(at(v));
    to->where = node.where;
    if (auto others = map ? map(*to, node, in) : std::nullopt) {
      replaced[static_cast<size_t>(i)] = std::move(*others);
      continue;
    }
    copied[static_cast<size_t>(i)] = to->size();
    to->nodes.push_back({node.kind, node.op, std::move(in), node.out, node.name, node.constant, node.where});
  }
  for (const Value v : from.outputs) to->outputs.push_back(at(v));
  for (const Assignment& a : from.assignments) to->assignments.push_back({at(a.state), at(a.value)});
  to->where.clear();
  return to;
}

}  // namespace cornu
