// Mixed precision, as the dtype policy mixed_bfloat16 has it: what enters a matrix product or a convolution is rounded to bfloat16;
// products are summed in float32. Weights, the optimizer and all other arithmetic stay in float32.
#include <map>

#include "cornu/compiler/passes.h"
#include "cornu/ops/ops.h"

namespace cornu::passes {
namespace {

bool is_product(const Op& op) { return op.as<MatMul>() || op.as<Convolution>() || op.as<ConvolutionInput>() || op.as<ConvolutionKernel>(); }

Value rounded(Value v) { return v.dtype() == DType::float32 ? cast(cast(v, DType::bfloat16), DType::float32) : v; }

/// The bodies of scans, once each: one scan may extend another's.
using Bodies = std::map<const Graph*, std::shared_ptr<const Graph>>;

NewGraph round_in(const Graph& graph, Bodies& bodies) {
  const auto body_of = [&](const std::shared_ptr<const Graph>& body) -> std::shared_ptr<const Graph> {
    if (!body) return body;
    auto& known = bodies[body.get()];
    if (!known) known = round_in(*body, bodies);
    return known;
  };
  return rewrite(graph, [&](Graph& to, const Node& node, Values in) -> std::optional<std::vector<Value>> {
    if (!node.op) return {};
    if (const auto* scan = node.op->as<Scan>()) {
      Scan changed = *scan;
      changed.body = body_of(scan->body), changed.extends = body_of(scan->extends);
      return to.add(changed, in);
    }
    if (!is_product(*node.op)) return {};
    std::vector<Value> operands;
    for (const Value v : in) operands.push_back(rounded(v));
    return to.add(*node.op, operands);
  });
}

}  // namespace

NewGraph round_operands(const Graph& graph) {
  Bodies bodies;
  return round_in(graph, bodies);
}

}  // namespace cornu::passes
