// Deviations from a mean sum to nothing: what a variance's gradient sends to the mean is not computed. sum((x - mean(x)) c) is zero but
// for rounding, where c is the same all along the axes of the mean.
#include <algorithm>
#include <cmath>

#include "cornu/compiler/passes.h"
#include "cornu/compiler/pattern.h"

namespace cornu::passes {
namespace {

/// Whether `v` does not change along `axes` of a tensor of `rank`.
bool is_constant_along(Value v, const std::vector<int64_t>& axes, int rank) {
  return std::all_of(axes.begin(), axes.end(), [&](int64_t axis) {
    const int64_t own = axis - (rank - v.shape().rank());
    return own < 0 || v.shape()[static_cast<int>(own)] == 1;
  });
}

/// Whether `m` is the mean of `x` over `axes`, with the axes kept.
bool is_mean(Value m, Value x, const std::vector<int64_t>& axes) {
  if (!made_by<multiply_op>(m) && !made_by<divide_op>(m)) return false;
  const auto* sum = made_by<Reduce>(operand(m, 0));
  const auto factor = constant_number(operand(m, 1));
  if (!sum || !factor || sum->kind != Reduction::sum || !sum->keep_dims || sum->axes != axes || operand(operand(m, 0), 0) != x) return false;
  double n = 1;
  for (const int64_t axis : axes) n *= static_cast<double>(x.shape()[static_cast<int>(axis)]);
  const double share = made_by<divide_op>(m) ? 1 / *factor : *factor;
  return std::abs(share * n - 1) < 1e-6;
}

// The sum of deviations, times what is the same for all of them.
bool sums_deviations(const Reduce& sum, Value v) {
  const int rank = v.shape().rank();
  for (;;) {
    const bool twice = made_by<add_op>(v) && operand(v, 0) == operand(v, 1);
    if (twice || made_by<negative_op>(v)) {
      v = operand(v, 0);
    } else if (made_by<multiply_op>(v) || made_by<divide_op>(v)) {
      if (is_constant_along(operand(v, 1), sum.axes, rank)) v = operand(v, 0);
      else if (made_by<multiply_op>(v) && is_constant_along(operand(v, 0), sum.axes, rank)) v = operand(v, 1);
      else return false;
    } else {
      return made_by<subtract_op>(v) && operand(v, 0).shape().rank() == rank && is_mean(operand(v, 1), operand(v, 0), sum.axes);
    }
  }
}

bool is_zeros(Value v) {
  const auto& constant = node_of(v).constant;
  if (!constant || constant->dtype() != DType::float32 || constant->size() > 4096) return false;
  const auto numbers = constant->values<float>();
  return std::all_of(numbers.begin(), numbers.end(), [](float x) { return x == 0; });
}

}  // namespace

NewGraph drop_deviations(const Graph& graph) {
  return rewrite(graph, [](Graph& to, const Node& node, Values in) -> std::optional<std::vector<Value>> {
    if (!node.op || node.out.size() != 1 || node.out[0].dtype != DType::float32) return {};
    const auto zeros = [&] { return std::vector{to.constant(Tensor(DType::float32, node.out[0].shape))}; };
    if (const auto* sum = node.op->as<Reduce>(); sum && sum->kind == Reduction::sum && !sum->axes.empty() && sums_deviations(*sum, in[0])) return zeros();
    if (node.op->as<Reshape>() && is_zeros(in[0])) return zeros();
    if (node.op->as<add_op>())
      for (size_t side : {0, 1})
        if (is_zeros(in[side]) && in[1 - side].type() == node.out[0]) return std::vector{in[1 - side]};
    if (node.op->as<negative_op>() && is_zeros(in[0])) return std::vector{in[0]};
    return {};
  });
}

}  // namespace cornu::passes
