// The passes, in the order in which compile.cpp runs them. Each returns a new graph and leaves what it made dead in
// place: the runner sweeps, verifies and times.
#pragma once
#include <map>
#include <set>

#include "cornu/compiler/compile.h"

namespace cornu::passes {

using NewGraph = std::unique_ptr<Graph>;

/// What enters matrix products and convolutions is rounded to bfloat16, and comes back as float32: where `of_layers` says so of the
/// layer that made them (Node::where), elsewhere if `all`.
NewGraph round_operands(const Graph& graph, bool all, const std::map<std::string, bool>& of_layers);
/// States listed as transposed become states of the transposed type, read and written through a Transpose.
NewGraph layout(const Graph& graph, const std::set<std::string>& transposed_states);
/// Local rules: identities, constants, needless broadcasts and casts, transposes into the products that read them,
/// image scales out of the products.
NewGraph simplify(const Graph& graph);
/// Equal ops on equal inputs become one.
NewGraph share(const Graph& graph);
/// Sums of deviations from a mean are zero: a variance's gradient with respect to the mean.
NewGraph drop_deviations(const Graph& graph);
/// A scan and the longer one that its gradient made become one.
NewGraph merge_scans(const Graph& graph);
/// What follows from most results of a max-pooled convolution going nowhere, and most of its gradient being zeros.
NewGraph max_pooling(const Graph& graph);
/// Pointwise ops and sums on a reshape of what comes from a product of matrices run on its rows and columns.
NewGraph rows(const Graph& graph);
/// Chains and fans of pointwise ops over one shape become one Fused op.
NewGraph fuse_pointwise(const Graph& graph);
/// Products x' dy of one dy, and the sum of dy's rows, become one op.
NewGraph group_gradients(const Graph& graph);
/// Sums over all axes but the last join the chain that makes what they add up.
NewGraph fuse_sums(const Graph& graph);
/// Fused ops of one form whose results are only stored (optimizer updates) become one.
NewGraph group_updates(const Graph& graph);
/// A Fused op that reads the result of an op that can run it on its own blocks moves into it.
NewGraph fuse_epilogue(const Graph& graph);
/// An order of the nodes in which states are written as late, and intermediate values live as short, as can be.
NewGraph schedule(const Graph& graph);
/// Of a scheduled graph: values that wait long in memory are computed again where they are read late, until no step has more than
/// `enough` bytes in memory, or nothing helps: pointwise chains, and with `costly_too` any op.
NewGraph recompute(const Graph& scheduled, int64_t enough, bool costly_too);

}  // namespace cornu::passes
