#include "cornu/optimizers/ftrl.h"

#include "cornu/ops/ops.h"

namespace cornu {

Value Ftrl::operator()(WeightUpdate& u) const {
  require(learning_rate_power <= 0, "Ftrl: learning_rate_power must be negative or zero, and is ", learning_rate_power);
  require(initial_accumulator_value >= 0, "Ftrl: initial_accumulator_value must be positive or zero, and is ", initial_accumulator_value);
  for (const double strength : {l1_regularization_strength, l2_regularization_strength, l2_shrinkage_regularization_strength})
    require(strength >= 0, "Ftrl: the strength of a regularization must be positive or zero, and one is ", strength);
  const auto raised = [&](Value x) { return learning_rate_power == -0.5 ? sqrt(x) : power(x, scalar(x, -learning_rate_power)); };
  const Value a = u.slot("accumulator"), l = u.slot("linear"), w = u.weight, lr = u.learning_rate;
  const Value next_a = a + square(u.gradient), root = raised(next_a);
  const Value g = l2_shrinkage_regularization_strength == 0 ? u.gradient : u.gradient + w * (2 * l2_shrinkage_regularization_strength);
  const Value next_l = l + (g - (root - raised(a)) / lr * w);
  u.set(a, next_a);
  u.set(l, next_l);
  const Value curve = u.once("curve", [&] { return (beta / (lr * 2) + l2_regularization_strength) * 2; });
  return (clip(next_l, -l1_regularization_strength, l1_regularization_strength) - next_l) / (root / lr + curve);
}

std::vector<std::vector<std::string_view>> Ftrl::slots() const { return {{"accumulator", "linear"}}; }

}  // namespace cornu
