// A chain of pointwise ops and the sums of its results, as one kernel. Like fused.h's ops it comes after differentiation.
#pragma once
#include "cornu/ops/fused.h"

namespace cornu {

/// Outputs: the chain's first `stored` ones, then for each of `sums` that output of the chain summed over all axes but the last,
/// with the other axes kept as ones where `keep_dims` has a 1. Chain outputs from `stored` on exist for their sums alone.
struct FusedSums {
  Fused chain;
  int stored = 0;
  std::vector<int> sums, keep_dims;
  bool operator==(const FusedSums&) const = default;
  struct Rules;
};
template <> const OpRules& rules<FusedSums>();

}  // namespace cornu
