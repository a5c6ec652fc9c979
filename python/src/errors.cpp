// cornu's errors as Python's: each is also of the class that Python programs expect.
#include "bind.h"

namespace cornu::python {
namespace {

struct Classes {
  PyObject *error, *argument, *shape, *unsupported, *io, *format, *limit, *unsafe, *numeric, *internal;
};
Classes classes;  // made once, with the module; never let go

PyObject* make(nb::module_& m, const char* name, std::initializer_list<PyObject*> bases) {
  const nb::tuple tuple = nb::steal<nb::tuple>(PyTuple_New(static_cast<Py_ssize_t>(bases.size())));
  Py_ssize_t i = 0;
  for (PyObject* base : bases) PyTuple_SET_ITEM(tuple.ptr(), i++, Py_NewRef(base));
  PyObject* made = PyErr_NewException(text("cornu.", name).c_str(), tuple.ptr(), nullptr);
  if (!made) throw nb::python_error();
  m.attr(name) = nb::handle(made);
  return made;
}

PyObject* class_of(const Error& e) {
  if (dynamic_cast<const ShapeError*>(&e)) return classes.shape;
  if (dynamic_cast<const UnsupportedError*>(&e)) return classes.unsupported;
  if (dynamic_cast<const ArgumentError*>(&e)) return classes.argument;
  if (dynamic_cast<const IoError*>(&e)) return classes.io;
  if (dynamic_cast<const LimitError*>(&e)) return classes.limit;
  if (dynamic_cast<const UnsafeError*>(&e)) return classes.unsafe;
  if (dynamic_cast<const FormatError*>(&e)) return classes.format;
  if (dynamic_cast<const NumericError*>(&e)) return classes.numeric;
  if (dynamic_cast<const InternalError*>(&e)) return classes.internal;
  return classes.error;
}

}  // namespace

void bind_errors(nb::module_& m) {
  classes.error = make(m, "Error", {PyExc_Exception});
  classes.argument = make(m, "ArgumentError", {classes.error, PyExc_ValueError});
  classes.shape = make(m, "ShapeError", {classes.argument});
  classes.unsupported = make(m, "UnsupportedError", {classes.argument, PyExc_NotImplementedError});
  classes.io = make(m, "IoError", {classes.error, PyExc_OSError});
  classes.format = make(m, "FormatError", {classes.error, PyExc_ValueError});
  classes.limit = make(m, "LimitError", {classes.format});
  classes.unsafe = make(m, "UnsafeError", {classes.format});
  classes.numeric = make(m, "NumericError", {classes.error, PyExc_ArithmeticError});
  classes.internal = make(m, "InternalError", {classes.error, PyExc_RuntimeError});
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Error& e) {
      PyErr_SetString(class_of(e), e.what());
    }
  });
}

}  // namespace cornu::python
