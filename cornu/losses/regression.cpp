// Losses between numbers.
#include "cornu/losses/regression.h"

#include <numbers>

#include "cornu/losses/define_loss.h"
#include "cornu/losses/targets.h"
#include "cornu/ops/ops.h"

namespace cornu {

Value MeanSquaredError::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  return mean_along(square(y - p));
}
CORNU_DEFINE_LOSS(MeanSquaredError)

Value MeanAbsoluteError::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  return mean_along(absolute(y - p));
}
CORNU_DEFINE_LOSS(MeanAbsoluteError)

Value MeanAbsolutePercentageError::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  const Value size = absolute(y);
  return mean_along(absolute((y - p) / maximum(size, scalar(size, keras_epsilon)))) * 100;
}
CORNU_DEFINE_LOSS(MeanAbsolutePercentageError)

Value MeanSquaredLogarithmicError::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  const auto log_of = [](Value x) { return log(maximum(x, scalar(x, keras_epsilon)) + 1); };
  return mean_along(square(log_of(p) - log_of(y)));
}
CORNU_DEFINE_LOSS(MeanSquaredLogarithmicError)

Value cosine_of_angle(Value y_true, Value y_pred, int64_t axis, std::string_view who) {
  const auto [y, p] = same_shape(y_true, y_pred, who);
  const auto unit = [axis](Value x) {
    const Value squares = sum(square(x), {axis}, true);
    return x * rsqrt(maximum(squares, scalar(squares, keras_epsilon * keras_epsilon)));
  };
  return sum(unit(y) * unit(p), {axis});
}

Value CosineSimilarity::operator()(Value y_true, Value y_pred) const { return -cosine_of_angle(y_true, y_pred, axis, name); }
CORNU_DEFINE_LOSS(CosineSimilarity)

Value Huber::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  // With m = min(|e|, delta): m (|e| - m / 2) is e^2 / 2 inside and delta |e| - delta^2 / 2 outside.
  const Value e = absolute(p - y), m = minimum(e, scalar(e, delta));
  return mean_along(m * (e - m * 0.5));
}
CORNU_DEFINE_LOSS(Huber)

Value LogCosh::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  // log((e^e + e^-e) / 2) = e + log(1 + e^-2e) - log 2
  const Value e = p - y;
  return mean_along(e + softplus(e * -2) - std::numbers::ln2);
}
CORNU_DEFINE_LOSS(LogCosh)

}  // namespace cornu
