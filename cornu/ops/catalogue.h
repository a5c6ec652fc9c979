// All ops, as data: for the contract tests, the text parser and the documentation.
#pragma once
#include "cornu/ops/ops.h"

namespace cornu {

/// The rules of every op in the Catalogue, in its order.
std::span<const OpRules* const> catalogue();

/// The rules of the op with that name, or null.
const OpRules* find_op(std::string_view name);

}  // namespace cornu
