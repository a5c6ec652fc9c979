#include "cornu/optimizers/sgd.h"

#include "cornu/ops/ops.h"

namespace cornu {

std::vector<std::vector<std::string_view>> SGD::slots() const {
  if (momentum == 0) return {};
  return {{"momentum"}};
}

Value SGD::operator()(WeightUpdate& u) const {
  require(momentum >= 0 && momentum <= 1, "SGD: momentum must be between 0 and 1, and is ", momentum);
  const Value move = u.gradient * u.learning_rate;
  if (momentum == 0) return u.weight - move;
  const Value m = u.slot("momentum"), next = m * momentum - move;
  u.set(m, next);
  return nesterov ? u.weight + (next * momentum - move) : u.weight + next;
}

Value Lion::operator()(WeightUpdate& u) const {
  require(beta_1 > 0 && beta_1 <= 1, "Lion: beta_1 must be above 0 and at most 1, and is ", beta_1, "; with 0 it would be SGD of signs");
  const Value m = u.slot("momentum"), g = u.gradient;
  u.set(m, m * beta_2 + g * (1 - beta_2));
  return u.weight - sign(m * beta_1 + g * (1 - beta_1)) * u.learning_rate;
}

std::vector<std::vector<std::string_view>> Lion::slots() const { return {{"momentum"}}; }

}  // namespace cornu
