// From the types of HDF5 to those of tensors.
#pragma once
#include "cornu/io/hdf5_format.h"
#include "cornu/tensor/tensor.h"

namespace cornu::hdf5 {

/// The dtype in which a dataset of this type is read. UnsupportedError for types that tensors lack.
DType tensor_dtype(const Datatype& type);
/// False when the file's bytes are the tensor's.
bool needs_conversion(const Datatype& type);
/// Fills `to`, of tensor_dtype(type), from the file's bytes.
void convert_numbers(const Datatype& type, ByteView from, Tensor& to);

}  // namespace cornu::hdf5
