// MatMul: matrix products with transposed operands and leading axes that broadcast.
#include <algorithm>

#include "cornu/graph/define_op.h"
#include "cornu/kernels/gemm.h"
#include "cornu/kernels/tile.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

struct Sizes {
  int64_t m, n, k, b_k;
};
Sizes sizes_of(const MatMul& op, const Shape& a, const Shape& b) {
  return {.m = a.dim(op.transpose_a ? -1 : -2), .n = b.dim(op.transpose_b ? -2 : -1), .k = a.dim(op.transpose_a ? -2 : -1),
          .b_k = b.dim(op.transpose_b ? -1 : -2)};
}

/// The element type of the result, or nothing.
std::optional<DType> result_type(DType a, DType b) {
  if (a == b && is_float(a)) return a;
  const auto pair = [&](DType x, DType y) { return (a == x && b == y) || (a == y && b == x); };
  if (pair(DType::uint8, DType::float32) || pair(DType::bfloat16, DType::float32)) return DType::float32;
  return {};
}

std::string with_transpose(const Shape& shape, bool transposed) { return text(shape, transposed ? " transposed" : ""); }

/// All axes but the last as rows.
Value as_rows(Value x) { return reshape(x, {x.shape().drop_back().elements(), x.dim(-1)}); }

}  // namespace

struct MatMul::Rules : MatMul {
  static constexpr std::string_view name = "matmul", doc = "y[..., m, n] = a[..., m, k] b[..., k, n]";
  Properties properties() const { return {.absorbs_epilogue = true, .channels = {1, transpose_b ? -2 : -1}}; }

  std::vector<TensorType> infer(Types in) const {
    require<ShapeError>(in.size() == 2, "matmul takes two tensors, not ", in.size());
    const Shape &a = in[0].shape, &b = in[1].shape;
    require<ShapeError>(a.rank() >= 2 && b.rank() >= 2, "matmul cannot multiply ", a, " by ", b,
                        ": both need at least two axes; reshape a vector to a row or a column");
    const auto [m, n, k, b_k] = sizes_of(*this, a, b);
    require<ShapeError>(k == b_k, "matmul cannot multiply ", with_transpose(a, transpose_a), " by ", with_transpose(b, transpose_b),
                        ": the inner sizes ", k, " and ", b_k, " differ");
    const auto type = result_type(in[0].dtype, in[1].dtype);
    require<ShapeError>(type.has_value(), "matmul cannot multiply ", in[0].dtype, " by ", in[1].dtype,
                        ": both need one float type (uint8 or bfloat16 may meet float32); cast one of them");
    Shape batch;
    try {
      batch = broadcast(a.drop_back(2), b.drop_back(2));
    } catch (const ShapeError&) {
      throw ShapeError(text("matmul cannot multiply ", a, " by ", b, ": the leading axes ", a.drop_back(2), " and ", b.drop_back(2),
                            " do not broadcast"));
    }
    return {{*type, batch + Shape{m, n}}};
  }

  // With A, B the operands as they are multiplied: dA = dY B', dB = A' dY (Petersen and Pedersen, "The Matrix Cookbook", 2.5).
  std::vector<Value> gradient(const Derivation& d) const {
    const Value a = d.in[0], b = d.in[1], dy = d.grad[0];
    Value da, db;
    if (is_float(a.dtype())) {
      da = transpose_a ? matmul(b, dy, {transpose_b, true}) : matmul(dy, b, {false, !transpose_b});
      if (da.dtype() != a.dtype()) da = cast(da, a.dtype());
    }
    if (is_float(b.dtype())) {
      // Many matrices times one: a single product adds up over the leading axes as well.
      const bool one_b = b.shape().rank() == 2 && a.shape().rank() > 2 && !transpose_a;
      const Value x = one_b ? as_rows(a) : a, g = one_b ? as_rows(dy) : dy;
      db = transpose_b ? matmul(g, x, {true, transpose_a}) : matmul(x, g, {!transpose_a, false});
      if (db.dtype() != b.dtype()) db = cast(db, b.dtype());
    }
    return {da, db};
  }

  std::vector<Kernel> kernels(const KernelRequest& r) const {
    const Shape &a = r.in[0].shape, &b = r.in[1].shape;
    const auto [m, n, k, b_k] = sizes_of(*this, a, b);
    Gemm g{.m = m, .n = n, .k = k, .transpose_a = transpose_a, .transpose_b = transpose_b, .a = r.in[0].dtype, .b = r.in[1].dtype};
    g.y = r.epilogue ? DType::float32 : r.out[0].dtype;
    g.steady_b = r.steady && r.steady(1);
    const Shape a_batch = a.drop_back(2), b_batch = b.drop_back(2), batch = broadcast(a_batch, b_batch);
    if (b_batch.elements() == 1 && a_batch == batch && !transpose_a) {
      g.m *= batch.elements();  // the rows of all matrices meet the same B
    } else {
      const auto a_strides = broadcast_strides(a_batch, batch), b_strides = broadcast_strides(b_batch, batch);
      for (int i = 0; i < batch.rank(); ++i) {
        const auto axis = static_cast<size_t>(i);
        g.batch.push_back({batch[i], a_strides[axis] * m * k, b_strides[axis] * k * n});
      }
    }
    return gemm_kernels(g, r.machine, r.epilogue);
  }

  static std::vector<Example> examples() {
    const auto numbers = [](Shape shape, int salt) {
      std::vector<double> values(static_cast<size_t>(shape.elements()));
      for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>((static_cast<int>(i) * 37 + salt * 11) % 19 - 9) / 8;
      return Tensor(std::move(shape), values);
    };
    std::vector<Example> examples;
    for (const bool ta : {false, true})
      for (const bool tb : {false, true}) {
        const Shape a = ta ? Shape{4, 3} : Shape{3, 4}, b = tb ? Shape{5, 4} : Shape{4, 5};
        const MatMul op{ta, tb};
        examples.push_back({op, {numbers(a, 1), numbers(b, 2)}});
        examples.push_back({op, {numbers(Shape{2} + a, 3), numbers(Shape{2} + b, 4)}});
        examples.push_back({op, {numbers(Shape{2} + a, 5), numbers(b, 6)}});
        examples.push_back({op, {numbers(a, 7), numbers(Shape{2} + b, 8)}});
        examples.push_back({op, {numbers(Shape{2, 1} + a, 9), numbers(Shape{3} + b, 10)}});
      }
    examples.push_back({MatMul{}, {numbers({1, 1}, 1), numbers({1, 1}, 2)}});
    examples.push_back({MatMul{}, {numbers({1, 9}, 3), numbers({9, 1}, 4)}});
    examples.push_back({MatMul{}, {numbers({2, 0}, 5), numbers({0, 3}, 6)}});
    examples.push_back({MatMul{}, {numbers({0, 2}, 7), numbers({2, 3}, 8)}});
    return examples;
  }
};
CORNU_DEFINE_OP(MatMul)

Value matmul(Value a, Value b, MatMul how) { return emit(how, {a, b}); }

}  // namespace cornu
