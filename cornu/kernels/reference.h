// The naive twins of the kernels: float64, index by index, with nothing that could be clever enough to be wrong. Tests
// hold every kernel against them.
#pragma once
#include "cornu/kernels/reduce.h"
#include "cornu/tensor/tensor.h"

namespace cornu::reference {

/// float64, with the axes (from the front) folded away; added up in order.
Tensor reduce(const Tensor& x, Fold fold, const std::vector<int64_t>& axes);
/// int64: the position along `axis` of the first largest (smallest) element.
Tensor argmax(const Tensor& x, int axis, bool smallest);
/// float64, along the last axis.
Tensor softmax(const Tensor& x);
Tensor log_softmax(const Tensor& x);
/// y[i] = x[indices[i]] along axis 0, float64; zeros for an index outside x.
Tensor gather(const Tensor& x, const Tensor& indices);
/// zeros[rows, ...] with updates[i] added at indices[i], float64.
Tensor scatter_add(const Tensor& updates, const Tensor& indices, int64_t rows);

}  // namespace cornu::reference
