#include "cornu/layers/preprocessing.h"

#include "cornu/layers/core.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(Rescaling)

Config to_config(const Factor& factor) { return factor.numbers.size() == 1 ? Config(factor.numbers[0]) : to_config(factor.numbers); }

void from_config(const Config& config, Factor& factor) {
  if (config.is_list()) from_config(config, factor.numbers);
  else factor.numbers = {config.as_double()};
}

Value Rescaling::operator()(Value x, Scope& scope) const {
  x = computable(x, scope);
  const auto value_of = [&](const Factor& factor) {
    if (factor.numbers.size() == 1) return cornu::scalar(x, factor.numbers[0]);
    const auto size = static_cast<int64_t>(factor.numbers.size());
    require<ShapeError>(x.shape().rank() > 0 && x.dim(-1) == size, scope.path(), ": Rescaling has ", size, " factors for the last axis of ", x.shape());
    return scope.graph().constant(Tensor(Shape{size}, factor.numbers).cast(x.dtype()));
  };
  x = x * value_of(scale);
  return offset.numbers == std::vector<double>{0} ? x : x + value_of(offset);
}

}  // namespace cornu
