#include "cornu/optimizers/adam.h"

#include "cornu/ops/ops.h"

namespace cornu {
namespace {

/// 1 - beta^t.
Value correction(WeightUpdate& u, std::string_view name, double beta) {
  return u.once(text("1 - ", name, "^t"), [&] { return 1 - power(scalar(u.step, beta), u.step); });
}

struct Moments {
  Value m, v;
};
/// m += (g - m)(1 - beta_1), v += (g^2 - v)(1 - beta_2), as kept from now on.
Moments next_moments(WeightUpdate& u, double beta_1, double beta_2) {
  const Value m = u.slot("momentum"), v = u.slot("velocity"), g = u.gradient;
  const Moments next{m + (g - m) * (1 - beta_1), v + (square(g) - v) * (1 - beta_2)};
  u.set(m, next.m);
  u.set(v, next.v);
  return next;
}

std::vector<std::vector<std::string_view>> adam_slots(bool amsgrad) {
  if (amsgrad) return {{"momentum", "velocity"}, {"velocity_hat"}};
  return {{"momentum", "velocity"}};
}

}  // namespace

Value AdamFormula::operator()(WeightUpdate& u) const {
  const Value alpha = u.once("alpha", [&] {
    const Value t = u.step, rate = rate_factor == 1 ? u.learning_rate : u.learning_rate * rate_factor;
    return rate * sqrt(1 - power(scalar(t, beta_2), t)) / (1 - power(scalar(t, beta_1), t));
  });
  const Moments next = next_moments(u, beta_1, beta_2);
  Value divisor = next.v;
  if (amsgrad) {
    const Value largest = u.slot("velocity_hat");
    divisor = maximum(largest, next.v);
    u.set(largest, divisor);
  }
  return u.weight - next.m * alpha / (sqrt(divisor) + epsilon);
}

std::vector<std::vector<std::string_view>> Adam::slots() const { return adam_slots(amsgrad); }
Value Adam::operator()(WeightUpdate& u) const { return AdamFormula{beta_1, beta_2, epsilon, amsgrad}(u); }
std::vector<std::vector<std::string_view>> AdamW::slots() const { return adam_slots(amsgrad); }
Value AdamW::operator()(WeightUpdate& u) const {
  require(weight_decay.has_value(), "AdamW: weight_decay must be a number; use Adam to have none");
  return AdamFormula{beta_1, beta_2, epsilon, amsgrad}(u);
}

Value Adamax::operator()(WeightUpdate& u) const {
  const Value m = u.slot("momentum"), norm = u.slot("norm"), g = u.gradient;
  const Value next_m = m + (g - m) * (1 - beta_1), next_norm = maximum(norm * beta_2, absolute(g));
  u.set(m, next_m);
  u.set(norm, next_norm);
  const Value alpha = u.once("alpha", [&] { return u.learning_rate / (1 - power(scalar(u.step, beta_1), u.step)); });
  return u.weight - next_m * alpha / (next_norm + epsilon);
}

Value Nadam::operator()(WeightUpdate& u) const {
  const auto schedule = [&](Value t) { return (1 - power(scalar(t, 0.96), t) * 0.5) * beta_1; };  // u(t)
  const Value now = u.once("u", [&] { return schedule(u.step); }), after = u.once("next u", [&] { return schedule(u.step + 1); });
  const auto in_type = [](Value x, DType dtype) { return x.dtype() == dtype ? x : cast(x, dtype); };
  const Value product = u.once("u product", [&] {
    return in_type(u.scalar_slot("u_product", [&](Value kept) { return kept * in_type(now, kept.dtype()); }), now.dtype());
  });
  const Value of_m = u.once("of m", [&] { return u.learning_rate * after / (1 - product * after); });
  const Value of_g = u.once("of g", [&] { return u.learning_rate * (1 - now) / (1 - product); });
  const Moments next = next_moments(u, beta_1, beta_2);
  return u.weight - (next.m * of_m + u.gradient * of_g) / (sqrt(next.v / correction(u, "beta_2", beta_2)) + epsilon);
}

Value Lamb::operator()(WeightUpdate& u) const {
  const Moments next = next_moments(u, beta_1, beta_2);
  const Value step = next.m / correction(u, "beta_1", beta_1) / (sqrt(next.v / correction(u, "beta_2", beta_2)) + epsilon);
  const Value weight_norm = sqrt(sum(square(u.weight))), step_norm = sqrt(sum(square(step)));
  const Value zero = scalar(weight_norm, 0), both = logical_and(greater(weight_norm, zero), greater(step_norm, zero));
  return u.weight - step * (select(both, weight_norm / step_norm, scalar(weight_norm, 1)) * u.learning_rate);
}

Value ScheduleFreeAdamW::operator()(WeightUpdate& u) const {
  const Value t = u.step;
  const Value rate = u.once("warm rate", [&] { return warmup_steps > 0 ? u.learning_rate * minimum(t / warmup_steps, scalar(t, 1)) : u.learning_rate; });
  const Value share = u.once("share", [&] { return 1 / t; });
  const Value v = u.slot("velocity"), g = u.gradient, kept = u.slot("momentum");
  const Value next_v = v + (square(g) - v) * (1 - beta_2);
  u.set(v, next_v);
  const Value z = select(u.once("first", [&] { return equal(t, scalar(t, 1)); }), u.weight.graph->state(u.path(), u.weight.type()), kept);
  const Value next_z = z - g * rate / (sqrt(next_v / correction(u, "beta_2", beta_2)) + epsilon);
  u.set(kept, next_z);
  const Value x = (u.weight - next_z * (1 - beta_1)) / beta_1;  // Keras on TensorFlow: what it calls the old z is the variable, new by now
  const Value next_x = x * (1 - share) + next_z * share;
  return next_z * (1 - beta_1) + next_x * beta_1;
}

std::vector<std::vector<std::string_view>> Adamax::slots() const { return {{"momentum", "norm"}}; }
std::vector<std::vector<std::string_view>> Nadam::slots() const { return {{"momentum", "velocity"}}; }
std::vector<std::pair<std::string_view, double>> Nadam::scalars() const { return {{"u_product", 1}}; }
std::vector<std::vector<std::string_view>> Lamb::slots() const { return {{"momentum", "velocity"}}; }
std::vector<std::vector<std::string_view>> ScheduleFreeAdamW::slots() const { return {{"momentum", "velocity"}}; }

}  // namespace cornu
