// Traces a layer on inputs of given shapes, and runs it on numbers.
#pragma once
#include "cornu/layers/layers.h"
#include "tests/harness.h"
#include "tests/messages.h"

namespace cornu::testing {

struct Trace {
  explicit Trace(bool training = false, DType dtype = DType::float32) : scope(graph, {.training = training, .dtype = dtype}) {}
  Value input(Shape shape, DType dtype = DType::float32) { return graph.input("x" + std::to_string(inputs++), {dtype, std::move(shape)}); }
  std::vector<Value> operator()(const Layer& layer, const std::vector<Value>& in, const CallArguments& how = {}) { return layer(in, scope, how); }
  Graph graph;
  Scope scope;
  int inputs = 0;
};

/// What tracing the layer on inputs of these shapes says.
inline std::string says(const Layer& layer, const std::vector<Shape>& shapes, bool training = false) {
  return error_of([&] {
    Trace t(training);
    std::vector<Value> in;
    for (const Shape& s : shapes) in.push_back(t.input(s));
    t(layer, in);
  });
}

/// The layer's first output, on one input; weights begin as their initializers say, random numbers as `key` has it.
inline Tensor output_of(const Layer& layer, const Tensor& x, bool training = false, std::vector<int64_t> key = {1, 0, 0}, std::map<std::string, Tensor>* states = nullptr) {
  Trace t(training, x.dtype());
  t.graph.output(t(layer, {t.input(x.shape(), x.dtype())})[0]);
  t.scope.finish();
  Execution run(compile(t.graph));
  run.bind_input(0, x.data());
  std::map<std::string, Tensor> own;
  std::map<std::string, Tensor>& all = states ? *states : own;
  for (const Variable& v : t.scope.variables())
    if (!all.contains(v.path)) all[v.path] = v.initializer(v.type.shape, v.type.dtype, 1, 0);
  all[random_key_state] = Tensor({3}, key);
  for (size_t i = 0; i < run.program().states.size(); ++i) run.bind_state(static_cast<int>(i), all.at(run.program().states[i].name).mutable_data());
  run.run();
  return run.output_tensor(0);
}

}  // namespace cornu::testing
