// Hinge losses.
#include "cornu/losses/hinge.h"

#include "cornu/losses/define_loss.h"
#include "cornu/losses/targets.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

// 2 y - 1 where the whole batch is 0 or 1, else y.
Value signs_of(Value y) {
  const Value zero_or_one = cast(logical_or(equal(y, scalar(y, 0)), equal(y, scalar(y, 1))), y.dtype());
  const Value binary = min(zero_or_one);
  return select(broadcast_to(not_equal(binary, scalar(binary, 0)), y.shape()), y * 2 - 1, y);
}

Value margins(Value y_true, Value y_pred, std::string_view who) {
  const auto [y, p] = same_shape(y_true, y_pred, who);
  const Value short_of = 1 - signs_of(y) * p;
  return maximum(short_of, scalar(short_of, 0));
}

}  // namespace

Value Hinge::operator()(Value y_true, Value y_pred) const { return mean_along(margins(y_true, y_pred, name)); }
CORNU_DEFINE_LOSS(Hinge)

Value SquaredHinge::operator()(Value y_true, Value y_pred) const { return mean_along(square(margins(y_true, y_pred, name))); }
CORNU_DEFINE_LOSS(SquaredHinge)

Value CategoricalHinge::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  const Value short_of = max((1 - y) * p, {-1}) - sum(y * p, {-1}) + 1;
  return maximum(short_of, scalar(short_of, 0));
}
CORNU_DEFINE_LOSS(CategoricalHinge)

}  // namespace cornu
