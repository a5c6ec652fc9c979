// Arrays in groups, and batches that Python makes.
#include "data.h"

#include "cornu/train/model_state.h"

namespace cornu::python {
namespace {

bool is_array(nb::handle object) { return nb::hasattr(object, "shape") || nb::hasattr(object, "__array__") || nb::hasattr(object, "__dlpack__"); }

/// Whether a list is one of arrays, rather than of numbers.
bool is_group(nb::handle object) {
  if (!PyList_Check(object.ptr()) && !PyTuple_Check(object.ptr())) return false;
  for (const nb::handle item : object)
    if (!is_array(item)) return false;
  return nb::len(object) > 0;
}

}  // namespace

Floats floats_of(const Model& model) { return model.dtype_policy() == "float64" ? Floats::as_they_are : Floats::float32; }

TensorGroup group_from(nb::handle object, const Model& model) {
  const Floats floats = floats_of(model);
  if (object.is_none()) return {};
  if (PyDict_Check(object.ptr())) {
    std::map<std::string, Tensor> by_name;
    for (const auto& [name, value] : nb::borrow<nb::dict>(object)) by_name.emplace(nb::str(name).c_str(), tensor_from(value, floats));
    return by_name;
  }
  if (!is_group(object)) return tensor_from(object, floats);
  std::vector<Tensor> list;
  for (const nb::handle item : object) list.push_back(tensor_from(item, floats));
  return list;
}

std::map<int64_t, double> class_weight_from(nb::handle dict) {
  std::map<int64_t, double> weights;
  if (dict.is_none()) return weights;
  for (const auto& [label, weight] : nb::borrow<nb::dict>(dict)) weights[nb::cast<int64_t>(nb::int_(nb::borrow(label)))] = nb::cast<double>(nb::float_(nb::borrow(weight)));
  return weights;
}

Source source_from(nb::handle next_batch, nb::handle steps, Model& model, const std::map<int64_t, double>& class_weight, std::string_view what) {
  const Generator generator = [next = Reference(next_batch), &model, class_weight, what = std::string(what)]() -> std::optional<Samples> {
    TensorGroup x, y, weight;
    {
      const nb::gil_scoped_acquire gil;
      const nb::object batch = next.get()();
      if (batch.is_none()) return {};
      x = group_from(batch[0], model), y = group_from(batch[1], model), weight = group_from(batch[2], model);
    }
    if (y.empty()) return Samples{inputs_of(model.state(), x, what)};
    return samples_of(model.state(), x, y, weight, class_weight, what);
  };
  return steps.is_none() ? Source(generator) : Source(generator, nb::cast<int64_t>(steps));
}

}  // namespace cornu::python
