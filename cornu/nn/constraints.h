// Projections of weights, applied after each update by the optimizer.
#pragma once
#include "cornu/nn/regularizers.h"

namespace cornu {

/// One axis or several: an integer or a list in configs, as in Keras.
struct ConstraintAxes {
  std::vector<int64_t> axes = {0};
  ConstraintAxes();
  ConstraintAxes(int axis);
  ConstraintAxes(std::initializer_list<int64_t> list);
};
Config to_config(const ConstraintAxes& axes);
void from_config(const Config& config, ConstraintAxes& axes);

// Norms are taken along `axis`: with 0 each unit of a Dense kernel [in, units] has its own. 1e-7 guards against division by 0.

/// Shortens what is longer than max_value.
struct MaxNorm {
  double max_value = 2;
  ConstraintAxes axis = 0;
  static constexpr std::string_view class_name = "MaxNorm";
  CORNU_FIELDS(max_value, axis)
  Value operator()(Value weight) const;
};
/// max(w, 0)
struct NonNeg {
  static constexpr std::string_view class_name = "NonNeg";
  CORNU_FIELDS()
  Value operator()(Value weight) const;
};
/// w / |w|
struct UnitNorm {
  ConstraintAxes axis = 0;
  static constexpr std::string_view class_name = "UnitNorm";
  CORNU_FIELDS(axis)
  Value operator()(Value weight) const;
};
/// Moves norms towards [min_value, max_value], by the fraction `rate` of the way.
struct MinMaxNorm {
  double min_value = 0, max_value = 1, rate = 1;
  ConstraintAxes axis = 0;
  static constexpr std::string_view class_name = "MinMaxNorm";
  CORNU_FIELDS(min_value, max_value, rate, axis)
  Value operator()(Value weight) const;
};

/// A projection, or none: by name ("max_norm", "non_neg", ...), one of the structs, or a function Value -> Value.
class Constraint : public Choice<ValueFunctionInterface> {
 public:
  Constraint() = default;  // weights are free
  Constraint(std::nullptr_t) {}
  Constraint(std::string_view name);
  Constraint(const char* name);
  template <ValueFunction T> Constraint(T object) : Choice(std::make_shared<ValueFunctionHolder<T>>(std::move(object))) {}

  Value operator()(Value weight) const;

 private:
  friend Config to_config(const Constraint& constraint);
};

/// Keras's object dict, or null.
Config to_config(const Constraint& constraint);
void from_config(const Config& config, Constraint& constraint);

}  // namespace cornu
