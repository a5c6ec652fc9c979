#include "cornu/optimizers/adagrad.h"

#include "cornu/ops/ops.h"

namespace cornu {

Value Adagrad::operator()(WeightUpdate& u) const {
  const Value a = u.slot("accumulator"), next = a + square(u.gradient);
  u.set(a, next);
  return u.weight - u.gradient * u.learning_rate / sqrt(next + epsilon);
}

Value Adadelta::operator()(WeightUpdate& u) const {
  const Value a = u.slot("accumulated_grad"), d = u.slot("accumulated_delta_var"), g = u.gradient;
  const Value next_a = a * rho + square(g) * (1 - rho);
  const Value step = g * sqrt(d + epsilon) / sqrt(next_a + epsilon);
  u.set(a, next_a);
  u.set(d, d * rho + square(step) * (1 - rho));
  return u.weight - step * u.learning_rate;
}

std::vector<std::vector<std::string_view>> RMSprop::slots() const {
  std::vector<std::vector<std::string_view>> groups = {{"velocity"}};
  if (momentum > 0) groups.push_back({"momentum"});
  if (centered) groups.push_back({"average_gradient"});
  return groups;
}

Value RMSprop::operator()(WeightUpdate& u) const {
  const Value v = u.slot("velocity"), g = u.gradient;
  const Value next_v = v * rho + square(g) * (1 - rho);
  u.set(v, next_v);
  Value spread = next_v;
  if (centered) {
    const Value average = u.slot("average_gradient"), next = average * rho + g * (1 - rho);
    u.set(average, next);
    spread = next_v - square(next);
  }
  const Value move = g * u.learning_rate / sqrt(spread + epsilon);
  if (momentum <= 0) return u.weight - move;
  const Value m = u.slot("momentum"), next_m = m * momentum + move;
  u.set(m, next_m);
  return u.weight - next_m;
}

std::vector<std::vector<std::string_view>> Adagrad::slots() const { return {{"accumulator"}}; }
std::vector<std::vector<std::string_view>> Adadelta::slots() const { return {{"accumulated_grad", "accumulated_delta_var"}}; }

}  // namespace cornu
