// Attention without its matrix of scores: forward and backward, head by head.
#pragma once
#include "cornu/kernels/kernel.h"
#include "cornu/kernels/machine.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

/// q [batch, queries, heads, size], k [batch, keys, heads, size], v and y with `values` in the place of size.
struct AttentionSize {
  int64_t batch = 0, queries = 0, keys = 0, heads = 0, size = 0, values = 0;
  double scale = 1;
  bool causal = false;  // query t sees keys 0..t alone

  /// How many of the keys query t sees.
  int64_t seen(int64_t t) const { return causal && t < keys ? t + 1 : keys; }
};

// Candidates, best first, for float32, float64 and bfloat16 (computed in float32 or better). A slice is some pairs of batch and
// head; each adds up in an order that depends on the sizes alone.

/// Buffers: q, k, v, y, logs. y[b, t, h] = sum over s of p v[b, s, h]; p = exp(scale q . k - logs); logs[b, t, h] = log(sum(exp(scale q . k))).
std::vector<Kernel> attention_kernels(DType dtype, const AttentionSize& size, const Machine& machine);
/// Buffers: q, k, v, y, logs, dy, [dlogs, if has_dlogs], dq, dk, dv.
std::vector<Kernel> attention_gradient_kernels(DType dtype, const AttentionSize& size, bool has_dlogs, const Machine& machine);

}  // namespace cornu
