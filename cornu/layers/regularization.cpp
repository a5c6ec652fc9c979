#include "cornu/layers/regularization.h"

#include "cornu/layers/core.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(Dropout)

Value Dropout::operator()(Value x, Scope& scope) const {
  require(rate >= 0 && rate <= 1, scope.path(), ": Dropout's rate is the fraction to drop, from 0 to 1, and was given as ", rate);
  x = computable(x, scope);
  if (!scope.training() || rate == 0) return x;
  if (rate == 1) return x * 0;
  Value key = scope.random_key();
  if (seed) {
    const Value own = scope.graph().constant(Tensor(Shape{1}, std::vector<int64_t>{*seed}));
    key = concat({own, slice(key, {1}, {3})}, 0);  // the step and the row stay
  }
  const Value keep = random(key, {.distribution = Distribution::bernoulli, .shape = x.shape(), .dtype = x.dtype(), .a = 1 - rate, .stream = scope.stream()});
  return x * keep * (1 / (1 - rate));
}

}  // namespace cornu
