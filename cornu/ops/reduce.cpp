// Ops that fold axes away: sum, max, min, product; argmax and argmin; mean, which is a sum.
#include <algorithm>
#include <array>

#include "cornu/graph/define_op.h"
#include "cornu/kernels/reduce.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

constexpr std::array<std::string_view, 4> reduction_names = {"sum", "max", "min", "product"};

Fold fold_of(Reduction kind) {
  switch (kind) {
    case Reduction::max: return Fold::max;
    case Reduction::min: return Fold::min;
    case Reduction::product: return Fold::product;
    case Reduction::sum: break;
  }
  return Fold::sum;
}

/// `shape` without `axes`, or with size one there.
Shape folded(const Shape& shape, const std::vector<int64_t>& axes, bool keep_dims) {
  Shape y;
  for (int a = 0; a < shape.rank(); ++a) {
    const bool gone = std::find(axes.begin(), axes.end(), a) != axes.end();
    if (!gone) y.push_back(shape[a]);
    else if (keep_dims) y.push_back(1);
  }
  return y;
}

Value like(Value x, Value where) { return cast(where, x.dtype()); }

}  // namespace

Config to_config(Reduction kind) { return reduction_names[static_cast<size_t>(kind)]; }
void from_config(const Config& c, Reduction& kind) {
  const auto found = std::find(reduction_names.begin(), reduction_names.end(), c.as_string());
  require<FormatError>(found != reduction_names.end(), "a reduction is sum, max, min or product, but was given '", printable(c.as_string()), "'",
                       did_you_mean(c.as_string(), reduction_names));
  kind = static_cast<Reduction>(found - reduction_names.begin());
}

struct Reduce::Rules : Reduce {
  static constexpr std::string_view name = "reduce", doc = "The sum, product, largest or smallest element over some axes.";
  std::string_view kind_name() const { return reduction_names[static_cast<size_t>(kind)]; }

  std::vector<TensorType> infer(Types in) const {
    require<ShapeError>(in.size() == 1, "reduce takes one input, but was given ", in.size());
    const TensorType& x = in[0];
    int64_t last = -1, elements = 1;
    for (const int64_t a : axes) {
      require<ShapeError>(a > last && a < x.shape.rank(), kind_name(), " of ", x, ": the axes ", axes, " should be ascending and below ", x.shape.rank());
      last = a;
      elements *= x.shape[static_cast<int>(a)];
    }
    const bool extreme = kind == Reduction::max || kind == Reduction::min;
    require<ShapeError>(!extreme || elements > 0, kind_name(), " of ", x, " over the axes ", axes, " has no elements to choose from");
    require<ShapeError>(extreme || (x.dtype != DType::boolean && x.dtype != DType::uint8), kind_name(), " of ", x,
                        " does not fit into its dtype; cast it to int32 or float32 first");
    return {{x.dtype, folded(x.shape, axes, keep_dims)}};
  }

  /// sum: dy. max, min: dy, in equal parts, to the elements that equal y. product: dy times the product of the others,
  /// which without dividing by zero is  prod(x or 1 where 0) / (x or 1 where 0)  if no other element is zero, else 0. (The
  /// gradient of that is exact where no element is zero.)
  std::vector<Value> gradient(const Derivation& d) const {
    const Value x = d.in[0];
    const Shape kept = folded(x.shape(), axes, true);
    const auto spread = [&](Value v) { return broadcast_to(reshape(v, kept), x.shape()); };
    const Value dy = spread(d.grad[0]);
    if (kind == Reduction::sum) return {dy};
    if (kind == Reduction::product) {
      const Value zero = like(x, equal(x, scalar(x, 0)));
      const Value filled = x + zero;
      const Value others = spread(sum(zero, axes)) - zero;
      return {dy * spread(product(filled, axes)) / filled * like(x, equal(others, scalar(x, 0)))};
    }
    const Value chosen = like(x, equal(x, spread(d.out[0])));
    return {dy * chosen / spread(sum(chosen, axes))};
  }

  std::vector<Kernel> kernels(const KernelRequest& r) const { return reduce_kernels(r.in[0].dtype, fold_of(kind), r.in[0].shape, axes); }

  static std::vector<Example> examples() {
    const Tensor x({2, 3, 2}, std::vector<double>{1.5, -2, 0.25, 3, 4.5, -0.5, 2, 1, -1.25, 0.75, -3, 2.5});
    std::vector<Example> list;
    for (const Reduction kind : {Reduction::sum, Reduction::max, Reduction::min, Reduction::product})
      for (const std::vector<int64_t>& axes : {std::vector<int64_t>{2}, {0}, {1}, {0, 2}, {0, 1, 2}})
        for (const bool keep : {false, true}) list.push_back({Reduce{kind, axes, keep}, {x}});
    list.push_back({Reduce{Reduction::sum, {}}, {x}});
    list.push_back({Reduce{Reduction::sum, {1}}, {Tensor({3, 0}, std::vector<double>{})}});
    list.push_back({Reduce{Reduction::product, {0}}, {Tensor({4}, std::vector<double>{2, 0, -3, 1.5})}, false});
    list.push_back({Reduce{Reduction::sum, {0}}, {Tensor({300, 3}, std::vector<double>(900, 0.125))}});
    list.push_back({Reduce{Reduction::sum, {0}}, {Tensor({3}, std::vector<int32_t>{1, 2, 3})}, false});
    return list;
  }
};
CORNU_DEFINE_OP(Reduce)

namespace {
Value reduce(Reduction kind, Value x, std::vector<int64_t> axes, bool keep_dims) {
  if (axes.empty())
    for (int a = 0; a < x.shape().rank(); ++a) axes.push_back(a);
  for (int64_t& a : axes) a = x.shape().axis(static_cast<int>(a));
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  int64_t elements = 1;
  for (const int64_t a : axes) elements *= x.shape()[static_cast<int>(a)];
  // Of single elements, all four are the element itself. (But a bool or uint8 has no sum: infer says so.)
  if (elements == 1 && x.dtype() != DType::boolean && x.dtype() != DType::uint8) return reshape(x, folded(x.shape(), axes, keep_dims));
  return emit(Reduce{kind, std::move(axes), keep_dims}, {x});
}
}  // namespace

Value sum(Value x, std::vector<int64_t> axes, bool keep_dims) { return reduce(Reduction::sum, x, std::move(axes), keep_dims); }
Value max(Value x, std::vector<int64_t> axes, bool keep_dims) { return reduce(Reduction::max, x, std::move(axes), keep_dims); }
Value min(Value x, std::vector<int64_t> axes, bool keep_dims) { return reduce(Reduction::min, x, std::move(axes), keep_dims); }
Value product(Value x, std::vector<int64_t> axes, bool keep_dims) { return reduce(Reduction::product, x, std::move(axes), keep_dims); }

Value mean(Value x, std::vector<int64_t> axes, bool keep_dims) {
  require<ShapeError>(is_float(x.dtype()), "mean of ", x.type(), " is no whole number; cast it to float32 first");
  const Value total = sum(x, std::move(axes), keep_dims);
  const int64_t kept = total.shape().elements();
  require<ShapeError>(kept == 0 || x.shape().elements() > 0, "mean of ", x.type(), " is taken over no elements");
  return kept == 0 ? total : total * (static_cast<double>(kept) / static_cast<double>(x.shape().elements()));
}

// ---- where the extremes are

struct ArgMax::Rules : ArgMax {
  static constexpr std::string_view name = "argmax", doc = "The position of the largest (or smallest) element along an axis; the first of equals.";
  static constexpr Properties has = {.differentiable = false};
  int axis_in(const Shape& shape) const { return shape.axis(static_cast<int>(axis)); }

  std::vector<TensorType> infer(Types in) const {
    require<ShapeError>(in.size() == 1, "argmax takes one input, but was given ", in.size());
    const Shape& x = in[0].shape;
    require<ShapeError>(axis < x.rank() && axis >= -x.rank(), smallest ? "argmin" : "argmax", ": there is no axis ", axis, " in ", in[0]);
    const int a = axis_in(x);
    require<ShapeError>(x[a] > 0, smallest ? "argmin" : "argmax", " of ", in[0], " along axis ", axis, " has no elements to choose from");
    return {{DType::int64, x.part(0, a) + x.drop_front(a + 1)}};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    const Shape& x = r.in[0].shape;
    const int a = axis_in(x);
    return argmax_kernels(r.in[0].dtype, smallest, x.part(0, a).elements(), x[a], x.drop_front(a + 1).elements());
  }
  static std::vector<Example> examples() {
    const Tensor x({2, 3, 2}, std::vector<double>{1, -2, 0.25, 3, 1, 3, 2, 1, -1.25, 1, 2, -5});
    return {{ArgMax{-1}, {x}, false}, {ArgMax{1}, {x}, false}, {ArgMax{0, true}, {x}, false}, {ArgMax{0}, {Tensor({3}, std::vector<int32_t>{4, 7, 7})}, false}};
  }
};
CORNU_DEFINE_OP(ArgMax)

Value argmax(Value x, int axis) { return emit(ArgMax{x.shape().axis(axis), false}, {x}); }
Value argmin(Value x, int axis) { return emit(ArgMax{x.shape().axis(axis), true}, {x}); }

}  // namespace cornu
