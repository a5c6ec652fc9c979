// The graph as text, for people, tests and reviews:
//
//   x: input float32[32, 784]
//   dense/kernel: state float32[784, 10]
//   %0: float32[32, 10] = matmul(x, dense/kernel)
//   %1: float32[32, 10] = multiply(%0, 0.5)
//   dense/kernel <- %7
//   return %1
//
// Scalar constants stand where they are used, as numbers; larger ones are lines of their own: "%2: constant int64[2] {1, 2}".
// Attributes that have their default are left out. The types of ops are optional when read.
#pragma once
#include "cornu/graph/graph.h"

namespace cornu {

std::string to_text(const Graph& graph);

using FindOp = const OpRules* (*)(std::string_view name);
/// Reads what to_text writes. Throws FormatError with the line's number. `find` knows the ops (ops/catalogue.h).
std::unique_ptr<Graph> parse_graph(std::string_view text, FindOp find);

/// Throws InternalError unless the graph keeps its promises: nodes in order, inferred types as recorded, one assignment
/// for each state, of its type. The compiler calls it after every pass, with the pass's name.
void verify(const Graph& graph, std::string_view after);

}  // namespace cornu
