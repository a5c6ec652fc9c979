// Ops that say something about a value without changing it.
#include "cornu/graph/define_op.h"
#include "cornu/ops/ops.h"

namespace cornu {

struct StopGradient::Rules : StopGradient {
  static constexpr std::string_view name = "stop_gradient", doc = "x itself, through which no gradient flows.";
  static constexpr Properties has = {.view = true, .differentiable = false};
  std::vector<TensorType> infer(Types in) const {
    require<ShapeError>(in.size() == 1, "stop_gradient takes one input, but was given ", in.size());
    return {in[0]};
  }
  static std::vector<Example> examples() { return {{StopGradient{}, {Tensor({2, 2}, std::vector<double>{1, 2, 3, 4})}, false}}; }
};
CORNU_DEFINE_OP(StopGradient)

Value stop_gradient(Value x) { return emit(StopGradient{}, {x}); }

}  // namespace cornu
