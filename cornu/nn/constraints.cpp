#include "cornu/nn/constraints.h"

#include "cornu/nn/choice_from_config.h"
#include "cornu/nn/choose.h"
#include "cornu/ops/ops.h"

namespace cornu {

ConstraintAxes::ConstraintAxes() = default;
ConstraintAxes::ConstraintAxes(int axis) : axes{axis} {}
ConstraintAxes::ConstraintAxes(std::initializer_list<int64_t> list) : axes(list) {}
namespace {
constexpr double epsilon = 1e-7;
Value norm(Value w, const ConstraintAxes& axis) { return sqrt(sum(square(w), axis.axes, true)); }
}  // namespace

Config to_config(const ConstraintAxes& axes) { return axes.axes.size() == 1 ? Config(axes.axes[0]) : to_config(axes.axes); }
void from_config(const Config& config, ConstraintAxes& axes) {
  if (config.is_list()) from_config(config, axes.axes);
  else axes.axes = {config.as_int()};
}

Value MaxNorm::operator()(Value weight) const {
  const Value n = norm(weight, axis);
  return weight * (clip(n, 0, max_value) / (n + epsilon));
}
Value NonNeg::operator()(Value weight) const { return maximum(weight, scalar(weight, 0)); }
Value UnitNorm::operator()(Value weight) const { return weight / (norm(weight, axis) + epsilon); }
Value MinMaxNorm::operator()(Value weight) const {
  const Value n = norm(weight, axis);
  return weight * ((clip(n, min_value, max_value) * rate + n * (1 - rate)) / (n + epsilon));
}

namespace {
const Family<MaxNorm, NonNeg, UnitNorm, MinMaxNorm> family = {"constraint"};
}  // namespace

Constraint::Constraint(std::string_view name) : Constraint(choose<Constraint>(family, name)) { given_name_ = name; }

Constraint::Constraint(const char* name) : Constraint(std::string_view(name)) {}
Value Constraint::operator()(Value weight) const { return self()->call(weight); }

Config to_config(const Constraint& constraint) { return constraint.object_config("keras.constraints", "the constraint"); }

std::vector<ClassInfo> constraint_classes() { return classes_of(family); }

void from_config(const Config& config, Constraint& constraint) {
  if (const auto* held = config.held<Constraint>()) return void(constraint = *held);
  if (config.is_null()) return void(constraint = {});
  const ObjectConfig object = read_object(config, "constraint");
  constraint = value_in_config([&] { return choose<Constraint>(family, object.name, object.config); });
}

}  // namespace cornu
