// Derivatives as graphs: the chain rule, walked backwards.
#pragma once
#include "cornu/ops/ops.h"

namespace cornu {

/// d(of)/d(each of `with`), as new nodes of the same graph:  dL/dx = sum over the uses y of x of (dL/dy)(dy/dx).
/// `of` is a scalar unless a seed of its shape says what to multiply by. A value that `of` does not depend on gets zeros.
/// Throws ArgumentError if `of` is no scalar and has no seed, UnsupportedError for an op without a gradient on the way.
std::vector<Value> gradients(Value of, const std::vector<Value>& with, Value seed = {});
/// The same for several values at once: the sum of seeds[i] * d(of[i])/d(with).
std::vector<Value> gradients(const std::vector<Value>& of, const std::vector<Value>& with, const std::vector<Value>& seeds);

/// f's value and its gradients: auto [loss, grads] = value_and_grad(loss_of)(weights).
template <class F> auto value_and_grad(F f) {
  return [f](const std::vector<Value>& with) {
    const Value value = f(with);
    return std::pair{value, gradients(value, with)};
  };
}

}  // namespace cornu
