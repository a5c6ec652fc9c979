// What depends on weights alone is computed once, when a Predictor is made.
#include <algorithm>

#include "cornu/infer/frozen.h"
#include "cornu/runtime/denormals.h"

namespace cornu::infer {
namespace {

/// A stretched or repeated constant costs more to read than to make again.
bool is_worth_keeping(const Node& node, Values in) {
  constexpr size_t small = size_t{1} << 16;
  size_t given = 0, made = 0;
  for (const Value v : in) given += v.type().bytes();
  for (const TensorType& t : node.out) made += t.bytes();
  return made <= std::max(small, 2 * given);
}

bool depends_on_constants_alone(const Node& node, Values in) {
  if (!node.op || node.op->properties().random || !node.op->graphs().empty()) return false;
  return std::all_of(in.begin(), in.end(), [](Value v) { return (*v.graph)[v].constant.has_value(); });
}

std::vector<Value> computed(Graph& to, const Node& node, Values in) {
  std::vector<TensorType> types;
  std::vector<void*> buffers;
  for (const Value v : in) {
    types.push_back(v.type());
    buffers.push_back(const_cast<void*>(to[v].constant->data()));  // kernels only read their inputs
  }
  if (node.op->properties().view) return {to.constant(to[in[0]].constant->reshaped(node.out[0].shape))};
  const Kernel kernel = node.op->kernels({types, node.out, this_machine()}).front();
  std::vector<Tensor> results;
  for (const TensorType& t : node.out) buffers.push_back(results.emplace_back(t.dtype, t.shape).mutable_data());
  Tensor workspace(DType::uint8, {static_cast<int64_t>(kernel.workspace_bytes)}), scratch(DType::uint8, {static_cast<int64_t>(kernel.scratch_bytes)});
  buffers.push_back(workspace.mutable_data());
  {
    const FlushDenormals flush;  // as a Program does
    for (const Phase& phase : kernel.phases)
      for (int i = 0; i < phase.slices; ++i) phase.run(kernel.context.get(), buffers.data(), i, scratch.mutable_data());
  }
  std::vector<Value> values;
  for (Tensor& t : results) values.push_back(to.constant(std::move(t)));
  return values;
}

}  // namespace

NewGraph fold_constants(const Graph& graph) {
  return rewrite(graph, [](Graph& to, const Node& node, Values in) -> std::optional<std::vector<Value>> {
    if (!depends_on_constants_alone(node, in) || !is_worth_keeping(node, in)) return {};
    return computed(to, node, in);
  });
}

}  // namespace cornu::infer
