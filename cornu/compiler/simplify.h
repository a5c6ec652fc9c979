// What the rules of simplify are, and those that are in files of their own. Private to simplify.
#pragma once
#include "cornu/compiler/pattern.h"

namespace cornu::passes {

/// An op on inputs that are simplified already.
struct Subject {
  Graph& graph;
  const Op& op;
  Values in;
  const TensorType& out;
};
/// What to use instead of it, or nothing.
using Rule = std::optional<Value> (*)(const Subject& s);

/// pad(a) + pad(b) + ... -> concat(a, b, ...) where they lie side by side and fill the whole: the gradient of a split.
std::optional<Value> pads_side_by_side(const Subject& s);
/// transpose(gather(x, indices)) -> gather(x, transpose(indices)) where whole rows trade places; the same of scatter_add.
std::optional<Value> picks_in_order(const Subject& s);

}  // namespace cornu::passes
