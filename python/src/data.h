// What fit, evaluate and predict are given, from Python.
#pragma once
#include "bind.h"

namespace cornu::python {

/// How float64 is seen that the model is given.
Floats floats_of(const Model& model);
/// An array, a list or tuple of them, or a dict by name; None is nothing. The dtype is that of the model's numbers.
TensorGroup group_from(nb::handle object, const Model& model);
/// Batches from `next_batch`: called without arguments, with the GIL, it gives (x, y, sample_weight), each as group_from takes it,
/// or None at the end of an epoch. `steps`: how many there are in an epoch, or None.
Source source_from(nb::handle next_batch, nb::handle steps, Model& model, const std::map<int64_t, double>& class_weight, std::string_view what);
std::map<int64_t, double> class_weight_from(nb::handle dict);

}  // namespace cornu::python
