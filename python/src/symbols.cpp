// KerasTensor: cornu's Symbol, with Python's operators; layers called on Symbols.
#include "bind.h"
#include "cornu/layers/functional.h"
#include "cornu/nn/symbol_call.h"

namespace cornu::python {
namespace {

std::vector<Symbol> symbols_from(nb::handle object) {
  if (nb::isinstance<Symbol>(object)) return {nb::cast<Symbol>(object)};
  std::vector<Symbol> list;
  for (const nb::handle item : object) list.push_back(nb::cast<Symbol>(item));
  return list;
}

nb::object listed(const std::vector<Symbol>& symbols) {
  nb::list list;
  for (const Symbol& s : symbols) list.append(nb::cast(s));
  return list;
}

/// layer(in..., **symbols, **options): its outputs.
nb::object call(const Layer& layer, nb::handle in, nb::dict symbols, nb::handle options) {
  SymbolArguments arguments;
  for (const auto& [name, value] : symbols) arguments.symbols[nb::str(name).c_str()] = symbols_from(value);
  arguments.options = config_from(options);
  const Symbol out = nb::isinstance<Symbol>(in) ? layer(nb::cast<const Symbol&>(in), arguments) : layer(symbols_from(in), arguments);
  return listed(out.outputs());
}

/// A binary operator of Python's: with another Symbol or a number; else NotImplemented, which lets the other operand try.
template <class F> auto binary(F f) {
  return [f](const Symbol& a, nb::handle b) -> nb::object {
    if (nb::isinstance<Symbol>(b)) return nb::cast(f(a, nb::cast<const Symbol&>(b)));
    if (PyFloat_Check(b.ptr()) || PyLong_Check(b.ptr())) return nb::cast(f(a, nb::cast<double>(b)));
    return nb::borrow<nb::object>(Py_NotImplemented);
  };
}

std::string describe(const Symbol& s) {
  std::string shape;
  for (const int64_t size : s.shape()) shape += (shape.empty() ? "" : ", ") + (size == Shape::unknown ? std::string("None") : std::to_string(size));
  if (s.shape().rank() == 1) shape += ",";
  return text("<KerasTensor shape=(", shape, "), dtype=", s.dtype(), ", sparse=False, ragged=False, name=", s.call()->layer.name().empty() ? "keras_tensor" : s.call()->layer.name(), ">");
}

}  // namespace

void bind_symbols(nb::module_& m) {
  nb::class_<Symbol>(m, "KerasTensor", nb::dynamic_attr(), nb::is_weak_referenceable(), "A tensor that will be: what wiring models is done with.")
      .def_prop_ro("shape", [](const Symbol& s) { return to_python(s.shape()); })
      .def_prop_ro("dtype", [](const Symbol& s) { return std::string(name_of(s.dtype())); })
      .def_prop_ro("ndim", [](const Symbol& s) { return s.shape().rank(); })
      .def_prop_ro("name", [](const Symbol& s) { return s.call()->layer.name(); })
      .def_prop_ro("sparse", [](const Symbol&) { return false; })
      .def_prop_ro("ragged", [](const Symbol&) { return false; })
      .def_prop_ro("is_input", [](const Symbol& s) { return s.call()->is_input(); })
      .def_prop_ro("layer", [](const Symbol& s) { return s.call()->layer; }, "The handle of the layer that makes it.")
      .def_prop_ro("serial", [](const Symbol& s) { return s.call()->serial; })
      .def_prop_ro("output_index", &Symbol::output)
      .def_prop_ro("inputs", [](const Symbol& s) { return listed(s.call()->inputs); }, "What that layer was called on.")
      .def_prop_ro("outputs", [](const Symbol& s) { return listed(s.outputs()); }, "All that the call gave.")
      .def("__repr__", &describe)
      .def("__eq__", [](const Symbol& a, nb::handle b) { return nb::isinstance<Symbol>(b) && a == nb::cast<const Symbol&>(b); })
      .def("__hash__", [](const Symbol& s) { return reinterpret_cast<uintptr_t>(s.call().get()) / 16 + static_cast<uintptr_t>(s.output()); })
      .def("__add__", binary([](const Symbol& a, const auto& b) { return a + b; }))
      .def("__radd__", binary([](const Symbol& a, const auto& b) { return b + a; }))
      .def("__sub__", binary([](const Symbol& a, const auto& b) { return a - b; }))
      .def("__rsub__", binary([](const Symbol& a, const auto& b) { return b - a; }))
      .def("__mul__", binary([](const Symbol& a, const auto& b) { return a * b; }))
      .def("__rmul__", binary([](const Symbol& a, const auto& b) { return b * a; }))
      .def("__truediv__", binary([](const Symbol& a, const auto& b) { return a / b; }))
      .def("__rtruediv__", binary([](const Symbol& a, const auto& b) { return b / a; }))
      .def("__neg__", [](const Symbol& a) { return -a; });

  m.def("input", [](nb::handle shape, const std::string& name, nb::handle dtype) { return input(shape_from(shape), {.name = name, .dtype = dtype_from(dtype)}); });
  m.def("call_on_symbols", &call);
  m.def("operation", [](const std::string& class_name, nb::handle in, nb::handle options) { return listed(operation(class_name, symbols_from(in), config_from(options)).outputs()); });
}

}  // namespace cornu::python
