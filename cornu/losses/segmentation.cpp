// Dice and Tversky.
#include "cornu/losses/segmentation.h"

#include "cornu/losses/define_loss.h"
#include "cornu/losses/targets.h"
#include "cornu/ops/ops.h"

namespace cornu {

Config to_config(const AxesOrAll& axes) {
  if (axes.one) return axes.list[0];
  return axes.list.empty() ? Config() : to_config(axes.list);
}
void from_config(const Config& config, AxesOrAll& axes) {
  if (config.is_null()) axes = {};
  else if (config.is_int()) axes = config.as_int();
  else {
    axes = {};
    from_config(config, axes.list);
  }
}

namespace {
// The axes, each of which y has.
std::vector<int64_t> checked(const AxesOrAll& axes, Value y, std::string_view who) {
  for (const int64_t a : axes.list)
    require<ShapeError>(a >= -y.shape().rank() && a < y.shape().rank(), who, ": axis ", a, " is none of values of shape ", y.shape());
  return axes.list;
}
}  // namespace

Value Dice::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  const std::vector<int64_t> over = checked(axis, y, name);
  return 1 - sum(y * p, over) * 2 / (sum(y, over) + sum(p, over) + keras_epsilon);
}
CORNU_DEFINE_LOSS(Dice)

Value Tversky::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  const std::vector<int64_t> over = checked(axis, y, name);
  const Value both = sum(y * p, over), missed = sum((1 - p) * y, over), too_much = sum(p * (1 - y), over);
  return 1 - both / (both + missed * alpha + too_much * beta + keras_epsilon);
}
CORNU_DEFINE_LOSS(Tversky)

}  // namespace cornu
