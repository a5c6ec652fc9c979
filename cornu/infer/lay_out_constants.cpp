// Where the kernels of products want their constant operand.
#include "cornu/compiler/pattern.h"
#include "cornu/infer/frozen.h"

namespace cornu::infer {
namespace {

Tensor transposed(const Tensor& matrix) {
  const int64_t rows = matrix.shape()[0], columns = matrix.shape()[1];
  Tensor t(matrix.dtype(), {columns, rows});
  const auto from = matrix.values<float>();
  const auto to = t.mutable_values<float>();
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) to[static_cast<size_t>(j * rows + i)] = from[static_cast<size_t>(i * columns + j)];
  return t;
}

}  // namespace

NewGraph lay_out_constants(const Graph& graph) {
  // The bounds of compiler/layout.cpp: a matrix with few columns is read along its long axis.
  constexpr int64_t few_columns = 16, long_axis = 64;
  return rewrite(graph, [](Graph& to, const Node& node, Values in) -> std::optional<std::vector<Value>> {
    const MatMul* m = node.op ? node.op->as<MatMul>() : nullptr;
    if (!m || m->transpose_b) return {};
    const std::optional<Tensor> b = to[in[1]].constant;
    if (!b || b->dtype() != DType::float32 || b->shape().rank() != 2) return {};
    if (b->shape()[1] < 2 || b->shape()[1] > few_columns || b->shape()[0] < long_axis) return {};
    return std::vector{matmul(in[0], to.constant(transposed(*b)), {.transpose_a = m->transpose_a, .transpose_b = true})};
  });
}

}  // namespace cornu::infer
