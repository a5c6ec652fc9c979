// Tensor: what ops give and take, with Python's operators.
#include "host_call.h"

#include <algorithm>

namespace cornu::python {
namespace {

thread_local std::vector<std::shared_ptr<Trace>> traces;  // being made, the innermost last

nb::object dtype_object(DType dtype) {
  static PyObject* module = nb::module_::import_("cornu._dtypes").release().ptr();  // kept for good
  return nb::handle(module).attr(dtype == DType::boolean ? "bool" : std::string(name_of(dtype)).c_str());
}

nb::object shape_object(const Shape& shape) {
  static PyObject* made = nb::object(nb::module_::import_("cornu._dtypes").attr("TensorShape")).release().ptr();
  return nb::handle(made)(to_python(shape));
}

}  // namespace

Tracing::Tracing(Scope& scope) {
  for (const auto& t : traces)
    if (t && t->scope == &scope) trace_ = t;
  if (!trace_) {
    trace_ = std::make_shared<Trace>();
    trace_->scope = &scope, trace_->graph = &scope.graph();
    entered_ = true;
  }
  traces.push_back(trace_);
}
Tracing::Tracing(Graph& graph) : trace_(std::make_shared<Trace>()), entered_(true) {
  trace_->graph = &graph;
  for (const auto& t : traces)
    if (t && t->graph == &graph) trace_ = t, entered_ = false;
  traces.push_back(trace_);
}
Tracing::~Tracing() {
  traces.pop_back();
  if (entered_) trace_->over = true;
}
std::shared_ptr<Trace> Tracing::current() { return traces.empty() ? nullptr : traces.back(); }

Untraced::Untraced() : directly_(direct().eager) { traces.push_back(nullptr); }
Untraced::~Untraced() { traces.pop_back(); }

const TensorType& AnyTensor::type() const {
  if (!trace) return lazy.type();
  require(!trace->over, "this tensor belongs to a trace that is over: it never had numbers. Return it from call() (or from the function that is traced) instead of keeping it");
  return value.type();
}

std::string users_line() {
  static const std::string package = [] {
    const std::string file = nb::cast<std::string>(nb::module_::import_("cornu").attr("__file__"));
    return file.substr(0, file.find_last_of('/') + 1);
  }();
  nb::object frame = nb::borrow<nb::object>(reinterpret_cast<PyObject*>(PyEval_GetFrame()));
  while (frame.is_valid() && !frame.is_none()) {
    const std::string file = nb::cast<std::string>(frame.attr("f_code").attr("co_filename"));
    if (!file.starts_with(package) && !file.starts_with("<frozen")) return text(file, ", line ", nb::cast<int>(frame.attr("f_lineno")));
    frame = frame.attr("f_back");
  }
  return "";
}

Tensor numbers_of(const AnyTensor& x, const char* what) {
  if (!x.symbolic()) return direct().eager.value(x.lazy);
  x.type();
  const std::string line = users_line();
  const char* traced = x.traced() ? "a layer, a loss or a model" : "a train_step or a tf.function";
  throw nb::type_error(text(line, line.empty() ? "" : ": ", what, " needs the numbers of a tensor, and while ", traced,
                            " is traced there are none: tracing happens once, and what it records runs for every batch. "
                            "Use keras.ops instead: ops.where or ops.cond for a choice, ops.while_loop or ops.scan for a loop, ops.f for np.f",
                            x.traced() ? "" : "; or have Python run for every batch, which is slower: model.compile(..., run_eagerly=True), tf.config.run_functions_eagerly(True)").c_str());
}

bool has_dtype(nb::handle object) { return !(PyFloat_Check(object.ptr()) || PyLong_Check(object.ptr())); }

AnyTensor any_tensor(nb::handle object) {
  if (nb::isinstance<AnyTensor>(object)) return nb::cast<const AnyTensor&>(object);
  if (PyBool_Check(object.ptr())) return Lazy(Tensor::scalar(object.ptr() == Py_True));
  if (PyLong_Check(object.ptr())) return Lazy(Tensor::scalar(nb::cast<int64_t>(object)).cast(DType::int32));
  if (PyFloat_Check(object.ptr())) return Lazy(Tensor::scalar(static_cast<float>(PyFloat_AS_DOUBLE(object.ptr()))));
  if (const auto variable = as_variable(object)) {
    const auto trace = Tracing::current();
    if (!trace) return direct().eager.read(variable->lazy());
    if (const auto next = trace->assigned.find(variable.get()); next != trace->assigned.end()) return {next->second, trace};
    if (const auto own = trace->variables.find(variable.get()); own != trace->variables.end()) return {trace->scope ? trace->scope->current(own->second) : own->second, trace};
    if (trace->scope)
      for (size_t i = 0; i < trace->scope->variables().size(); ++i)
        for (const WeightOwner& o : trace->scope->variables()[i].owners)
          if (o.weights == variable->layer && o.path == variable->path) return {trace->scope->current(trace->scope->values()[i]), trace};
    if (const Value v = direct().eager.inside(*trace->graph, direct().eager.read(variable->lazy()))) return {v, trace};
    throw nb::value_error(text(users_line(), ": the Variable '", variable->name, "' is read while something else is traced that does not own it, so that later changes would be lost. "
                               "Make it in a layer with self.add_weight, and call that layer first").c_str());
  }
  if (nb::hasattr(object, "__cornu_tensor__") && !nb::hasattr(object, "__array__")) return any_tensor(object.attr("__cornu_tensor__")());
  if (PyList_Check(object.ptr()) || PyTuple_Check(object.ptr())) {  // of tensors: stacked
    bool tensors = false;
    for (const nb::handle item : object) tensors = tensors || nb::isinstance<AnyTensor>(item) || PyList_Check(item.ptr()) || as_variable(item);
    if (tensors && nb::len(object) > 0) {
      std::vector<AnyTensor> parts;
      bool concrete = true;
      for (const nb::handle item : object) parts.push_back(any_tensor(item)), concrete = concrete && !parts.back().traced() && !nb::isinstance<AnyTensor>(item);
      if (!concrete) {
        DType common = parts[0].type().dtype;
        for (const AnyTensor& p : parts) common = common_dtype(common, p.type().dtype);
        for (AnyTensor& p : parts) p = cast_to(p, common);
        return apply_one(parts, [](Graph&, Values v) {
          std::vector<Value> rows;
          for (const Value x : v) rows.push_back(reshape(x, Shape{1} + x.shape()));
          return concat(rows, 0);
        });
      }
    }
    Tensor t = tensor_from(object);
    return Lazy(t.dtype() == DType::int64 ? t.cast(DType::int32) : t);  // Python's own whole numbers have no width
  }
  return Lazy(tensor_from(object));
}

nb::object to_python(AnyTensor tensor) { return nb::cast(std::move(tensor)); }

std::vector<AnyTensor> apply_op(const std::vector<AnyTensor>& in, const Eager::Traced& f) {
  std::vector<Value> traced;
  std::shared_ptr<Trace> trace;
  for (const AnyTensor& x : in)
    if (x.traced()) x.type(), traced.push_back(x.value), trace = x.trace;
  std::vector<AnyTensor> out;
  if (!trace) {
    std::vector<Lazy> lazy;
    for (const AnyTensor& x : in) lazy.push_back(x.lazy);
    for (Lazy& y : direct().eager.apply(lazy, f)) out.emplace_back(std::move(y));
    return out;
  }
  Graph& graph = innermost_graph(traced, "an op");
  std::vector<Value> values;
  for (const AnyTensor& x : in) values.push_back(x.traced() ? x.value : value_in(graph, x));
  for (const Value y : f(graph, values)) out.emplace_back(y, trace);
  return out;
}

AnyTensor apply_one(const std::vector<AnyTensor>& in, const std::function<Value(Graph&, Values)>& f) {
  return apply_op(in, [&](Graph& g, Values v) { return std::vector{f(g, v)}; })[0];
}

Value value_in(Graph& graph, nb::handle object) { return value_in(graph, any_tensor(object)); }

Value value_in(Graph& graph, const AnyTensor& x) {
  x.type();
  if (x.traced()) return x.value;
  // What is computed, and what slopes may go through, stays what it is; a number is a constant.
  const bool number = x.lazy.known() && !x.lazy.node()->op && x.lazy.type().shape.elements() == 1;
  if (!number)
    if (const Value v = direct().eager.inside(graph, x.lazy)) return v;
  return graph.constant(numbers_of(x, "a trace of another model"));
}

AnyTensor cast_to(const AnyTensor& x, DType dtype) {
  if (x.type().dtype == dtype) return x;
  if (const Tensor* known = x.symbolic() ? nullptr : x.lazy.known(); known && known->size() == 1) return Lazy(known->cast(dtype));
  return apply_one({x}, [&](Graph&, Values v) { return cast(v[0], dtype); });
}

Direct& direct() {
  // Never destroyed: Python's objects end in any order. A function in the middle of a Program finds the first at work.
  const auto made = [](int threads) {
    return new Direct{Eager(threads, [](const std::function<void()>& compute) {
      const nb::gil_scoped_release others;
      compute();
    }), {}};
  };
  static Direct* const one = made(0);
  static Direct* const of_functions = made(1);
  return in_host_call() ? *of_functions : *one;
}

Recording* recording() { return static_cast<Recording*>(cornu::Recording::current(direct().eager)); }

Lazy next_key() {
  Direct& d = direct();
  Recording* r = recording();
  if (!r) return Tensor({3}, std::vector<int64_t>{static_cast<int64_t>(d.seed), d.draws++, 0});
  if (!r->key) r->key = r->input({DType::int64, {3}});
  return d.eager.apply({r->key, Lazy(Tensor({3}, std::vector<int64_t>{0, r->draws++, 0}))}, [](Graph&, Values v) { return std::vector{v[0] + v[1]}; })[0];
}

namespace {

nb::object operation(const char* name, nb::handle a, nb::handle b) {
  static PyObject* module = nb::module_::import_("cornu.keras.ops").release().ptr();
  return nb::handle(module).attr(name)(a, b);
}

nb::object compare(nb::handle a, nb::handle b, bool equal) {
  if (b.is_none() || nb::isinstance<nb::str>(b)) return nb::bool_(!equal);
  return operation(equal ? "equal" : "not_equal", a, b);
}

std::string describe(const AnyTensor& x) {
  if (x.symbolic()) return text("<Tensor shape=", nb::repr(to_python(x.type().shape)).c_str(), ", dtype=", x.type().dtype, ", being traced>");
  const nb::object array = to_numpy(numbers_of(x, "repr()"));
  return text("<Tensor: shape=", nb::repr(to_python(x.type().shape)).c_str(), ", dtype=", x.type().dtype, ", numpy=", nb::repr(array).c_str(), ">");
}

nb::object item(const AnyTensor& x, const char* what) { return to_numpy(numbers_of(x, what)).attr("item")(); }

}  // namespace

void bind_eager(nb::module_& m) {
  nb::class_<AnyTensor> c(m, "Tensor", nb::dynamic_attr(), nb::is_weak_referenceable(), "Numbers: computed when they are read.");
  c.def("__init__", [](AnyTensor* self, nb::handle object) { new (self) AnyTensor(any_tensor(object)); })
      .def_prop_ro("shape", [](const AnyTensor& x) { return shape_object(x.type().shape); })
      .def_prop_ro("dtype", [](const AnyTensor& x) { return dtype_object(x.type().dtype); })
      .def_prop_ro("ndim", [](const AnyTensor& x) { return x.type().shape.rank(); })
      .def_prop_ro("size", [](const AnyTensor& x) { return x.type().shape.elements(); })
      .def_prop_ro("is_traced", [](const AnyTensor& x) { return x.symbolic(); })
      .def("numpy", [](const AnyTensor& x) { return to_numpy(numbers_of(x, "numpy()")); }, "A NumPy array of the numbers.")
      .def("__cornu_tensor__", [](const AnyTensor& x) { return to_numpy(numbers_of(x, "reading")); })
      .def("__array__", [](const AnyTensor& x, nb::handle dtype, nb::handle) {
        const nb::object array = to_numpy(numbers_of(x, "NumPy"));
        return dtype.is_none() ? array : nb::object(array.attr("astype")(dtype));
      }, nb::arg("dtype") = nb::none(), nb::arg("copy") = nb::none())
      .def("__dlpack__", [](const AnyTensor& x, nb::kwargs kwargs) { return to_numpy(numbers_of(x, "DLPack")).attr("__dlpack__")(**kwargs); })
      .def("__dlpack_device__", [](const AnyTensor&) { return nb::make_tuple(1, 0); })
      .def("item", [](const AnyTensor& x) { return item(x, "item()"); })
      .def("tolist", [](const AnyTensor& x) { return to_numpy(numbers_of(x, "tolist()")).attr("tolist")(); })
      .def("__float__", [](const AnyTensor& x) { return nb::float_(item(x, "float()")); })
      .def("__int__", [](const AnyTensor& x) { return nb::int_(item(x, "int()")); })
      .def("__index__", [](const AnyTensor& x) {
        if (!is_integer(x.type().dtype) || x.type().shape.elements() != 1) throw nb::type_error("only a whole number can be an index");
        return nb::int_(item(x, "an index"));
      })
      .def("__bool__", [](const AnyTensor& x) { return nb::cast<bool>(nb::bool_(item(x, "if, while, and, or, not, or bool()"))); })
      .def("__format__", [](const AnyTensor& x, const std::string& spec) {
        if (x.symbolic()) return nb::str(describe(x).c_str());
        const nb::object array = to_numpy(numbers_of(x, "format()"));
        return nb::str(nb::module_::import_("builtins").attr("format")(x.type().shape.rank() ? array : nb::object(array.attr("item")()), spec));
      })
      .def("__len__", [](const AnyTensor& x) {
        if (x.type().shape.rank() == 0) throw nb::type_error("a scalar has no len()");
        return x.type().shape[0];
      })
      .def("__repr__", &describe)
      .def("__hash__", [](nb::handle self) { return reinterpret_cast<uintptr_t>(self.ptr()) >> 4; })
      .def("__eq__", [](nb::handle a, nb::handle b) { return compare(a, b, true); }, nb::arg("other").none())
      .def("__ne__", [](nb::handle a, nb::handle b) { return compare(a, b, false); }, nb::arg("other").none());
  struct Operator {
    const char *method, *op;
    bool reversed;
  };
  static constexpr Operator operators[] = {
      {"__add__", "add", false}, {"__radd__", "add", true}, {"__sub__", "subtract", false}, {"__rsub__", "subtract", true}, {"__mul__", "multiply", false}, {"__rmul__", "multiply", true},
      {"__truediv__", "true_divide", false}, {"__rtruediv__", "true_divide", true}, {"__floordiv__", "floor_divide", false}, {"__rfloordiv__", "floor_divide", true},
      {"__mod__", "mod", false}, {"__rmod__", "mod", true}, {"__pow__", "power", false}, {"__rpow__", "power", true}, {"__matmul__", "matmul", false}, {"__rmatmul__", "matmul", true},
      {"__lt__", "less", false}, {"__le__", "less_equal", false}, {"__gt__", "greater", false}, {"__ge__", "greater_equal", false},
      {"__and__", "logical_and", false}, {"__rand__", "logical_and", true}, {"__or__", "logical_or", false}, {"__ror__", "logical_or", true}, {"__xor__", "logical_xor", false}, {"__rxor__", "logical_xor", true}};
  for (const Operator& o : operators)
    c.def(o.method, [op = o.op, reversed = o.reversed](nb::handle a, nb::handle b) { return reversed ? operation(op, b, a) : operation(op, a, b); }, nb::is_operator());
  c.attr("__array_priority__") = 100;

  m.def("settle_readings", &settle_readings, "Before something writes to weights: what was read from them is computed.");
  m.def("set_seed", [](int64_t seed) { direct().seed = static_cast<uint64_t>(seed), direct().draws = 0; }, "Of random numbers that are drawn directly, and of what begins from them.");
  m.def("next_key", [] { return to_python(AnyTensor(next_key())); });
  m.def("compiled_programs", [] { return direct().eager.compiled(); }, "How many Programs direct computation has compiled.");
  m.def("evaluate", [](nb::list tensors) {
    std::vector<Lazy> all;
    for (const nb::handle t : tensors) {
      const AnyTensor x = any_tensor(t);
      if (!x.symbolic() && !x.lazy.known()) all.push_back(x.lazy);
    }
    if (!all.empty()) direct().eager.evaluate(all);
  }, "Computes several tensors at once.");
  m.def("is_traced", [](nb::handle x) { return nb::isinstance<AnyTensor>(x) ? nb::cast<const AnyTensor&>(x).symbolic() : recording() && as_variable(x); }, nb::arg("x").none(), "Whether it has no numbers yet.");
  m.def("tracing", [] { return Tracing::current() != nullptr; }, "Whether something of Python's is being traced.");
  m.def("users_line", &users_line);
}

}  // namespace cornu::python

namespace cornu::python {

void bind_direct(nb::module_& m) {
  bind_eager(m);
  bind_variables(m);
  bind_ops(m);
  bind_tape(m);
  bind_trace(m);
  bind_trace_layers(m);
  bind_objects(m);
  bind_trace_optimizer(m);
  bind_recording(m);
  bind_own_steps(m);
  bind_host_call(m);
  bind_trace_gradient(m);
}

}  // namespace cornu::python
