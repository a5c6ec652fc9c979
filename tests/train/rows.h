// A tensor as nested lists, for the JSON files that tests/golden/check_cornu_files.py reads.
#pragma once
#include "cornu/base/config.h"
#include "cornu/tensor/tensor.h"

namespace cornu::testing {

inline Config rows_of(const Tensor& t, int64_t from = 0, size_t axis = 0) {
  if (axis == static_cast<size_t>(t.shape().rank())) return is_float(t.dtype()) ? Config(t.at(from)) : Config(static_cast<int64_t>(t.at(from)));
  int64_t stride = 1;
  for (int a = static_cast<int>(axis) + 1; a < t.shape().rank(); ++a) stride *= t.shape()[a];
  Config::List list;
  for (int64_t i = 0; i < t.shape()[static_cast<int>(axis)]; ++i) list.push_back(rows_of(t, from + i * stride, axis + 1));
  return list;
}

}  // namespace cornu::testing
