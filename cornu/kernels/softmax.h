// Softmax and cross entropy along rows of classes. All subtract the row's maximum first.
#pragma once
#include "cornu/kernels/kernel.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

/// How many rows there are, of how many classes.
struct Rows {
  int64_t rows = 0, classes = 0;
};

// Candidates, best first, for float32, float64 and bfloat16 (computed in float32 or better). x, y, probabilities and
// dlogits are [rows, classes] of `dtype`; loss and dloss are [rows].

/// Buffers: x, y = exp(x - max) / sum(exp(x - max)).
std::vector<Kernel> softmax_kernels(DType dtype, Rows size);
/// Buffers: x, y = x - max - log(sum(exp(x - max))).
std::vector<Kernel> log_softmax_kernels(DType dtype, Rows size);
/// Buffers: logits, labels, loss = -log(softmax(logits)[label]), probabilities. A label that is no class gives NaN.
std::vector<Kernel> sparse_cross_entropy_kernels(DType dtype, DType labels, Rows size);
/// Buffers: logits, target, loss = -sum(target log(softmax(logits))), probabilities. A target of zero adds nothing.
std::vector<Kernel> cross_entropy_kernels(DType dtype, Rows size);
/// Buffers: probabilities, labels, dloss, dlogits = dloss (probabilities - one_hot(label)). NaN for a label that is no
/// class. dlogits may be the memory of probabilities.
std::vector<Kernel> sparse_cross_entropy_gradient_kernels(DType dtype, DType labels, Rows size);
/// Buffers: probabilities, target, dloss, dlogits = dloss (probabilities sum(target) - target). dlogits may be the
/// memory of probabilities or target.
std::vector<Kernel> cross_entropy_gradient_kernels(DType dtype, Rows size);

/// The rows that simd_softmax takes at a time.
inline constexpr int64_t softmax_rows_at_once = 32;

/// float32, for this processor, for at most softmax_rows_at_once rows: y = softmax(x), max[r] the row's maximum and
/// log_sum[r] = log(sum(exp(x - max))). y may not be x.
void simd_softmax(const float* x, Rows size, float* y, float* max, float* log_sum);
/// y = x - max[r] - log_sum[r].
void simd_subtract_rows(const float* x, Rows size, const float* max, const float* log_sum, float* y);
/// d = p * by[r].
void simd_scale_rows(const float* p, Rows size, const float* by, float* d);
/// loss[r] = sum(t (log_sum[r] - (x - max[r]))), without the terms where t is zero.
void simd_cross_entropy(const float* x, const float* t, Rows size, const float* max, const float* log_sum, float* loss);
/// d = dloss[r] (p sum(t) - t).
void simd_cross_entropy_gradient(const float* p, const float* t, Rows size, const float* dloss, float* d);

}  // namespace cornu
