// Functions that run in the middle of a Program: a metric's result, Python's by py_function.
#pragma once
#include "eager.h"

namespace cornu::python {

using HostFunction = std::function<std::vector<Tensor>(const std::vector<Tensor>&)>;

/// What f makes of these when the numbers are there: tensors of the types `out`. It has no gradient. An error in f is thrown once the
/// step is over, by throw_host_error(); until then its outputs are zeros.
std::vector<AnyTensor> host_call(const std::vector<AnyTensor>& in, std::vector<TensorType> out, HostFunction f);
AnyTensor host_call(const std::vector<AnyTensor>& in, TensorType out, std::function<Tensor(const std::vector<Tensor>&)> f);

/// To be called after a Program has run: throws what a function in it threw.
void throw_host_error();
/// Whether this thread runs a function of a Program's: direct computation then has an Eager of its own.
bool in_host_call();

}  // namespace cornu::python
