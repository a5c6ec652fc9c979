// Cast: the same numbers in another dtype. Pointwise, so chains may convert on the way.
#include "cornu/graph/define_op.h"
#include "cornu/ops/ops.h"
#include "cornu/ops/tile_code.h"

namespace cornu {

struct Cast::Rules : Cast {
  static constexpr std::string_view name = "cast", doc = "x in another dtype; floats are truncated when they become integers, bool is x != 0";
  static Properties properties() {
    Properties p;
    p.pointwise = true;
    p.in_place = {{0, 0}};
    return p;
  }
  std::vector<TensorType> infer(Types in) const {
    require<ShapeError>(in.size() == 1, "cast takes one operand and was given ", in.size());
    return {{dtype, in[0].shape}};
  }
  std::vector<Value> gradient(const Derivation& d) const {
    const DType from = d.in[0].dtype();
    if (!is_float(from) || !is_float(dtype)) return {Value()};
    return {cast(d.grad[0], from)};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    return {tile_kernel(tile_program(alone(Cast{dtype}, 1), r.in), "tile.cast")};
  }
  static std::vector<Example> examples() {
    const Tensor x(Shape{2, 3}, std::vector<double>{-2.7, -0.4, 0, 0.6, 1.5, 200.25});
    std::vector<Example> out;
    for (const DType to : {DType::float64, DType::float32, DType::bfloat16, DType::int32, DType::int64, DType::boolean})
      out.push_back({Cast{to}, {x}, to == DType::float64});
    out.push_back({Cast{DType::uint8}, {Tensor(Shape{3}, std::vector<double>{0, 7.9, 255})}, false});
    out.push_back({Cast{DType::float32}, {x.cast(DType::int32)}, false});
    out.push_back({Cast{DType::float64}, {x.cast(DType::boolean)}, false});
    return out;
  }
};
CORNU_DEFINE_OP(Cast)

Value cast(Value x, DType dtype) {
  require(static_cast<bool>(x), "cast needs a Value of a graph");
  return x.dtype() == dtype ? x : emit(Cast{dtype}, {x});
}

}  // namespace cornu
