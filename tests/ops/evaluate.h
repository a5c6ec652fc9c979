// Ops on tensors, one kernel after another: no compiler, no autodiff.
#pragma once
#include <cstring>
#include <functional>

#include "cornu/ops/ops.h"
#include "tests/kernels/run_kernel.h"

namespace cornu {

/// f traced on inputs of the tensors' types and run on the tensors, each op by its first candidate.
inline std::vector<Tensor> evaluate(const std::vector<Tensor>& in, const std::function<std::vector<Value>(Graph&, const std::vector<Value>&)>& f) {
  Graph g;
  std::vector<Value> values;
  for (size_t i = 0; i < in.size(); ++i) values.push_back(g.input("x" + std::to_string(i), {in[i].dtype(), in[i].shape()}));
  const std::vector<Value> wanted = f(g, values);
  std::vector<std::vector<Tensor>> of_node(static_cast<size_t>(g.size()));
  const auto tensor = [&](Value v) { return of_node[static_cast<size_t>(v.node)][static_cast<size_t>(v.output)]; };
  size_t next_input = 0;
  for (int i = 0; i < g.size(); ++i) {
    const Node& node = g[i];
    auto& out = of_node[static_cast<size_t>(i)];
    if (node.kind == Node::Kind::input) {
      out = {in[next_input++]};
    } else if (node.kind == Node::Kind::constant) {
      out = {*node.constant};
    } else if (node.op->properties().view) {
      out = {tensor(node.in[0]).reshaped(node.out[0].shape)};
    } else {
      std::vector<Tensor> inputs;
      std::vector<TensorType> types;
      for (const Value v : node.in) {
        inputs.push_back(tensor(v));
        types.push_back(v.type());
      }
      std::vector<std::pair<DType, Shape>> outputs;
      for (const TensorType& t : node.out) outputs.emplace_back(t.dtype, t.shape);
      out = run_kernel(node.op->kernels({types, node.out, this_machine()})[0], inputs, outputs);
    }
  }
  std::vector<Tensor> results;
  for (const Value v : wanted) results.push_back(tensor(v));
  return results;
}

/// The same for one result, and the graph only where it is needed.
inline Tensor evaluate(const std::vector<Tensor>& in, const std::function<Value(const std::vector<Value>&)>& f) {
  return evaluate(in, [&](Graph&, const std::vector<Value>& x) { return std::vector<Value>{f(x)}; })[0];
}

/// What the rule of the op that made `y` gives for dy, for each of its inputs (empty where nothing flows).
inline std::vector<Value> gradient_rule(Value y, Value dy) {
  Graph& g = *y.graph;
  const Node node = g[y];
  std::vector<Value> out, grad;
  for (size_t k = 0; k < node.out.size(); ++k) {
    out.push_back({&g, y.node, static_cast<int>(k)});
    grad.push_back(static_cast<int>(k) == y.output ? dy : Value{});
  }
  return node.op->gradient({node.in, out, grad, {}});
}

/// The text of the error that f throws when traced on inputs of these types.
inline std::string error_of(const std::vector<TensorType>& types, const std::function<void(Graph&, const std::vector<Value>&)>& f) {
  Graph g;
  std::vector<Value> values;
  for (size_t i = 0; i < types.size(); ++i) values.push_back(g.input("x" + std::to_string(i), types[i]));
  try {
    f(g, values);
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace cornu
