// Penalties on weights, added to the loss.
#pragma once
#include <array>
#include <concepts>

#include "cornu/graph/op.h"
#include "cornu/nn/choice.h"

namespace cornu {

/// l1 * sum |w|
struct L1 {
  double l1 = 0.01;
  static constexpr std::string_view class_name = "L1";
  CORNU_FIELDS(l1)
  Value operator()(Value weight) const;
};
/// l2 * sum w^2
struct L2 {
  double l2 = 0.01;
  static constexpr std::string_view class_name = "L2";
  CORNU_FIELDS(l2)
  Value operator()(Value weight) const;
};
/// Both. Chosen by name it has 0.01 for each, as in Keras.
struct L1L2 {
  double l1 = 0, l2 = 0;
  static constexpr std::string_view class_name = "L1L2";
  static constexpr std::array aliases = {std::string_view("l1_l2")};
  CORNU_FIELDS(l1, l2)
  Value operator()(Value weight) const;
};

/// factor times the mean of |u v| over all pairs of different rows (or columns) of a matrix, each first brought to length one:
/// zero where they are orthogonal.
struct OrthogonalRegularizer {
  double factor = 0.01;
  std::string mode = "rows";
  static constexpr std::string_view class_name = "OrthogonalRegularizer";
  CORNU_FIELDS(factor, mode)
  Value operator()(Value weight) const;
};

template <class T>
concept ValueFunction = requires(const T& t, Value v) {
  { t(v) } -> std::convertible_to<Value>;
};

/// What regularizers and constraints do: a Value from a Value.
struct ValueFunctionInterface : Choosable {
  virtual Value call(Value v) const = 0;
};
template <class T> struct ValueFunctionHolder final : Chosen<ValueFunctionInterface, T> {
  using Chosen<ValueFunctionInterface, T>::Chosen;
  Value call(Value v) const override { return this->object(v); }
};

/// A penalty, or none: by name ("l1", "l2", "l1_l2", "orthogonal_regularizer"), one of the structs, or a function Value -> scalar Value.
class Regularizer : public Choice<ValueFunctionInterface> {
 public:
  Regularizer() = default;  // no penalty
  Regularizer(std::nullptr_t) {}
  Regularizer(std::string_view name);
  Regularizer(const char* name);
  template <ValueFunction T> Regularizer(T object) : Choice(std::make_shared<ValueFunctionHolder<T>>(std::move(object))) {}

  Value operator()(Value weight) const;

 private:
  friend Config to_config(const Regularizer& regularizer);
};

/// Keras's object dict, or null.
Config to_config(const Regularizer& regularizer);
void from_config(const Config& config, Regularizer& regularizer);

}  // namespace cornu
