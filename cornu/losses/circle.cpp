// Circle loss.
#include "cornu/losses/circle.h"

#include "cornu/losses/define_loss.h"
#include "cornu/losses/targets.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

// log sum(e^x) over each row's chosen elements; 0 where there are none, which `any` tells.
struct RowSum {
  Value logarithm, any;
};
RowSum log_sum_exp(Value x, Value chosen) {
  const Value lowest = broadcast_to(scalar(x, -1e30), x.shape());
  const Value largest = stop_gradient(max(select(chosen, x, lowest), {1}, true));
  // What is not chosen becomes e^-1e4 = 0: an infinity in its place would have a gradient of NaN.
  const Value total = sum(exp(select(chosen, x - largest, scalar(x, -1e4))), {1});
  const Value any = greater(total, scalar(total, 0));
  return {select(any, log(select(any, total, scalar(total, 1))) + reshape(largest, total.shape()), scalar(total, 0)), any};
}

}  // namespace

Value Circle::operator()(Value y_true, Value y_pred) const {
  const Shape& shape = y_pred.shape();
  require<ShapeError>(shape.rank() == 2, name, " wants embeddings of shape [batch, size], and was given ", shape);
  const int64_t n = shape[0];
  require<ShapeError>(y_true.shape() == Shape({n}) || y_true.shape() == Shape({n, 1}), name, " wants one integer label for each of ", n, " embeddings, and was given labels of shape ",
                      y_true.shape());
  const Value labels = cast(y_true, DType::int64);
  const Value distance = 1 - matmul(y_pred, y_pred, {.transpose_b = true});
  const Value d = maximum(distance, scalar(distance, 0));
  Value alike = equal(reshape(labels, {n, 1}), reshape(labels, {1, n}));
  const Value others = logical_not(alike);
  if (remove_diagonal) alike = logical_and(alike, not_equal(iota(*y_pred.graph, {n, n}, 0), iota(*y_pred.graph, {n, n}, 1)));

  const auto positive = [](Value x) { return maximum(x, scalar(x, 0)); };
  const RowSum pulled = log_sum_exp(positive(d + margin) * (margin - d) * -gamma, alike);
  const RowSum pushed = log_sum_exp(positive((1 + margin) - d) * ((1 - margin) - d) * gamma, others);
  const Value both = logical_and(pulled.any, pushed.any), values = softplus(pulled.logarithm + pushed.logarithm);
  return select(both, values, scalar(values, 0));
}

Value Circle::mask(Value, Value, Value values) const { return greater(values, scalar(values, 0)); }
CORNU_DEFINE_LOSS(Circle)

}  // namespace cornu
