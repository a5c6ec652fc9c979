// The product that a Predictor computes in 8 bits. Made by the pass `quantize` alone, and not in the Catalogue.
#pragma once
#include "cornu/base/fields.h"
#include "cornu/graph/graph.h"

namespace cornu {

/// y[..., j] = sum over p of x[..., p] (bytes[j, p] - 128) factor[j], where each row of x is rounded first: to q max|x| / 127 with q
/// an integer from -127 to 127. The sums of integers are exact. x float32 [..., k], bytes uint8 [n, k], factor float32 [n].
struct QuantizedMatMul {
  bool operator==(const QuantizedMatMul&) const = default;
  CORNU_FIELDS()
  struct Rules;
};
template <> const OpRules& rules<QuantizedMatMul>();

}  // namespace cornu
