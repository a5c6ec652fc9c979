// Mixed precision, as the dtype policy mixed_bfloat16 has it: what enters a matrix product or a convolution is rounded to bfloat16;
// products are summed in float32. Weights, the optimizer and all other arithmetic stay in float32.
#include "cornu/compiler/passes.h"
#include "cornu/ops/ops.h"

namespace cornu::passes {
namespace {

bool is_product(const Op& op) { return op.as<MatMul>() || op.as<Convolution>() || op.as<ConvolutionInput>() || op.as<ConvolutionKernel>(); }

Value rounded(Value v) { return v.dtype() == DType::float32 ? cast(cast(v, DType::bfloat16), DType::float32) : v; }

/// The bodies of scans, once each: one scan may extend another's.
struct Rounding {
  const std::map<std::string, bool>& of_layers;
  std::map<const Graph*, std::shared_ptr<const Graph>> bodies = {};

  /// `all`: what holds for nodes of no layer in particular.
  NewGraph in(const Graph& graph, bool all) {
    return rewrite(graph, [&](Graph& to, const Node& node, Values in) -> std::optional<std::vector<Value>> {
      if (!node.op) return {};
      const auto own = of_layers.find(node.where);
      const bool rounds = own == of_layers.end() ? all : own->second;
      if (const auto* scan = node.op->as<Scan>()) {
        Scan changed = *scan;
        changed.body = body(scan->body, rounds), changed.extends = body(scan->extends, rounds);
        return to.add(changed, in);
      }
      if (!rounds || !is_product(*node.op)) return {};
      std::vector<Value> operands;
      for (const Value v : in) operands.push_back(rounded(v));
      return to.add(*node.op, operands);
    });
  }

  std::shared_ptr<const Graph> body(const std::shared_ptr<const Graph>& given, bool rounds) {
    if (!given) return given;
    auto& known = bodies[given.get()];
    if (!known) known = in(*given, rounds);
    return known;
  }
};

}  // namespace

NewGraph round_operands(const Graph& graph, bool all, const std::map<std::string, bool>& of_layers) { return Rounding{of_layers}.in(graph, all); }

}  // namespace cornu::passes
