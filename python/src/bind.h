// What the files of the extension share. One file binds one subject; module.cpp is their index.
#pragma once
#include <nanobind/nanobind.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cornu/cornu.h"

namespace cornu::python {

namespace nb = nanobind;

/// A Python object that C++ keeps: copied and let go by any thread, with or without the GIL.
class Reference {
 public:
  Reference() = default;
  /// Takes a reference of its own. With the GIL.
  explicit Reference(nb::handle object);
  explicit operator bool() const { return object_ != nullptr; }
  /// With the GIL.
  nb::object get() const { return nb::borrow<nb::object>(static_cast<PyObject*>(object_.get())); }

 private:
  std::shared_ptr<void> object_;
};

/// A Python object that C++ knows and does not keep: what keeps it is Python's, or a handle that was made to (Layer::keeping).
class Acquaintance {
 public:
  Acquaintance() = default;
  explicit Acquaintance(nb::handle object) : to_(nb::weakref(object)) {}
  /// With the GIL. Throws InternalError once it is gone; `what` it was.
  nb::object get(std::string_view what) const {
    const nb::object object = to_.get()();
    ensure(!object.is_none(), what, " is used, and its object of Python's is gone");
    return object;
  }

 private:
  Reference to_;
};

// ---- config.cpp
/// None, booleans, numbers (NumPy's too), strings, lists, tuples, dicts. An object becomes what its `__cornu_config__()` returns: a
/// description, or a Held. Functions that stand for something of cornu's have its name as `__cornu_name__`. Throws TypeError, naming
/// the type, for anything else.
Config config_from(nb::handle object);
/// An object of C++'s on its way through Python, into a Config: `_cornu.Held`. trace.cpp makes them from Python's functions:
/// python_activation(f), python_initializer(f), python_regularizer(f), python_constraint(f), python_loss(f), python_metric(f).
struct Held {
  Config config;
};
nb::object to_python(const Config& config);
Shape shape_from(nb::handle object);       // None is Shape::unknown
nb::tuple to_python(const Shape& shape);   // Shape::unknown is None

// ---- layers.cpp
/// A weight of a layer, wherever the layer's models keep it.
struct Weight {
  std::string path;  // "kernel"
  std::shared_ptr<WeightMemory> memory;
};

// ---- array.cpp
/// How numbers that come from Python are seen.
enum class Floats { as_they_are, float32 };  // float64 becomes float32: data to train on
/// A NumPy array, anything with __array__ or DLPack, a number, a nested list. Without a copy where its layout permits. float16
/// becomes float32, small integers int32, unsigned ones int64. Throws TypeError for strings and objects.
Tensor tensor_from(nb::handle object, Floats floats = Floats::as_they_are);
/// A NumPy array over the tensor's memory; its own to write to.
nb::object to_numpy(Tensor tensor);
/// The dtype that any of Python's ways to say it names: "float32", np.float32, np.dtype("float32"), tf.float32.
DType dtype_from(nb::handle object);

// ---- one function for each file, called by module.cpp
void bind_errors(nb::module_& m);
void bind_config(nb::module_& m);
void bind_arrays(nb::module_& m);
void bind_layers(nb::module_& m);
void bind_symbols(nb::module_& m);
void bind_choices(nb::module_& m);
void bind_callbacks(nb::module_& m);
void bind_models(nb::module_& m);
void bind_direct(nb::module_& m);  // eager.h: tensors, ops, tapes, classes written in Python
void bind_running(nb::module_& m);
void bind_preprocessing(nb::module_& m);

}  // namespace cornu::python
