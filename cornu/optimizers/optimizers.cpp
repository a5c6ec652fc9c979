#include "cornu/optimizers/optimizers.h"

#include "cornu/nn/choose.h"
#include "cornu/ops/ops.h"

namespace cornu {

Config unsupported_optimizer_options() {
  return Config(Config::Dict{{"use_ema", false}, {"ema_momentum", 0.99}, {"ema_overwrite_frequency", nullptr}, {"loss_scale_factor", nullptr},
                             {"gradient_accumulation_steps", nullptr}, {"is_legacy_optimizer", false}, {"jit_compile", false}, {"decay", 0.0}});
}

Value WeightUpdate::slot(std::string_view name) const { return weight.graph->state(text("optimizer/", path_, "/", name), weight.type()); }

void WeightUpdate::set(Value slot, Value next) { assignments_->push_back({slot, next}); }

Value WeightUpdate::once(const std::string& name, const std::function<Value()>& compute) {
  Value& value = (*shared_)[text(name, "/", weight.dtype())];
  if (!value) value = compute();
  return value;
}

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

namespace {

Value adam(WeightUpdate& u, double beta_1, double beta_2, double epsilon, bool amsgrad) {
  const Value alpha = u.once("alpha", [&] {
    const Value t = u.step;
    return u.learning_rate * sqrt(1 - power(scalar(t, beta_2), t)) / (1 - power(scalar(t, beta_1), t));
  });
  const Value m = u.slot("momentum"), v = u.slot("velocity"), g = u.gradient;
  const Value next_m = m + (g - m) * (1 - beta_1);
  const Value next_v = v + (square(g) - v) * (1 - beta_2);
  u.set(m, next_m);
  u.set(v, next_v);
  Value divisor = next_v;
  if (amsgrad) {
    const Value largest = u.slot("velocity_hat");
    divisor = maximum(largest, next_v);
    u.set(largest, divisor);
  }
  return u.weight - next_m * alpha / (sqrt(divisor) + epsilon);
}

std::vector<std::vector<std::string_view>> adam_slots(bool amsgrad) {
  if (amsgrad) return {{"momentum", "velocity"}, {"velocity_hat"}};
  return {{"momentum", "velocity"}};
}

}  // namespace

std::vector<std::vector<std::string_view>> Adam::slots() const { return adam_slots(amsgrad); }
Value Adam::operator()(WeightUpdate& u) const { return adam(u, beta_1, beta_2, epsilon, amsgrad); }
std::vector<std::vector<std::string_view>> AdamW::slots() const { return adam_slots(amsgrad); }
Value AdamW::operator()(WeightUpdate& u) const {
  require(weight_decay.has_value(), "AdamW: weight_decay must be a number; use Adam to have none");
  return adam(u, beta_1, beta_2, epsilon, amsgrad);
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

}  // namespace cornu
