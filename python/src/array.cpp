// Tensors from NumPy arrays, DLPack and lists, and back.
#include <nanobind/ndarray.h>

#include <array>
#include <cstring>

#include "bind.h"

namespace cornu::python {
namespace {

/// NumPy, loaded on first use.
nb::module_ numpy() { return nb::module_::import_("numpy"); }

std::optional<DType> dtype_of_buffer(const Py_buffer& view) {
  const char* format = view.format ? view.format : "B";
  if (*format == '<' || *format == '=' || *format == '@') ++format;
  if (format[0] == 0 || format[1] != 0) return {};
  switch (*format) {
    case 'f': return DType::float32;
    case 'd': return DType::float64;
    case 'B': return DType::uint8;
    case '?': return DType::boolean;
    case 'i': return DType::int32;
    case 'l': case 'q': return view.itemsize == 8 ? DType::int64 : DType::int32;
    default: return {};
  }
}

/// Its memory as it is, if it is a dense row-major buffer of a type that tensors have.
std::optional<Tensor> borrowed(nb::handle array) {
  auto view = std::make_unique<Py_buffer>();
  if (PyObject_GetBuffer(array.ptr(), view.get(), PyBUF_FORMAT | PyBUF_C_CONTIGUOUS) != 0) {
    PyErr_Clear();
    return {};
  }
  const std::shared_ptr<Py_buffer> owner(view.release(), [](Py_buffer* b) {
    if (Py_IsInitialized()) {
      const nb::gil_scoped_acquire gil;
      PyBuffer_Release(b);
    }
    delete b;
  });
  const auto dtype = dtype_of_buffer(*owner);
  if (!dtype) return {};
  Shape shape;
  for (int i = 0; i < owner->ndim; ++i) shape.push_back(owner->shape[i]);
  return Tensor::borrow(*dtype, std::move(shape), owner->buf, owner);
}

/// The NumPy dtype that tensors hold numbers of this one as.
const char* held_as(nb::handle array) {
  const nb::object dtype = array.attr("dtype");
  const std::string kind = nb::cast<std::string>(dtype.attr("kind"));
  const auto size = nb::cast<int64_t>(dtype.attr("itemsize"));
  if (kind == "f") return size <= 4 ? "float32" : "float64";
  if (kind == "i") return size <= 4 ? "int32" : "int64";
  if (kind == "u") return size == 1 ? "uint8" : size == 2 ? "int32" : "int64";
  if (kind == "b") return "bool";
  if (kind == "V" && nb::cast<std::string>(nb::str(dtype)) == "bfloat16") return "float32";
  throw nb::type_error(text("an array of dtype ", nb::str(dtype).c_str(), " holds no numbers that cornu takes",
                            kind == "O" ? "; if its rows are of different lengths, pad them (keras.utils.pad_sequences)" : kind == "U" || kind == "S" ? "; turn texts into numbers first" : "").c_str());
}

nb::object as_array(nb::handle object) {
  if (nb::hasattr(object, "__array__") || !nb::hasattr(object, "__dlpack__")) return numpy().attr("asarray")(object);
  return numpy().attr("from_dlpack")(object);
}

/// An array of Python's objects as one of floats, if they are numbers: what a frame with columns of different kinds gives.
nb::object numbers_in(nb::handle array) {
  try {
    return array.attr("astype")("float64");
  } catch (nb::python_error& e) {
    if (!e.matches(PyExc_TypeError) && !e.matches(PyExc_ValueError)) throw;
    return nb::borrow(array);  // held_as says what is wrong
  }
}

}  // namespace

Tensor tensor_from(nb::handle object, Floats floats) {
  if (std::optional<Tensor> tensor = borrowed(object)) return floats == Floats::float32 && tensor->dtype() == DType::float64 ? tensor->cast(DType::float32) : *tensor;
  if (nb::hasattr(object, "__cornu_tensor__")) return tensor_from(object.attr("__cornu_tensor__")(), floats);
  nb::object array = as_array(object);
  const bool plain = PyFloat_Check(object.ptr()) || PyList_Check(object.ptr()) || PyTuple_Check(object.ptr());  // Python's own floats have no width: floatx
  const Shape shape = shape_from(array.attr("shape"));  // ascontiguousarray makes one row of a scalar
  if (nb::cast<std::string>(array.attr("dtype").attr("kind")) == "O") array = numbers_in(array);
  const char* dtype = held_as(array);
  if (std::strcmp(dtype, "float64") == 0 && (floats == Floats::float32 || plain)) dtype = "float32";
  array = numpy().attr("ascontiguousarray")(array, dtype);
  std::optional<Tensor> tensor = borrowed(array);
  if (!tensor) throw nb::type_error(text("cannot read the numbers of a ", Py_TYPE(object.ptr())->tp_name).c_str());
  return tensor->reshaped(shape);
}

nb::object to_numpy(Tensor tensor) {
  static constexpr std::array<nb::dlpack::dtype, 7> types = {nb::dtype<float>(), nb::dtype<double>(), nb::dlpack::dtype{4, 16, 1}, nb::dtype<int32_t>(), nb::dtype<int64_t>(), nb::dtype<uint8_t>(), nb::dtype<bool>()};
  if (tensor.dtype() == DType::bfloat16 || tensor.scale() != 1) return to_numpy(tensor.cast(DType::float32));
  const DType dtype = tensor.dtype();
  auto owner = std::make_unique<Tensor>(std::move(tensor));
  void* data = owner->mutable_data();
  std::vector<size_t> sizes;
  for (const int64_t size : owner->shape()) sizes.push_back(static_cast<size_t>(size));
  const nb::capsule keep(owner.release(), [](void* p) noexcept { delete static_cast<Tensor*>(p); });
  return nb::cast(nb::ndarray<nb::numpy>(data, sizes.size(), sizes.data(), keep, nullptr, types[static_cast<size_t>(dtype)]));
}

DType dtype_from(nb::handle object) {
  if (nb::isinstance<nb::str>(object)) return dtype_named(nb::cast<std::string>(object));
  if (nb::hasattr(object, "__cornu_name__")) return dtype_from(object.attr("__cornu_name__"));
  return dtype_named(nb::cast<std::string>(numpy().attr("dtype")(object).attr("name")));
}

void bind_arrays(nb::module_& m) {
  m.def("shares_memory", [](nb::handle x) {
    const std::optional<Tensor> tensor = borrowed(x);
    return tensor && tensor->dtype() != DType::float64;
  }, "Whether data to train on is read where it lies.");
  m.def("to_float32", [](nb::object x) { return to_numpy(tensor_from(x, Floats::float32)); }, "A NumPy array, float32 where it held float64.");
}

}  // namespace cornu::python
