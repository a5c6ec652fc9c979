// custom_gradient: values from one function, slopes from another of the user's.
#include "cornu/graph/define_op.h"
#include "eager.h"

namespace cornu::python {

/// The user's function from slopes of the result to slopes of the arguments, and the trace in which it closed over tensors.
struct GradientFunction {
  Reference f;
  std::weak_ptr<Trace> trace;

  std::vector<Value> operator()(const Derivation& d) const {
    const nb::gil_scoped_acquire gil;
    Graph& graph = *d.in[0].graph;
    const std::shared_ptr<Trace> known = trace.lock();
    const bool was_over = known && known->over;
    if (known) known->over = false;  // what the function closed over is in this graph
    struct Restore {
      const std::shared_ptr<Trace>& trace;
      bool over;
      ~Restore() {
        if (trace) trace->over = over;
      }
    } restore{known, was_over};
    Tracing tracing(graph);
    const nb::object made = f.get()(to_python(AnyTensor(d.grad[0], tracing.trace())));
    std::vector<Value> slopes = {{}};  // none through the value itself
    const auto add = [&](nb::handle slope) { slopes.push_back(slope.is_none() ? Value{} : value_in(graph, slope)); };
    if (PyList_Check(made.ptr()) || PyTuple_Check(made.ptr()))
      for (const nb::handle slope : made) add(slope);
    else add(made);
    require(slopes.size() == d.in.size(), "custom_gradient: the gradient function gave ", slopes.size() - 1, " slopes for ", d.in.size() - 1, " arguments");
    for (size_t i = 1; i < slopes.size(); ++i)
      require<ShapeError>(!slopes[i] || slopes[i].type() == d.in[i].type(), "custom_gradient: the slope of argument ", i - 1, " is a ", slopes[i] ? slopes[i].type() : TensorType{}, ", and the argument a ", d.in[i].type());
    return slopes;
  }
};

}  // namespace cornu::python

namespace cornu {

/// Input 0, whose slopes by the other inputs a function says.
struct CustomGradient {
  std::shared_ptr<const python::GradientFunction> f;
  bool operator==(const CustomGradient& o) const = default;
  CORNU_FIELDS()
  struct Rules;
};

struct CustomGradient::Rules : CustomGradient {
  static constexpr std::string_view name = "custom_gradient", doc = "Its first input, whose slopes by the others the user says.";
  static constexpr Properties has = {.view = true};
  std::vector<TensorType> infer(Types in) const { return {in[0]}; }
  std::vector<Value> gradient(const Derivation& d) const { return (*f)(d); }
  static std::vector<Example> examples() { return {}; }
};
CORNU_DEFINE_OP(CustomGradient)

}  // namespace cornu

namespace cornu::python {

void bind_trace_gradient(nb::module_& m) {
  m.def("custom_gradient", [](nb::handle value, nb::list arguments, nb::handle gradient) {
    std::vector<AnyTensor> in = {any_tensor(value)};
    std::shared_ptr<Trace> trace;
    for (const nb::handle x : arguments) in.push_back(any_tensor(x));
    for (const AnyTensor& x : in)
      if (x.traced()) trace = x.trace;
    const Op op(CustomGradient{std::make_shared<const GradientFunction>(GradientFunction{Reference(gradient), trace})});
    return apply_one(in, [&](Graph& g, Values v) { return g.add(op, v)[0]; });
  }, "The value, whose slopes by the arguments are gradient(slope of the value).");
}

}  // namespace cornu::python
