#include "cornu/infer/quantized_matmul.h"

#include "cornu/graph/define_op.h"
#include "cornu/kernels/gemm_int8.h"

namespace cornu {

struct QuantizedMatMul::Rules : QuantizedMatMul {
  static constexpr std::string_view name = "quantized_matmul", doc = "x (bytes - 128)' factor, with x rounded to 8 bits row by row";
  static constexpr Properties has = {.absorbs_epilogue = true, .differentiable = false};

  std::vector<TensorType> infer(Types in) const {
    require<ShapeError>(in.size() == 3, name, " takes three tensors, not ", in.size());
    const Shape &x = in[0].shape, &bytes = in[1].shape, &factor = in[2].shape;
    require<ShapeError>(in[0].dtype == DType::float32 && in[1].dtype == DType::uint8 && in[2].dtype == DType::float32, name, " takes float32, uint8 and float32, not ", in[0].dtype, ", ",
                        in[1].dtype, " and ", in[2].dtype);
    require<ShapeError>(x.rank() >= 2 && bytes.rank() == 2 && x.dim(-1) == bytes[1] && factor == Shape{bytes[0]}, name, " cannot multiply ", x, " by ", bytes, " with the factors ", factor);
    require<ShapeError>(bytes[1] <= GemmInt8::longest, name, ": sums of ", bytes[1], " products do not fit 32 bits");
    return {{DType::float32, x.drop_back() + Shape{bytes[0]}}};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    const Shape &x = r.in[0].shape, &bytes = r.in[1].shape;
    return gemm_int8_kernels({.m = x.drop_back().elements(), .n = bytes[0], .k = bytes[1]}, r.machine, r.epilogue);
  }
  static std::vector<Example> examples() { return {}; }
};
CORNU_DEFINE_OP(QuantizedMatMul)

}  // namespace cornu
