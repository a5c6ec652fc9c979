// The ops of pointwise.def: types, gradients, kernels and examples, all from the table.
#include <array>
#include <cmath>
#include <numbers>

#include "cornu/graph/define_op.h"
#include "cornu/ops/ops.h"
#include "cornu/ops/tile_code.h"

namespace cornu {
namespace {

/// The values on which an op is tried: spread evenly, clear of the places where its derivative jumps.
enum class Domain { normal, positive, unit, above_one, off_zero, off_ties, off_whole, logic };

std::string_view wanted(Takes takes) {
  switch (takes) {
    case Takes::floats:
    case Takes::ask_floats: return "floats";
    case Takes::bools: return "bools";
    case Takes::numbers:
    case Takes::ask_numbers: return "numbers";
    default: return "operands";
  }
}

std::vector<TensorType> infer(std::string_view name, Takes takes, int operands, Types all) {
  require<ShapeError>(static_cast<int>(all.size()) == operands, name, " takes ", operands, operands == 1 ? " operand" : " operands",
                      " and was given ", all.size());
  Types in = all;  // without the condition
  if (takes == Takes::choose) {
    require<ShapeError>(in[0].dtype == DType::boolean, name, " needs a bool condition, was given ", in[0].dtype,
                        "; compare first: not_equal(x, 0)");
    in = in.subspan(1);
  }
  TensorType out = in[0];
  for (const TensorType& t : in) {
    const bool fits = takes == Takes::bools                                     ? t.dtype == DType::boolean
                      : takes == Takes::floats || takes == Takes::ask_floats    ? is_float(t.dtype)
                      : takes == Takes::numbers || takes == Takes::ask_numbers ? t.dtype != DType::boolean
                                                                                : true;
    require<ShapeError>(fits, name, " needs ", wanted(takes), ", was given ", t.dtype, "; cast() first");
    require<ShapeError>(t.dtype == out.dtype, name, " needs operands of one dtype, was given ", out.dtype, " and ", t.dtype, "; cast() one of them");
  }
  if (gives_bool(takes)) out.dtype = DType::boolean;
  try {
    for (const TensorType& t : all) out.shape = broadcast(out.shape, t.shape);
  } catch (const ShapeError& e) {
    throw ShapeError(text(name, ": ", e.what()));
  }
  return {out};
}

Properties properties_of(int operands) {
  Properties p;
  p.pointwise = true;
  for (int i = 0; i < operands; ++i) p.in_place.push_back({i, 0});
  return p;
}

double sample(Domain domain, int operand, int64_t i) {
  double whole = 0;
  const double u = std::modf(0.37 * (operand + 1) + 0.6180339887498949 * static_cast<double>(i), &whole);  // in [0, 1), evenly
  switch (domain) {
    case Domain::normal: return 4 * u - 1.97;
    case Domain::positive: return 0.3 + 2 * u;
    case Domain::unit: return 1.8 * u - 0.9;
    case Domain::above_one: return 1.2 + 2 * u;
    case Domain::off_zero: return u < 0.5 ? -0.2 - 2 * u : 2 * u - 0.8;
    case Domain::off_ties: return 0.5 * std::floor(8 * u) - 2 + 0.25 * operand;
    case Domain::off_whole: return operand == 0 ? std::floor(6 * u) - 2.7 + 0.4 * u : u < 0.4 ? -2 : u < 0.7 ? 1 : 2;
    case Domain::logic: return u < 0.5 ? 0 : 1;
  }
  return 0;
}

Tensor tensor_of(DType dtype, Shape shape, Domain domain, int operand) {
  std::vector<double> values;
  for (int64_t i = 0; i < shape.elements(); ++i) values.push_back(sample(domain, operand, i));
  if (is_integer(dtype))
    for (double& v : values) v = v < 0 ? std::floor(v * 3) : std::ceil(v * 3);
  return Tensor(std::move(shape), values).cast(dtype);
}

/// All operands of one shape, operands that stretch, and integers where the op takes them.
std::vector<Example> examples(const Op& op, Takes takes, int operands, Domain domain) {
  std::vector<Example> out;
  const auto add = [&](DType dtype, bool stretched) {
    Example e{.op = op, .inputs = {}, .smooth = dtype == DType::float64 && !gives_bool(takes)};
    for (int k = 0; k < operands; ++k) {
      const bool condition = takes == Takes::choose && k == 0;
      const Shape shape = !stretched || k == 0 ? Shape{3, 5} : k == 1 ? Shape{5} : Shape{3, 1};
      e.inputs.push_back(tensor_of(condition ? DType::boolean : dtype, shape, condition ? Domain::logic : domain, k));
    }
    out.push_back(std::move(e));
  };
  const DType usual = takes == Takes::bools ? DType::boolean : DType::float64;
  add(usual, false);
  if (operands > 1) add(usual, true);
  if (takes_integers(takes)) add(DType::int32, false);
  return out;
}

const Value none;

}  // namespace

#define CORNU_RULES(op, operands, takes_, on, meaning)                                                                \
  static constexpr std::string_view name = #op, doc = meaning;                                                        \
  static constexpr Takes takes = Takes::takes_;                                                                       \
  Properties properties() const { return properties_of(operands); }                                                   \
  std::vector<TensorType> infer(Types in) const { return cornu::infer(name, takes, operands, in); }                   \
  std::vector<Kernel> kernels(const KernelRequest& r) const {                                                         \
    return {tile_kernel(tile_program(alone(op##_op{}, operands), r.in), "tile." #op)};                                \
  }                                                                                                                   \
  static std::vector<Example> examples() { return cornu::examples(op##_op{}, takes, operands, Domain::on); }

#define UNARY(op, takes, simd, scalar_, dx, on, meaning)                                                              \
  struct op##_op::Rules : op##_op {                                                                                   \
    CORNU_RULES(op, 1, takes, on, meaning)                                                                            \
    std::vector<Value> gradient(const Derivation& d) const {                                                          \
      [[maybe_unused]] const Value x = d.in[0], y = d.out[0], dy = d.grad[0];                                         \
      return {dx};                                                                                                    \
    }                                                                                                                 \
  };                                                                                                                  \
  CORNU_DEFINE_OP(op##_op)                                                                                            \
  Value op(Value x) { return emit(op##_op{}, {x}); }
#define BINARY(op, takes, simd, scalar_, da, db, on, meaning)                                                         \
  struct op##_op::Rules : op##_op {                                                                                   \
    CORNU_RULES(op, 2, takes, on, meaning)                                                                            \
    std::vector<Value> gradient(const Derivation& d) const {                                                          \
      [[maybe_unused]] const Value a = d.in[0], b = d.in[1], y = d.out[0], dy = d.grad[0];                            \
      return {da, db};                                                                                                \
    }                                                                                                                 \
  };                                                                                                                  \
  CORNU_DEFINE_OP(op##_op)                                                                                            \
  Value op(Value a, Value b) { return emit(op##_op{}, {a, b}); }
#define TERNARY(op, takes, simd, scalar_, da, db, dc, on, meaning)                                                    \
  struct op##_op::Rules : op##_op {                                                                                   \
    CORNU_RULES(op, 3, takes, on, meaning)                                                                            \
    std::vector<Value> gradient(const Derivation& d) const {                                                          \
      [[maybe_unused]] const Value a = d.in[0], b = d.in[1], c = d.in[2], y = d.out[0], dy = d.grad[0];               \
      return {da, db, dc};                                                                                            \
    }                                                                                                                 \
  };                                                                                                                  \
  CORNU_DEFINE_OP(op##_op)                                                                                            \
  Value op(Value a, Value b, Value c) { return emit(op##_op{}, {a, b, c}); }
#include "cornu/ops/pointwise.def"

std::optional<Pointwise> pointwise_of(const Op& op) {
  static const std::array<const OpRules*, pointwise_count> all = {
#define UNARY(op, ...) &rules<op##_op>(),
#define BINARY(op, ...) &rules<op##_op>(),
#define TERNARY(op, ...) &rules<op##_op>(),
#include "cornu/ops/pointwise.def"
  };
  for (size_t i = 0; i < all.size(); ++i)
    if (all[i] == &op.about()) return static_cast<Pointwise>(i);
  return {};
}

Value scalar(Value like, double number) {
  require(static_cast<bool>(like), "scalar needs a Value of a graph");
  return like.graph->constant(Tensor::scalar(number).cast(like.dtype()));
}

Value clip(Value x, double low, double high) {
  require(low <= high, "clip needs low <= high, was given ", low, " and ", high);
  return minimum(maximum(x, scalar(x, low)), scalar(x, high));
}

}  // namespace cornu
