// Pooling. Max pooling hands on which cell of each window it chose; its gradient, that of its gradient, and so on are two
// linear ops that are transposes of each other.
#include "cornu/kernels/pooling.h"

#include "cornu/graph/define_op.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

std::vector<int64_t> spatial(const Shape& x) { return x.part(1, x.rank() - 1).sizes(); }

Window filled(Window w) {
  if (w.strides.empty()) w.strides = w.size;
  if (w.before.empty()) w.before.assign(w.size.size(), 0);
  if (w.after.empty()) w.after.assign(w.size.size(), 0);
  return w;
}

/// The results' spatial sizes. Throws ShapeError where the window does not fit the sizes.
std::vector<int64_t> results(const Window& w, std::string_view name, const std::vector<int64_t>& in) {
  const size_t axes = in.size();
  require<ShapeError>(axes >= 1 && axes <= 3, name, " takes one to three spatial axes between the batch and the channels, not ", axes);
  for (const auto* list : {&w.size, &w.strides, &w.before, &w.after})
    require<ShapeError>(list->size() == axes, name, " over ", axes, " spatial axes takes as many sizes, strides and paddings, and was given ", *list);
  std::vector<int64_t> out;
  for (size_t a = 0; a < axes; ++a) {
    require<ShapeError>(w.size[a] > 0 && w.strides[a] > 0, name, ": the window ", w.size, " and its strides ", w.strides, " must be positive");
    const int64_t padded = in[a] + w.before[a] + w.after[a];
    require<ShapeError>(w.before[a] >= 0 && w.after[a] >= 0 && padded >= w.size[a], name, ": a window of ", w.size, " does not fit into ", in, " padded by ",
                        w.before, " and ", w.after);
    out.push_back((padded - w.size[a]) / w.strides[a] + 1);
    // Every window has a cell inside.
    require<ShapeError>(w.before[a] < w.size[a] && (out[a] - 1) * w.strides[a] - w.before[a] < in[a], name, ": padding of ", w.before, " and ", w.after,
                        " leaves windows of ", w.size, " without a cell of their own");
  }
  return out;
}

void check(Types in, size_t count, std::string_view name) {
  require<ShapeError>(in.size() == count, name, count == 1 ? " takes one input, not " : " takes two inputs, not ", in.size());
  require<ShapeError>(in[0].shape.rank() >= 3 && in[0].shape.rank() <= 5, name, " takes [batch, spatial..., channels], and was given ", in[0]);
  require<ShapeError>(in[0].dtype == DType::float32 || in[0].dtype == DType::float64, name, " takes float32 or float64, not ", in[0], "; cast it to float32");
}
/// x's type with other spatial sizes.
TensorType with_sizes(const TensorType& x, const std::vector<int64_t>& sizes) {
  return {x.dtype, Shape{x.shape[0]} + Shape(sizes) + Shape{x.shape.dim(-1)}};
}
/// From dy of the results of `window` to the x of `sizes` that they came from.
TensorType type_of_input(const Window& w, std::string_view name, const TensorType& dy, const std::vector<int64_t>& sizes) {
  const auto expected = results(w, name, sizes);
  require<ShapeError>(expected == spatial(dy.shape), name, ": over sizes ", sizes, " there are ", expected, " windows, not ", spatial(dy.shape));
  return with_sizes(dy, sizes);
}

PoolingShape sizes_of(const Window& w, const Shape& x, const Shape& y) {
  PoolingShape s{.batch = x[0], .channels = x.dim(-1)};
  const int axes = x.rank() - 2;
  for (int a = 0; a < axes; ++a) {
    const auto to = static_cast<size_t>(3 - axes + a), from = static_cast<size_t>(a);
    s.in[to] = x[a + 1], s.out[to] = y[a + 1], s.size[to] = w.size[from], s.stride[to] = w.strides[from], s.before[to] = w.before[from];
  }
  return s;
}

/// bfloat16 is computed in float32.
template <class F> Value in_float32(Value x, const F& f) {
  return x.dtype() == DType::bfloat16 ? cast(f(cast(x, DType::float32)), DType::bfloat16) : f(x);
}

/// All different, in no order.
Tensor numbers(Shape shape, int salt) {
  const auto n = shape.elements();
  std::vector<double> values(static_cast<size_t>(n));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>((static_cast<int64_t>(i) * 7919 + salt) % (2 * n + 1) - n) / 16;
  return Tensor(std::move(shape), values);
}

struct Trial {
  Shape x;
  Window window;
  std::vector<int64_t> results() const { return cornu::results(window, "pooling", spatial(x)); }
  TensorType y() const { return with_sizes({DType::float64, x}, results()); }
};
std::vector<Trial> trials() {
  std::vector<Trial> list = {
      {{2, 6, 3}, {.size = {2}}},
      {{1, 7, 2}, {.size = {3}, .strides = {2}, .before = {1}, .after = {1}}},
      {{2, 5, 4, 3}, {.size = {2, 2}}},
      {{1, 5, 6, 9}, {.size = {3, 2}, .strides = {1, 3}, .before = {1, 1}, .after = {1, 1}}},
      {{1, 4, 5, 1}, {.size = {2, 3}, .strides = {3, 1}, .before = {0, 2}, .after = {0, 1}}},
      {{1, 3, 4, 3, 2}, {.size = {2, 2, 3}, .strides = {1, 2, 1}, .before = {1, 0, 1}, .after = {0, 0, 1}}},
  };
  for (Trial& t : list) t.window = filled(t.window);
  return list;
}
/// For each window a cell that is inside it.
Tensor choice(const Trial& t) {
  const Shape y = t.y().shape;
  std::vector<int32_t> where(static_cast<size_t>(y.elements()));
  for (size_t i = 0; i < where.size(); ++i) {
    int64_t rest = static_cast<int64_t>(i) / y.dim(-1), number = 0, scale = 1;
    for (int a = y.rank() - 3; a >= 0; --a) {
      const auto axis = static_cast<size_t>(a);
      const int64_t begin = rest % y[a + 1] * t.window.strides[axis] - t.window.before[axis];
      rest /= y[a + 1];
      const int64_t first = std::max<int64_t>(0, -begin), last = std::min(t.window.size[axis], t.x[a + 1] - begin);
      number += scale * (first + static_cast<int64_t>(i * 5) % (last - first)), scale *= t.window.size[axis];
    }
    where[i] = static_cast<int32_t>(number);
  }
  return Tensor(y, where);
}

}  // namespace

Config to_config(const Window& window) { return fields_to_config(window); }
void from_config(const Config& c, Window& window) { fields_from_config(c, window, "window"); }

// ---- the largest

struct MaxPooling::Rules : MaxPooling {
  static constexpr std::string_view name = "max_pooling", doc = "The largest number of each window, and which of its cells it is; the first of equals.";
  std::vector<TensorType> infer(Types in) const {
    check(in, 1, name);
    const TensorType y = with_sizes(in[0], results(window, name, spatial(in[0].shape)));
    return {y, {DType::int32, y.shape}};
  }
  std::vector<Value> gradient(const Derivation& d) const {
    if (!d.grad[0]) return {Value{}};
    return {emit(MaxPoolingPut{window, spatial(d.in[0].shape())}, {d.grad[0], d.out[1]})};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    return pooling_kernels(Pooling::max, r.in[0].dtype, sizes_of(window, r.in[0].shape, r.out[0].shape));
  }
  static std::vector<Example> examples() {
    std::vector<Example> list;
    for (const Trial& t : trials()) list.push_back({MaxPooling{t.window}, {numbers(t.x, 1)}});
    return list;
  }
};
CORNU_DEFINE_OP(MaxPooling)

Value max_pooling(Value x, Window window) {
  return in_float32(x, [&](Value v) { return emit(MaxPooling{filled(window)}, {v}); });
}

struct MaxPoolingPick::Rules : MaxPoolingPick {
  static constexpr std::string_view name = "max_pooling_pick", doc = "The cell of each window that an int32 names.";
  std::vector<TensorType> infer(Types in) const {
    check(in, 2, name);
    const TensorType y = with_sizes(in[0], results(window, name, spatial(in[0].shape)));
    require<ShapeError>(in[1] == TensorType{DType::int32, y.shape}, name, ": the cells of windows ", y.shape, " are given as ", in[1]);
    return {y};
  }
  std::vector<Value> gradient(const Derivation& d) const {
    return {emit(MaxPoolingPut{window, spatial(d.in[0].shape())}, {d.grad[0], d.in[1]}), Value{}};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    return pooling_kernels(Pooling::max_pick, r.in[0].dtype, sizes_of(window, r.in[0].shape, r.out[0].shape));
  }
  static std::vector<Example> examples() {
    std::vector<Example> list;
    for (const Trial& t : trials()) list.push_back({MaxPoolingPick{t.window}, {numbers(t.x, 2), choice(t)}});
    return list;
  }
};
CORNU_DEFINE_OP(MaxPoolingPick)

struct MaxPoolingPut::Rules : MaxPoolingPut {
  static constexpr std::string_view name = "max_pooling_put", doc = "Zeros, with each number added at the cell of its window that an int32 names.";
  std::vector<TensorType> infer(Types in) const {
    check(in, 2, name);
    require<ShapeError>(in[1] == TensorType{DType::int32, in[0].shape}, name, ": the cells of windows ", in[0].shape, " are given as ", in[1]);
    return {type_of_input(window, name, in[0], sizes)};
  }
  std::vector<Value> gradient(const Derivation& d) const { return {emit(MaxPoolingPick{window}, {d.grad[0], d.in[1]}), Value{}}; }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    return pooling_kernels(Pooling::max_put, r.in[0].dtype, sizes_of(window, r.out[0].shape, r.in[0].shape));
  }
  static std::vector<Example> examples() {
    std::vector<Example> list;
    for (const Trial& t : trials()) list.push_back({MaxPoolingPut{t.window, spatial(t.x)}, {numbers(t.y().shape, 3), choice(t)}});
    return list;
  }
};
CORNU_DEFINE_OP(MaxPoolingPut)

// ---- the mean

struct AveragePooling::Rules : AveragePooling {
  static constexpr std::string_view name = "average_pooling", doc = "The mean of the cells of each window that are inside x.";
  std::vector<TensorType> infer(Types in) const {
    check(in, 1, name);
    return {with_sizes(in[0], results(window, name, spatial(in[0].shape)))};
  }
  std::vector<Value> gradient(const Derivation& d) const { return {emit(AveragePoolingInput{window, spatial(d.in[0].shape())}, {d.grad[0]})}; }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    return pooling_kernels(Pooling::average, r.in[0].dtype, sizes_of(window, r.in[0].shape, r.out[0].shape));
  }
  static std::vector<Example> examples() {
    std::vector<Example> list;
    for (const Trial& t : trials()) list.push_back({AveragePooling{t.window}, {numbers(t.x, 4)}});
    return list;
  }
};
CORNU_DEFINE_OP(AveragePooling)

Value average_pooling(Value x, Window window) {
  return in_float32(x, [&](Value v) { return emit(AveragePooling{filled(window)}, {v}); });
}

struct AveragePoolingInput::Rules : AveragePoolingInput {
  static constexpr std::string_view name = "average_pooling_input", doc = "The transpose of average_pooling: each number shared out among the cells of its window.";
  std::vector<TensorType> infer(Types in) const {
    check(in, 1, name);
    return {type_of_input(window, name, in[0], sizes)};
  }
  std::vector<Value> gradient(const Derivation& d) const { return {average_pooling(d.grad[0], window)}; }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    return pooling_kernels(Pooling::average_transpose, r.in[0].dtype, sizes_of(window, r.out[0].shape, r.in[0].shape));
  }
  static std::vector<Example> examples() {
    std::vector<Example> list;
    for (const Trial& t : trials()) list.push_back({AveragePoolingInput{t.window, spatial(t.x)}, {numbers(t.y().shape, 5)}});
    return list;
  }
};
CORNU_DEFINE_OP(AveragePoolingInput)

}  // namespace cornu
