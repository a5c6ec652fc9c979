// From pointwise ops to programs of the tile machine.
#pragma once
#include <optional>

#include "cornu/ops/fused.h"
#include "cornu/ops/pointwise_simd.h"

namespace cornu {

/// Which line of pointwise.def an op is; empty for any other op.
std::optional<Pointwise> pointwise_of(const Op& op);

/// The chain of one op alone.
Fused alone(Op op, int inputs);

/// The types of a chain's inputs and steps, numbered as FusedStep::operands are. Throws ShapeError as the ops do.
std::vector<TensorType> types_of(const Fused& fused, Types in);

/// A step, with the single-use steps before it, as one instruction.
struct SuperMatch {
  SuperOp op;
  std::vector<int> operands;  // numbered as FusedStep::operands
  std::vector<int> absorbed;  // steps that need no instruction of their own
};

/// For each step the super-op that replaces it and those before it, if any: chosen from the last step to the first, the
/// largest that fits. Only steps computed in float32 take part.
std::vector<std::optional<SuperMatch>> super_ops(const Fused& fused, Types types);

}  // namespace cornu
