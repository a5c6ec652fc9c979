// IDX, the format of the MNIST family: a big-endian tensor. Bytes 0 0 type rank, then `rank` sizes of 4 bytes, then the numbers.
#pragma once
#include <string>

#include "cornu/data/byte_source.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

/// Reads an IDX file, gzipped or not. Types: uint8, int32, float32 and float64 keep theirs; int8 and int16 become int32.
/// Throws IoError; FormatError, naming the file and the expected and found sizes, unless the file is exactly as long as its
/// header says; LimitError for more than 8 axes or beyond the limits.
Tensor read_idx(const std::string& path, const DataLimits& limits = {});

}  // namespace cornu
