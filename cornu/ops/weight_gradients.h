// Gradients that read one dy, as one kernel: those of a layer's kernels and of its bias. Like fused.h's ops it comes after differentiation.
#pragma once
#include "cornu/graph/graph.h"

namespace cornu {

/// Inputs: x1 [k, m1], x2 [k, m2], ..., and dy [k, n], all float32. Outputs: x1' dy [m1, n], x2' dy [m2, n], ..., and where `sums` is
/// set the sum of dy's rows [n].
struct WeightGradients {
  bool sums = false;
  bool operator==(const WeightGradients&) const = default;
  struct Rules;
};
template <> const OpRules& rules<WeightGradients>();

/// Whether products of such a k and n are better off together than apart.
bool are_weight_gradients(int64_t m, int64_t n, int64_t k);

}  // namespace cornu
