// What the compiler's passes build out of pointwise ops: chains that run as one kernel. Nobody else makes these ops, and they
// are not in the Catalogue: they come after differentiation and have no gradient.
#pragma once
#include <span>
#include <vector>

#include "cornu/graph/graph.h"
#include "cornu/kernels/tile.h"

namespace cornu {

/// One pointwise op (or cast) inside a chain. Operands are numbered: the chain's inputs first, then the steps' results.
struct FusedStep {
  Op op;
  std::vector<int> operands;
  bool operator==(const FusedStep&) const = default;
};

/// A chain of pointwise ops over one space, with any number of results. Inputs broadcast to the outputs' shape; all
/// outputs have that one shape (the steps in between may be smaller). Prints as
/// fused {inputs: 2, steps: [["add", 0, 1], ["relu", 2]], outputs: [3]}.
/// Any input of an output's dtype and shape may share its memory.
struct Fused {
  int inputs = 0;
  std::vector<FusedStep> steps;
  std::vector<int> outputs;  // numbers as in FusedStep::operands; an input may be one
  bool operator==(const Fused&) const = default;
  struct Rules;
};

/// Several chains, each over its own space, as one kernel: the updates of all weights. Inputs and outputs: those of the
/// first, then those of the second, and so on.
struct FusedSegments {
  std::vector<Fused> segments;
  bool operator==(const FusedSegments&) const = default;
  struct Rules;
};

/// `producer` (it absorbs_epilogue and has one float32 output) with a chain run on each block of its result. Inputs: the
/// producer's, then the chain's operands 1, 2, ...; the chain's operand 0 is the producer's result. Outputs: the chain's,
/// each of the shape of the producer's result; where that result is wanted too, name operand 0 as an output.
struct WithEpilogue {
  Op producer;
  int producer_inputs = 0;
  Fused epilogue;
  bool operator==(const WithEpilogue&) const = default;
  struct Rules;
};

/// True for every op that can be a node of `fuse`: pointwise ops, casts, and Fused itself.
bool is_fusible(const Op& op);

/// What `fuse` found: graph.add(fused, inputs) computes `outputs` in their order.
struct FusedGroup {
  Fused fused;
  std::vector<Value> inputs;
};
/// The chain that computes `outputs` with `nodes` (ascending, each fusible) and reads the rest of the graph. Fused nodes
/// are taken apart into their steps; equal steps are kept once; what `outputs` do not need is left out. With `first`, that
/// value becomes operand 0 even if others are met before it: for epilogues. Throws InternalError if an output is not made by `nodes`.
FusedGroup fuse(const Graph& graph, std::span<const int> nodes, Values outputs, Value first = {});

/// The tile program of a chain for inputs of these types. `naive` leaves out SIMD and super-ops and computes in double:
/// the twin that tests compare with.
TileProgram tile_program(const Fused& fused, Types in, bool naive = false);

/// The rules of Fused, FusedSegments, WithEpilogue and the ops of convolution_of_maxima.h, fused_sums.h and weight_gradients.h, for the graph's text form.
std::span<const OpRules* const> compiler_ops();

template <> const OpRules& rules<Fused>();
template <> const OpRules& rules<FusedSegments>();
template <> const OpRules& rules<WithEpilogue>();

}  // namespace cornu
