// Ops on tensors of Python: those of the catalogue by name, and what is made of several. keras/ops puts Keras's names on them.
#include "cornu/autodiff/gradients.h"
#include "cornu/nn/activations.h"
#include "cornu/ops/catalogue.h"
#include "eager.h"

namespace cornu::python {
namespace {

enum class Takes { numbers, floats, ask_floats, bools, ask_any, ask_numbers, choose };

/// What pointwise.def says of each op.
const std::map<std::string_view, Takes>& pointwise_ops() {
  static const std::map<std::string_view, Takes> table = {
#define UNARY(op, takes, ...) {#op, Takes::takes},
#define BINARY(op, takes, ...) {#op, Takes::takes},
#define TERNARY(op, takes, ...) {#op, Takes::takes},
#include "cornu/ops/pointwise.def"
  };
  return table;
}

const OpRules& rules_of(const std::string& name) {
  const OpRules* found = find_op(name);
  std::vector<std::string_view> names;
  for (const OpRules* op : catalogue()) names.push_back(op->name);
  require(found != nullptr, "cornu has no op '", printable(name), "'", did_you_mean(name, names));
  return *found;
}

/// Each op without attributes is made once.
const Op& plain_op(const std::string& name) {
  static auto* made = new std::map<std::string, Op>();
  const auto known = made->find(name);
  return known != made->end() ? known->second : made->emplace(name, rules_of(name).parse(Config::dict())).first->second;
}

std::vector<AnyTensor> run(const Op& op, const std::vector<AnyTensor>& in) {
  return apply_op(in, [&](Graph& g, Values v) { return g.add(op, v); });
}

nb::object returned(std::vector<AnyTensor> out) {
  if (out.size() == 1) return to_python(std::move(out[0]));
  nb::list list;
  for (AnyTensor& x : out) list.append(to_python(std::move(x)));
  return nb::tuple(list);
}

std::vector<AnyTensor> tensors_from(nb::handle list) {
  std::vector<AnyTensor> all;
  for (const nb::handle item : list) all.push_back(any_tensor(item));
  return all;
}

/// An op of the catalogue by its name, operands as they are: op("matmul", a, b, transpose_b=True).
nb::object op_by_name(const std::string& name, nb::args operands, nb::kwargs attributes) {
  const std::vector<AnyTensor> in = tensors_from(operands);
  if (attributes.size() == 0) return returned(run(plain_op(name), in));
  return returned(run(rules_of(name).parse(config_from(attributes)), in));
}

/// Operands of one dtype, that which the op computes in. Python's numbers take the others'.
std::vector<AnyTensor> alike(nb::args operands, DType floatx, bool floats, bool numbers) {
  std::vector<AnyTensor> all;
  std::optional<DType> common, weak;
  for (const nb::handle o : operands) {
    all.push_back(any_tensor(o));
    std::optional<DType>& into = has_dtype(o) ? common : weak;
    into = into ? common_dtype(*into, all.back().type().dtype) : all.back().type().dtype;
  }
  DType dtype = common ? *common : *weak;
  if (common && weak) {
    if (is_float(*weak) && !is_float(dtype)) dtype = floatx;
    else if (!is_float(*weak)) dtype = common_dtype(dtype, *weak == DType::boolean || dtype != DType::boolean ? dtype : DType::int32);
  } else if (!common && is_float(dtype)) {
    dtype = floatx;
  }
  if (floats && !is_float(dtype)) dtype = floatx;
  if (numbers && dtype == DType::boolean) dtype = DType::int32;
  for (AnyTensor& x : all) x = cast_to(x, dtype);
  return all;
}

DType floatx = DType::float32;  // keras.config.set_floatx

/// One op of pointwise.def, operands brought to one dtype as Keras does.
nb::object pointwise(const std::string& name, nb::args operands) {
  const auto found = pointwise_ops().find(name);
  require(found != pointwise_ops().end(), "'", printable(name), "' is no pointwise op");
  switch (found->second) {
    case Takes::bools: {
      std::vector<AnyTensor> in = tensors_from(operands);
      for (AnyTensor& x : in) x = cast_to(x, DType::boolean);
      return returned(run(plain_op(name), in));
    }
    case Takes::choose: {
      std::vector<AnyTensor> in = {cast_to(any_tensor(operands[0]), DType::boolean)};
      const nb::tuple rest = nb::make_tuple(nb::object(operands[1]), nb::object(operands[2]));
      for (AnyTensor& x : alike(nb::borrow<nb::args>(rest), floatx, false, false)) in.push_back(std::move(x));
      return returned(run(plain_op(name), in));
    }
    case Takes::floats: case Takes::ask_floats: return returned(run(plain_op(name), alike(operands, floatx, true, false)));
    case Takes::numbers: return returned(run(plain_op(name), alike(operands, floatx, false, true)));
    case Takes::ask_numbers: return returned(run(plain_op(name), alike(operands, floatx, false, true)));
    case Takes::ask_any: break;
  }
  return returned(run(plain_op(name), alike(operands, floatx, false, false)));
}

/// Runs a Python function on Values of some graph, as tensors.
std::vector<Value> called_on(nb::handle f, const std::shared_ptr<Trace>& trace, std::initializer_list<Values> groups) {
  nb::list arguments;
  for (const Values& group : groups) {
    nb::list list;
    for (const Value v : group) list.append(to_python(AnyTensor(v, trace)));
    arguments.append(list);
  }
  std::vector<Value> out;
  Graph* graph = nullptr;
  for (const Values& group : groups)
    for (const Value v : group) graph = v.graph;
  for (const nb::handle r : f(*nb::tuple(arguments))) out.push_back(value_in(*graph, r));
  return out;
}

/// scan(body, carried, sequences, reverse): body(carried, slices) -> carried and outputs, in one list.
nb::object scanned(nb::handle body, nb::list carried, nb::list sequences, bool reverse) {
  std::vector<AnyTensor> in = tensors_from(carried);
  const size_t carries = in.size();
  for (AnyTensor& x : tensors_from(sequences)) in.push_back(std::move(x));
  std::shared_ptr<Trace> trace;
  for (const AnyTensor& x : in)
    if (x.traced()) trace = x.trace;
  std::vector<AnyTensor> out = apply_op(in, [&](Graph& g, Values v) {
    std::optional<Tracing> own;
    if (!trace) own.emplace(g);
    const std::shared_ptr<Trace> here = trace ? trace : own->trace();
    const std::vector<Value> first(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(carries)), rest(v.begin() + static_cast<std::ptrdiff_t>(carries), v.end());
    return scan(first, rest, [&](Values c, Values s) { return called_on(body, here, {c, s}); }, reverse);
  });
  nb::list list;
  for (AnyTensor& x : out) list.append(to_python(std::move(x)));
  return list;
}

nb::object drawn(const std::string& distribution, nb::handle shape, nb::handle dtype, double a, double b, nb::handle key) {
  Random how;
  from_config(Config(distribution), how.distribution);
  how.shape = shape_from(shape);
  how.dtype = dtype_from(dtype);
  how.a = a, how.b = b;
  const std::shared_ptr<Trace> trace = Tracing::current();
  if (key.is_none() && trace && trace->scope) {
    how.stream = trace->scope->stream();
    return to_python(AnyTensor(random(trace->scope->random_key(), how), trace));
  }
  return to_python(apply_one({key.is_none() ? AnyTensor(next_key()) : any_tensor(key)}, [&](Graph&, Values v) { return random(v[0], how); }));
}

std::vector<int64_t> numbers(nb::handle list) { return shape_from(list).sizes(); }

}  // namespace

DType common_dtype(DType a, DType b) {
  static constexpr int rank[] = {5, 6, 4, 2, 3, 1, 0};  // of float32, float64, bfloat16, int32, int64, uint8, bool
  return rank[static_cast<int>(a)] >= rank[static_cast<int>(b)] ? a : b;
}

void bind_ops(nb::module_& m) {
  m.def("op", &op_by_name, "An op of the catalogue.");
  m.def("pointwise", &pointwise, "A pointwise op on operands of any dtypes.");
  m.def("set_floatx", [](nb::handle dtype) { floatx = dtype_from(dtype); });
  m.def("convert", [](nb::handle x, nb::handle dtype) {
    AnyTensor t = any_tensor(x);
    if (dtype.is_none()) return t;
    return cast_to(t, dtype_from(dtype));
  }, nb::arg("x"), nb::arg("dtype").none());
  m.def("alike", [](nb::args operands) {
    nb::list list;
    for (AnyTensor& x : alike(operands, floatx, false, false)) list.append(to_python(std::move(x)));
    return list;
  }, "The operands in the dtype that they meet in.");
  m.def("reshape", [](nb::handle x, nb::handle shape) { return apply_one({any_tensor(x)}, [s = shape_from(shape)](Graph&, Values v) { return reshape(v[0], s); }); });
  m.def("slice", [](nb::handle x, nb::handle begin, nb::handle end, nb::handle step) {
    return apply_one({any_tensor(x)}, [b = numbers(begin), e = numbers(end), s = numbers(step)](Graph&, Values v) { return slice(v[0], b, e, s); });
  });
  m.def("concat", [](nb::handle parts, int axis) { return apply_one(tensors_from(parts), [axis](Graph&, Values v) { return concat({v.begin(), v.end()}, axis); }); });
  m.def("iota", [](nb::handle shape, int axis, nb::handle dtype) {
    return apply_one({}, [s = shape_from(shape), axis, d = dtype_from(dtype)](Graph& g, Values) { return iota(g, s, axis, d); });
  });
  m.def("einsum", [](const std::string& equation, nb::args operands) {
    return apply_one(alike(operands, floatx, false, true), [&](Graph&, Values v) { return einsum(equation, {v.begin(), v.end()}); });
  });
  m.def("activation", [](const std::string& name, nb::handle x) {
    AnyTensor t = any_tensor(x);
    if (!is_float(t.type().dtype)) t = cast_to(t, floatx);
    return apply_one({t}, [a = Activation(name)](Graph&, Values v) { return a(v[0]); });
  });
  m.def("one_hot", [](nb::handle x, int64_t classes, nb::handle dtype) {
    return apply_one({any_tensor(x)}, [classes, d = dtype_from(dtype)](Graph&, Values v) { return one_hot(v[0], classes, d); });
  });
  m.def("scatter_add", [](nb::handle updates, nb::handle indices, int64_t rows) {
    return apply_one({any_tensor(updates), any_tensor(indices)}, [rows](Graph&, Values v) { return scatter_add(v[0], v[1], rows); });
  });
  m.def("convolution", [](nb::handle x, nb::handle kernel, nb::handle how) {
    Convolution c;
    from_config(config_from(how), c);
    return apply_one({any_tensor(x), any_tensor(kernel)}, [&](Graph&, Values v) { return convolution(v[0], v[1], c); });
  });
  m.def("convolution_input", [](nb::handle dy, nb::handle kernel, nb::handle sizes, nb::handle how) {
    Convolution c;
    from_config(config_from(how), c);
    return apply_one({any_tensor(dy), any_tensor(kernel)}, [&](Graph&, Values v) { return convolution_input(v[0], v[1], numbers(sizes), c); });
  });
  m.def("pooling", [](nb::handle x, nb::handle how, bool max) {
    Window w;
    from_config(config_from(how), w);
    return apply_one({any_tensor(x)}, [&](Graph&, Values v) { return max ? max_pooling(v[0], w) : average_pooling(v[0], w); });
  });
  m.def("scan", &scanned);
  m.def("random", &drawn, nb::arg("distribution"), nb::arg("shape"), nb::arg("dtype"), nb::arg("a"), nb::arg("b"), nb::arg("key").none());
}

}  // namespace cornu::python
