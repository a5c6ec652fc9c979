// A layer traced and run on tensors, with its gradients: for tests of one layer's behaviour.
#pragma once
#include <map>

#include "cornu/base/random.h"
#include "cornu/layers/layers.h"
#include "tests/harness.h"

namespace cornu::testing {

struct LayerRun {
  bool training = false;
  DType dtype = DType::float32;
  std::map<std::string, Tensor> states = {};  // what there is before: weights that are missing begin as their initializers say
  std::vector<std::optional<Tensor>> masks = {};
  std::map<std::string, Tensors> call = {};

  Tensors out = {}, slopes = {};  // d(sum of squares of out) / d(each float input, then each trainable weight)
  std::vector<std::string> paths = {};
  std::optional<Tensor> mask = {};
  std::vector<Shape> carried = {};

  /// Runs; `states` then holds what there is afterwards.
  LayerRun& operator()(const Layer& layer, const Tensors& in, bool differentiate = true) {
    Graph g;
    Scope scope(g, {.training = training, .dtype = dtype});
    Tensors fed;
    const auto feed = [&](const Tensor& t) {
      fed.push_back(is_float(t.dtype()) ? t.cast(dtype) : t);
      return g.input("x" + std::to_string(fed.size()), {fed.back().dtype(), t.shape()});
    };
    std::vector<Value> x, with;
    for (const Tensor& t : in) x.push_back(feed(t));
    for (size_t i = 0; i < masks.size(); ++i)
      if (masks[i]) scope.set_mask(x[i], feed(*masks[i]));
    CallArguments arguments;
    for (const auto& [name, list] : call)
      for (const Tensor& t : list) arguments.values[name].push_back(feed(t));
    const std::vector<Value> y = layer(x, scope, arguments);
    for (const Value v : y) g.output(v);
    if (const auto m = scope.mask(y[0])) g.output(*m);
    const bool masked = scope.mask(y[0]).has_value();
    if (differentiate) {
      for (const Value v : x)
        if (is_float(v.dtype())) with.push_back(v);
      for (size_t i = 0; i < scope.variables().size(); ++i)
        if (scope.variables()[i].trainable) with.push_back(scope.values()[i]);
      Value total = sum(square(y[0]));
      for (size_t i = 1; i < y.size(); ++i) total = total + sum(square(y[i]));
      for (const Value v : gradients(total, with)) g.output(v);
    }
    scope.finish();

    paths.clear();
    for (const Variable& v : scope.variables()) {
      paths.push_back(v.path);
      if (!states.contains(v.path)) states[v.path] = v.initializer(v.type.shape, v.type.dtype, 5, hash_name(v.path));
      states[v.path] = states[v.path].cast(dtype);
    }
    carried.clear();
    for (const Variable& v : scope.carried_variables()) {
      carried.push_back(v.type.shape);
      states.try_emplace(v.path, Tensor(v.type.dtype, v.type.shape));
    }
    states.try_emplace(random_key_state, Tensor({3}, std::vector<int64_t>{11, 0, 0}));
    Execution run(compile(g));
    for (size_t i = 0; i < fed.size(); ++i) run.bind_input(static_cast<int>(i), fed[i].data());
    for (size_t i = 0; i < run.program().states.size(); ++i) run.bind_state(static_cast<int>(i), states.at(run.program().states[i].name).mutable_data());
    run.run();
    out.clear(), slopes.clear(), mask.reset();
    int k = 0;
    for (size_t i = 0; i < y.size(); ++i) out.push_back(run.output_tensor(k++));
    if (masked) mask = run.output_tensor(k++);
    for (size_t i = 0; i < with.size(); ++i) slopes.push_back(run.output_tensor(k++));
    return *this;
  }
};

/// The relative error of the slopes in float64, along a random direction of the inputs and weights.
inline double slope_error(LayerRun run, const Layer& layer, const Tensors& in) {
  run.dtype = DType::float64;
  run(layer, in);
  std::mt19937 rng(4);
  const auto start = run.states;
  const Tensors slopes = run.slopes;
  double exact = 0;
  std::vector<Tensor> directions;
  for (const Tensor& s : slopes) directions.push_back(noise({DType::float64, s.shape()}, rng)), exact += dot({s}, {directions.back()});
  const auto at = [&](double step) {
    size_t k = 0;
    const auto moved = [&](const Tensor& t) {
      Tensor m = t.cast(DType::float64);
      Tensor copy(DType::float64, m.shape());
      const auto to = copy.mutable_values<double>();
      for (size_t i = 0; i < to.size(); ++i) to[i] = m.at(static_cast<int64_t>(i)) + step * directions[k].at(static_cast<int64_t>(i));
      ++k;
      return copy;
    };
    LayerRun other = run;
    Tensors x;
    for (const Tensor& t : in) x.push_back(is_float(t.dtype()) ? moved(t) : t);
    for (const std::string& path : run.paths) other.states[path] = moved(start.at(path));
    other(layer, x, false);
    double total = 0;
    for (const Tensor& y : other.out) total += dot({y}, {y});
    return total;
  };
  const double numeric = (at(1e-6) - at(-1e-6)) / 2e-6;
  return std::abs(numeric - exact) / std::max({1.0, std::abs(numeric), std::abs(exact)});
}

}  // namespace cornu::testing
