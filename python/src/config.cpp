// Config, and what stands for it in Python: None, booleans, numbers, strings, lists and dicts.
#include "bind.h"

namespace cornu::python {

Reference::Reference(nb::handle object) : object_(object.inc_ref().ptr(), [](void* p) {
  if (!Py_IsInitialized()) return;  // at exit
  const nb::gil_scoped_acquire gil;
  Py_DECREF(static_cast<PyObject*>(p));
}) {}

namespace {

[[noreturn]] void refuse(nb::handle object) {
  throw nb::type_error(text("an option cannot be a ", Py_TYPE(object.ptr())->tp_name, ": ", nb::repr(object).c_str()).c_str());
}

Config list_from(nb::handle object) {
  Config::List list;
  for (const nb::handle item : object) list.push_back(config_from(item));
  return list;
}

Config dict_from(nb::handle object) {
  Config::Dict dict;
  for (const auto& [key, value] : nb::borrow<nb::dict>(object)) dict.emplace_back(nb::str(key).c_str(), config_from(value));
  return dict;
}

Config float_from(nb::handle object) {
  const double number = PyFloat_AsDouble(object.ptr());
  if (number == -1 && PyErr_Occurred()) throw nb::python_error();
  return number;
}

}  // namespace

Config config_from(nb::handle object) {
  if (object.is_none()) return {};
  if (PyBool_Check(object.ptr())) return object.ptr() == Py_True;
  if (PyFloat_Check(object.ptr())) return float_from(object);
  if (PyLong_Check(object.ptr())) return nb::cast<int64_t>(object);
  if (PyUnicode_Check(object.ptr())) return nb::borrow<nb::str>(object).c_str();
  if (PyList_Check(object.ptr()) || PyTuple_Check(object.ptr())) return list_from(object);
  if (PyDict_Check(object.ptr())) return dict_from(object);
  if (nb::isinstance<Held>(object)) return nb::cast<const Held&>(object).config;
  if (nb::hasattr(object, "__cornu_config__")) return config_from(object.attr("__cornu_config__")());
  if (nb::hasattr(object, "__cornu_name__")) return config_from(object.attr("__cornu_name__"));
  if (nb::hasattr(object, "tolist")) return config_from(object.attr("tolist")());  // NumPy's numbers and arrays
  if (PyIndex_Check(object.ptr())) return nb::cast<int64_t>(nb::steal<nb::object>(PyNumber_Index(object.ptr())));
  if (PyType_Check(object.ptr()) || PyFunction_Check(object.ptr())) refuse(object);
  if (PyObject_HasAttrString(object.ptr(), "__float__")) return float_from(object);
  refuse(object);
}

nb::object to_python(const Config& config) {
  if (config.is_null()) return nb::none();
  if (config.is_bool()) return nb::bool_(config.as_bool());
  if (config.is_int()) return nb::int_(config.as_int());
  if (config.is_number()) return nb::float_(config.as_double());
  if (config.is_string()) return nb::str(config.as_string().c_str());
  if (config.is_object()) return nb::cast(Held{config});
  if (config.is_list()) {
    nb::list list;
    for (const Config& item : config.as_list()) list.append(to_python(item));
    return list;
  }
  nb::dict dict;
  for (const auto& [key, value] : config.as_dict()) dict[key.c_str()] = to_python(value);
  return dict;
}

Shape shape_from(nb::handle object) {
  Shape shape;
  if (PyLong_Check(object.ptr())) return {nb::cast<int64_t>(object)};
  for (const nb::handle size : object) shape.push_back(size.is_none() ? Shape::unknown : nb::cast<int64_t>(nb::steal<nb::object>(PyNumber_Index(size.ptr()))));
  return shape;
}

nb::tuple to_python(const Shape& shape) {
  nb::list sizes;
  for (const int64_t size : shape) sizes.append(size == Shape::unknown ? nb::object(nb::none()) : nb::object(nb::int_(size)));
  return nb::tuple(sizes);
}

void bind_config(nb::module_& m) { nb::class_<Held>(m, "Held", "Something of cornu's that has no description, in the place of one."); }

}  // namespace cornu::python
