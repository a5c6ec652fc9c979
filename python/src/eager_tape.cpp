// Tape: gradients of what was computed directly, and inside a trace of what it recorded.
#include <set>

#include "cornu/autodiff/gradients.h"
#include "eager.h"

namespace cornu::python {
namespace {

struct PythonTape {
  std::shared_ptr<Tape> tape = direct().eager.tape();
  std::vector<Lazy> watched = {};

  bool watches(const Lazy& x) const { return std::find(watched.begin(), watched.end(), x) != watched.end(); }
};

/// Whether slopes get from y to each node: through floats and ops that have a gradient.
std::vector<bool> reached_from(const Graph& g, const std::vector<Value>& of) {
  std::vector<bool> reach(g.nodes.size(), false);
  for (const Value v : of) reach[static_cast<size_t>(v.node)] = true;
  for (size_t i = g.nodes.size(); i-- > 0;)
    if (reach[i] && g.nodes[i].op && g.nodes[i].op->properties().differentiable)
      for (const Value v : g.nodes[i].in)
        if (is_float(v.dtype())) reach[static_cast<size_t>(v.node)] = true;
  return reach;
}

nb::list traced_gradients(const std::vector<AnyTensor>& of, nb::list with, const std::vector<AnyTensor>& seeds) {
  const std::shared_ptr<Trace> trace = of[0].trace;
  std::vector<Value> of_values, seed_values, with_values;
  for (size_t i = 0; i < of.size(); ++i) {
    if (!of[i].traced()) continue;
    of_values.push_back(of[i].value);
    seed_values.push_back(value_in(*trace->graph, seeds[i]));
  }
  const std::vector<bool> reach = reached_from(*trace->graph, of_values);
  nb::list result;
  std::vector<size_t> places;
  for (const nb::handle w : with) {
    // A weight that the trace has not met has no slope.
    std::optional<AnyTensor> x;
    try {
      x = any_tensor(w);
    } catch (nb::builtin_exception&) {
    }
    if (x && x->traced() && static_cast<size_t>(x->value.node) < reach.size() && reach[static_cast<size_t>(x->value.node)]) {
      places.push_back(nb::len(result));
      with_values.push_back(x->value);
    }
    result.append(nb::none());
  }
  if (with_values.empty()) return result;
  const std::vector<Value> slopes = gradients(of_values, with_values, seed_values);
  for (size_t i = 0; i < places.size(); ++i) result[places[i]] = to_python(AnyTensor(slopes[i], trace));
  return result;
}

/// d(of)/d(with): None where there is none. A target that is no scalar counts as its sum, as in TensorFlow.
nb::list gradients_of(const PythonTape& t, nb::list targets, nb::list with, nb::list given_seeds) {
  std::vector<AnyTensor> of, seeds;
  bool traced = false;
  for (size_t i = 0; i < nb::len(targets); ++i) {
    of.push_back(any_tensor(targets[i]));
    traced = traced || of.back().traced();
    const nb::object seed = i < nb::len(given_seeds) ? nb::object(given_seeds[i]) : nb::object(nb::none());
    if (!seed.is_none()) seeds.push_back(cast_to(any_tensor(seed), of.back().type().dtype));
    else seeds.push_back(apply_one({of.back()}, [](Graph&, Values v) { return broadcast_to(scalar(v[0], 1), v[0].shape()); }));
  }
  if (traced) return traced_gradients(of, with, seeds);
  std::vector<Lazy> of_lazy, seeds_lazy, with_lazy;
  for (size_t i = 0; i < of.size(); ++i) of_lazy.push_back(of[i].lazy), seeds_lazy.push_back(seeds[i].lazy);
  std::vector<size_t> places;
  nb::list result;
  for (const nb::handle w : with) {
    const AnyTensor x = any_tensor(w);
    const std::shared_ptr<VariableState> variable = as_variable(w);
    const bool known = (variable && variable->options.trainable) || t.watches(x.lazy) || (x.lazy.node()->op && t.tape->recorded(x.lazy.node()->serial));
    if (known && !x.traced()) with_lazy.push_back(x.lazy), places.push_back(nb::len(result));
    result.append(nb::none());
  }
  const std::vector<Lazy> slopes = direct().eager.gradients(*t.tape, of_lazy, with_lazy, seeds_lazy);
  for (size_t i = 0; i < places.size(); ++i)
    if (slopes[i]) result[places[i]] = to_python(AnyTensor(slopes[i]));
  return result;
}

}  // namespace

void bind_tape(nb::module_& m) {
  nb::class_<PythonTape>(m, "Tape", "Remembers ops for their gradients.")
      .def(nb::init<>())
      .def("record", [](PythonTape& t) { direct().eager.record(t.tape); })
      .def("stop", [](PythonTape& t) { direct().eager.stop(t.tape); })
      .def("forget", [](PythonTape& t) { direct().eager.forget(t.tape); })
      .def("watch", [](PythonTape& t, nb::handle x) {
        const AnyTensor tensor = any_tensor(x);
        if (!tensor.traced()) t.watched.push_back(tensor.lazy);
      })
      .def("gradients", &gradients_of);
}

}  // namespace cornu::python
