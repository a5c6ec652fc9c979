// Traces a function on tensors, compiles the graph and runs it: the shortest way from ops to numbers.
#pragma once
#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

#include "cornu/autodiff/gradients.h"
#include "cornu/compiler/compile.h"
#include "cornu/ops/catalogue.h"

namespace cornu::testing {

using Tensors = std::vector<Tensor>;
using Function = std::function<std::vector<Value>(const std::vector<Value>&)>;

inline Tensors run_graph(const Graph& g, const Tensors& in, const CompileOptions& options = {}) {
  Execution e(compile(g, options));
  for (size_t i = 0; i < in.size(); ++i) e.bind_input(static_cast<int>(i), in[i].data());
  e.run();
  Tensors out;
  for (size_t i = 0; i < e.program().outputs.size(); ++i) out.push_back(e.output_tensor(static_cast<int>(i)));
  return out;
}

inline Tensors run(const Tensors& in, const Function& f, const CompileOptions& options = {}) {
  Graph g;
  std::vector<Value> values;
  for (size_t i = 0; i < in.size(); ++i) values.push_back(g.input("x" + std::to_string(i), {in[i].dtype(), in[i].shape()}));
  for (const Value v : f(values)) g.output(v);
  return run_graph(g, in, options);
}

inline Tensor noise(const TensorType& type, std::mt19937& rng) {
  std::normal_distribution<double> normal;
  Tensor t(DType::float64, type.shape);
  for (double& v : t.mutable_values<double>()) v = normal(rng);
  return t.cast(type.dtype);
}

inline double dot(const Tensors& a, const Tensors& b) {
  double s = 0;
  for (size_t k = 0; k < a.size(); ++k)
    for (int64_t i = 0; i < a[k].size(); ++i) s += a[k].at(i) * b[k].at(i);
  return s;
}

/// Along a random direction v of the float64 inputs, is <dy, f(x + ev) - f(x - ev)> / 2e equal to <dx, v>? Returns the
/// relative error. Integer inputs stay as they are; integer outputs are left out.
inline double gradient_error(const Tensors& x, const Function& f, std::mt19937& rng, double step = 1e-6) {
  const Function floats = [&](const std::vector<Value>& in) {
    std::vector<Value> out;
    for (const Value v : f(in))
      if (v.dtype() == DType::float64) out.push_back(v);
    return out;
  };
  const Tensors y = run(x, floats);
  Tensors v, dy;
  for (const Tensor& t : x) v.push_back(t.dtype() == DType::float64 ? noise({t.dtype(), t.shape()}, rng) : Tensor(t.dtype(), t.shape()));
  for (const Tensor& t : y) dy.push_back(noise({t.dtype(), t.shape()}, rng));
  const auto along = [&](double by) {
    Tensors moved = x;
    for (size_t k = 0; k < x.size(); ++k) {
      if (x[k].dtype() != DType::float64) continue;
      const auto to = moved[k].mutable_values<double>();
      for (size_t i = 0; i < to.size(); ++i) to[i] += by * v[k].at(static_cast<int64_t>(i));
    }
    return run(moved, floats);
  };
  Tensors x_and_dy = x;
  x_and_dy.insert(x_and_dy.end(), dy.begin(), dy.end());
  const Tensors dx = run(x_and_dy, [&](const std::vector<Value>& in) {
    const std::vector<Value> inputs(in.begin(), in.begin() + static_cast<long>(x.size())), seeds(in.begin() + static_cast<long>(x.size()), in.end());
    std::vector<Value> with, out;
    for (const Value w : inputs)
      if (w.dtype() == DType::float64) with.push_back(w);
    return gradients(floats(inputs), with, seeds);
  });
  Tensors v_floats;
  for (const Tensor& t : v)
    if (t.dtype() == DType::float64) v_floats.push_back(t);
  const Tensors up = along(step), down = along(-step);
  const double numeric = (dot(dy, up) - dot(dy, down)) / (2 * step), exact = dot(dx, v_floats);
  double scale = 1;
  for (const Tensor& t : dy) scale = std::max(scale, std::sqrt(dot({t}, {t})));
  return std::abs(numeric - exact) / std::max({scale, std::abs(numeric), std::abs(exact)});
}

inline double largest_difference(const Tensor& a, const Tensor& b) {
  double d = 0;
  for (int64_t i = 0; i < a.size(); ++i) {
    const double x = a.at(i), y = b.at(i);
    if (std::isnan(x) && std::isnan(y)) continue;
    if (x != y) d = std::max(d, std::abs(x - y) / std::max(1.0, std::abs(y)));
    if (std::isnan(x) != std::isnan(y)) return 1e300;
  }
  return d;
}

}  // namespace cornu::testing
