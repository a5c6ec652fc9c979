// Ops that move elements: reshape, transpose, broadcast, slice, pad, concatenate; and iota, which counts them.
#include <algorithm>
#include <numeric>

#include "cornu/graph/define_op.h"
#include "cornu/kernels/movement.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

Tensor numbers(Shape shape, double first = 1, double step = 0.5) {
  std::vector<double> v(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < v.size(); ++i) v[i] = first + step * static_cast<double>(i);
  return Tensor(std::move(shape), v);
}

void one_input(Types in, std::string_view name) { require<ShapeError>(in.size() == 1, name, " takes one input, but was given ", in.size()); }

}  // namespace

// ---- reshape

struct Reshape::Rules : Reshape {
  static constexpr std::string_view name = "reshape", doc = "The same elements, in row-major order, in another shape.";
  static constexpr Properties has = {.view = true};
  std::vector<TensorType> infer(Types in) const {
    one_input(in, name);
    require<ShapeError>(shape.is_known() && shape.elements() == in[0].shape.elements(), "reshape: ", in[0], " has ", in[0].shape.elements(),
                        " elements, which do not fill the shape ", shape);
    return {{in[0].dtype, shape}};
  }
  std::vector<Value> gradient(const Derivation& d) const { return {reshape(d.grad[0], d.in[0].shape())}; }
  static std::vector<Example> examples() {
    return {{Reshape{{6}}, {numbers({2, 3})}}, {Reshape{{3, 1, 2}}, {numbers({6})}}, {Reshape{{}}, {numbers({1, 1})}}, {Reshape{{0, 4}}, {numbers({2, 0})}}};
  }
};
CORNU_DEFINE_OP(Reshape)

Value reshape(Value x, Shape shape) {
  const auto unknown = std::count(shape.begin(), shape.end(), Shape::unknown);
  require<ShapeError>(unknown <= 1, "reshape: at most one size may be -1, but the shape is ", shape);
  if (unknown == 1) {
    int64_t others = 1;
    for (const int64_t s : shape) others *= s == Shape::unknown ? 1 : s;
    require<ShapeError>(others > 0 && x.shape().elements() % others == 0, "reshape: ", x.type(), " has ", x.shape().elements(),
                        " elements, which no size at ? makes fill the shape ", shape);
    for (int a = 0; a < shape.rank(); ++a)
      if (shape[a] == Shape::unknown) shape[a] = x.shape().elements() / others;
  }
  return shape == x.shape() ? x : emit(Reshape{std::move(shape)}, {x});
}

// ---- transpose

struct Transpose::Rules : Transpose {
  static constexpr std::string_view name = "transpose", doc = "Axes in another order: output axis i is input axis axes[i].";
  std::vector<TensorType> infer(Types in) const {
    one_input(in, name);
    const Shape& x = in[0].shape;
    std::vector<int64_t> sorted = axes;
    std::sort(sorted.begin(), sorted.end());
    bool permutation = sorted.size() == static_cast<size_t>(x.rank());
    for (size_t i = 0; permutation && i < sorted.size(); ++i) permutation = sorted[i] == static_cast<int64_t>(i);
    require<ShapeError>(permutation, "transpose: ", axes, " is not an order of the ", x.rank(), " axes of ", in[0]);
    Shape y;
    for (const int64_t a : axes) y.push_back(x[static_cast<int>(a)]);
    return {{in[0].dtype, y}};
  }
  std::vector<Value> gradient(const Derivation& d) const {
    std::vector<int64_t> back(axes.size());
    for (size_t i = 0; i < axes.size(); ++i) back[static_cast<size_t>(axes[i])] = static_cast<int64_t>(i);
    return {transpose(d.grad[0], back)};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    const std::vector<int64_t> from = dense_strides(r.in[0].shape);
    StridedCopy copy{r.out[0].shape.sizes(), {}, dense_strides(r.out[0].shape)};
    for (const int64_t a : axes) copy.from_strides.push_back(from[static_cast<size_t>(a)]);
    return {strided_copy_kernel("transpose", r.in[0].dtype, copy)};
  }
  static std::vector<Example> examples() {
    return {{Transpose{{1, 0}}, {numbers({3, 5})}},
            {Transpose{{2, 0, 1}}, {numbers({2, 3, 4})}},
            {Transpose{{0, 2, 1}}, {numbers({2, 17, 3})}},
            {Transpose{{0, 2, 1, 3}}, {numbers({2, 3, 2, 2})}},
            {Transpose{{1, 0}}, {numbers({0, 3})}},
            {Transpose{{}}, {numbers({})}}};
  }
};
CORNU_DEFINE_OP(Transpose)

Value transpose(Value x, std::vector<int64_t> axes) {
  const int rank = x.shape().rank();
  if (axes.empty())
    for (int a = rank; a-- > 0;) axes.push_back(a);
  for (int64_t& a : axes) a = x.shape().axis(static_cast<int>(a));
  // Where only axes of size one move, the elements keep their order.
  int64_t last = -1;
  bool moves = axes.size() != static_cast<size_t>(rank);
  Shape shape;
  for (const int64_t a : axes) {
    const int64_t size = x.shape()[static_cast<int>(a)];
    shape.push_back(size);
    if (size == 1) continue;
    moves |= a <= last;
    last = a;
  }
  std::vector<int64_t> sorted = axes;
  std::sort(sorted.begin(), sorted.end());
  moves |= std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();  // an axis named twice: infer will say so
  return moves ? emit(Transpose{std::move(axes)}, {x}) : reshape(x, shape);
}

// ---- broadcast

struct BroadcastTo::Rules : BroadcastTo {
  static constexpr std::string_view name = "broadcast_to", doc = "Axes of size one, and new ones in front, stretched by repeating.";
  std::vector<TensorType> infer(Types in) const {
    one_input(in, name);
    bool fits = shape.is_known() && in[0].shape.rank() <= shape.rank();
    for (int a = 0; fits && a < in[0].shape.rank(); ++a) {
      const int64_t from = in[0].shape[a], to = shape[a + shape.rank() - in[0].shape.rank()];
      fits = from == to || from == 1;
    }
    require<ShapeError>(fits, "broadcast_to: ", in[0], " does not stretch to ", shape);
    return {{in[0].dtype, shape}};
  }
  std::vector<Value> gradient(const Derivation& d) const { return {sum_to(d.grad[0], d.in[0].shape())}; }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    return {strided_copy_kernel("broadcast", r.in[0].dtype, {shape.sizes(), broadcast_strides(r.in[0].shape, shape), dense_strides(shape)})};
  }
  static std::vector<Example> examples() {
    return {{BroadcastTo{{2, 3}}, {numbers({3})}},
            {BroadcastTo{{2, 3, 2}}, {numbers({3, 1})}},
            {BroadcastTo{{4}}, {numbers({})}},
            {BroadcastTo{{3, 2, 5}}, {numbers({3, 1, 5})}},
            {BroadcastTo{{0, 3}}, {numbers({1, 3})}}};
  }
};
CORNU_DEFINE_OP(BroadcastTo)

Value broadcast_to(Value x, Shape shape) { return shape == x.shape() ? x : emit(BroadcastTo{std::move(shape)}, {x}); }

Value sum_to(Value x, Shape shape) {
  if (x.shape() == shape) return x;
  const int extra = x.shape().rank() - shape.rank();
  std::vector<int64_t> axes;
  for (int a = 0; a < x.shape().rank(); ++a) {
    const bool fits = extra >= 0 && (a < extra || shape[a - extra] == 1 || shape[a - extra] == x.shape()[a]);
    require<ShapeError>(fits, "sum_to: ", x.type(), " is no broadcast of the shape ", shape);
    if (a < extra || shape[a - extra] != x.shape()[a]) axes.push_back(a);
  }
  return reshape(axes.empty() ? x : sum(x, axes), std::move(shape));
}

// ---- slice

struct Slice::Rules : Slice {
  static constexpr std::string_view name = "slice", doc = "Elements begin, begin + step, ... before end, along each axis.";
  std::vector<TensorType> infer(Types in) const {
    one_input(in, name);
    const Shape& x = in[0].shape;
    const auto rank = static_cast<size_t>(x.rank());
    require<ShapeError>(begin.size() == rank && end.size() == rank && step.size() == rank, "slice of ", in[0], " needs a begin, end and step for each axis, but was given ",
                        begin, ", ", end, ", ", step);
    Shape y;
    for (size_t a = 0; a < rank; ++a) {
      const int64_t size = x[static_cast<int>(a)];
      require<ShapeError>(0 <= begin[a] && begin[a] <= end[a] && end[a] <= size && step[a] >= 1, "slice of ", in[0], ": along axis ", a,
                          " it needs 0 <= begin <= end <= ", size, " and a step of at least 1, but was given ", begin[a], ", ", end[a], ", ", step[a]);
      y.push_back((end[a] - begin[a] + step[a] - 1) / step[a]);
    }
    return {{in[0].dtype, y}};
  }
  std::vector<Value> gradient(const Derivation& d) const {
    std::vector<int64_t> after, between;
    for (size_t a = 0; a < begin.size(); ++a) {
      const int64_t n = d.out[0].shape()[static_cast<int>(a)], covered = n == 0 ? 0 : (n - 1) * step[a] + 1;
      after.push_back(d.in[0].shape()[static_cast<int>(a)] - begin[a] - covered);
      between.push_back(step[a] - 1);
    }
    return {pad(d.grad[0], begin, after, 0, between)};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    StridedCopy copy{r.out[0].shape.sizes(), dense_strides(r.in[0].shape), dense_strides(r.out[0].shape)};
    for (size_t a = 0; a < begin.size(); ++a) {
      copy.from_offset += begin[a] * copy.from_strides[a];
      copy.from_strides[a] *= step[a];
    }
    return {strided_copy_kernel("slice", r.in[0].dtype, copy)};
  }
  static std::vector<Example> examples() {
    return {{Slice{{1, 0}, {3, 4}, {1, 1}}, {numbers({4, 4})}},
            {Slice{{0, 1}, {4, 5}, {3, 2}}, {numbers({4, 5})}},
            {Slice{{2}, {2}, {1}}, {numbers({3})}},
            {Slice{{0, 0, 1}, {2, 3, 2}, {1, 2, 1}}, {numbers({2, 3, 4})}}};
  }
};
CORNU_DEFINE_OP(Slice)

Value slice(Value x, std::vector<int64_t> begin, std::vector<int64_t> end, std::vector<int64_t> step) {
  if (step.empty()) step.assign(begin.size(), 1);
  const bool whole = std::all_of(begin.begin(), begin.end(), [](int64_t b) { return b == 0; }) && end == x.shape().sizes() &&
                     begin.size() == end.size() && std::all_of(step.begin(), step.end(), [](int64_t s) { return s == 1; });
  return whole ? x : emit(Slice{std::move(begin), std::move(end), std::move(step)}, {x});
}

// ---- pad

struct Pad::Rules : Pad {
  static constexpr std::string_view name = "pad", doc = "More elements before, after and between those along each axis, all of one value.";
  std::vector<TensorType> infer(Types in) const {
    one_input(in, name);
    const Shape& x = in[0].shape;
    const auto rank = static_cast<size_t>(x.rank());
    require<ShapeError>(before.size() == rank && after.size() == rank && between.size() == rank, "pad of ", in[0],
                        " needs a number before, after and between for each axis, but was given ", before, ", ", after, ", ", between);
    Shape y;
    for (size_t a = 0; a < rank; ++a) {
      require<ShapeError>(before[a] >= 0 && after[a] >= 0 && between[a] >= 0, "pad of ", in[0], ": along axis ", a, " it adds ", before[a], ", ", after[a],
                          " and ", between[a], " elements; none may be negative (slice takes elements away)");
      const int64_t n = x[static_cast<int>(a)], inner = n > 0 ? Shape{n - 1, between[a]}.elements() : 0;
      constexpr int64_t most = int64_t{1} << 48;  // larger than any memory, and their sum is no number too large
      require<ShapeError>(std::max({before[a], after[a], inner}) <= most, "pad of ", in[0], ": along axis ", a, " it adds ", before[a], ", ", after[a], " and ", between[a],
                          " elements, more than any memory holds");
      y.push_back(before[a] + after[a] + n + inner);
    }
    return {{in[0].dtype, y}};
  }
  std::vector<Value> gradient(const Derivation& d) const {
    std::vector<int64_t> end, step;
    for (size_t a = 0; a < before.size(); ++a) {
      end.push_back(d.out[0].shape()[static_cast<int>(a)] - after[a]);
      step.push_back(between[a] + 1);
    }
    return {slice(d.grad[0], before, end, step)};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    StridedCopy copy{r.in[0].shape.sizes(), dense_strides(r.in[0].shape), dense_strides(r.out[0].shape)};
    for (size_t a = 0; a < before.size(); ++a) {
      copy.to_offset += before[a] * copy.to_strides[a];
      copy.to_strides[a] *= between[a] + 1;
    }
    return {pad_kernel(r.in[0].dtype, copy, r.out[0].shape.elements(), value)};
  }
  static std::vector<Example> examples() {
    return {{Pad{{1, 0}, {0, 2}, {0, 0}}, {numbers({2, 3})}},
            {Pad{{0, 1}, {1, 0}, {2, 1}, -1.5}, {numbers({2, 3})}},
            {Pad{{2}, {1}, {3}}, {numbers({0})}},
            {Pad{{0, 1, 1}, {0, 1, 1}, {0, 0, 0}}, {numbers({2, 3, 2})}}};
  }
};
CORNU_DEFINE_OP(Pad)

Value pad(Value x, std::vector<int64_t> before, std::vector<int64_t> after, double value, std::vector<int64_t> between) {
  if (between.empty()) between.assign(before.size(), 0);
  const auto nothing = [](const std::vector<int64_t>& v) { return std::all_of(v.begin(), v.end(), [](int64_t n) { return n == 0; }); };
  const bool same = before.size() == static_cast<size_t>(x.shape().rank()) && nothing(before) && nothing(after) && nothing(between);
  return same ? x : emit(Pad{std::move(before), std::move(after), std::move(between), value}, {x});
}

// ---- concatenation

struct Concatenation::Rules : Concatenation {
  static constexpr std::string_view name = "concatenation", doc = "Tensors one after another along an axis; the other axes agree.";
  std::vector<TensorType> infer(Types in) const {
    require<ShapeError>(!in.empty(), "concatenation needs at least one input");
    require<ShapeError>(0 <= axis && axis < in[0].shape.rank(), "concatenation: there is no axis ", axis, " in ", in[0]);
    TensorType y = in[0];
    const int a = static_cast<int>(axis);
    for (size_t i = 1; i < in.size(); ++i) {
      bool fits = in[i].dtype == y.dtype && in[i].shape.rank() == y.shape.rank();
      for (int k = 0; fits && k < y.shape.rank(); ++k) fits = k == a || in[i].shape[k] == y.shape[k];
      require<ShapeError>(fits, "concatenation along axis ", axis, ": ", in[i], " does not continue ", in[0], "; dtypes and the other axes must agree");
      y.shape[a] += in[i].shape[a];
    }
    return {y};
  }
  std::vector<Value> gradient(const Derivation& d) const {
    std::vector<Value> grads;
    std::vector<int64_t> begin(static_cast<size_t>(d.out[0].shape().rank()), 0), end = d.out[0].shape().sizes();
    const auto a = static_cast<size_t>(axis);
    for (const Value x : d.in) {
      end[a] = begin[a] + x.shape()[static_cast<int>(axis)];
      grads.push_back(slice(d.grad[0], begin, end));
      begin[a] = end[a];
    }
    return grads;
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    const int a = static_cast<int>(axis);
    std::vector<int64_t> part_bytes;
    for (const TensorType& t : r.in) part_bytes.push_back(t.shape.drop_front(a).elements() * static_cast<int64_t>(bytes_of(t.dtype)));
    return {concat_kernel(r.out[0].shape.part(0, a).elements(), std::move(part_bytes))};
  }
  static std::vector<Example> examples() {
    return {{Concatenation{0}, {numbers({2, 3}), numbers({1, 3}, -4)}},
            {Concatenation{1}, {numbers({2, 3}), numbers({2, 1}, 7), numbers({2, 0}), numbers({2, 2}, -3)}},
            {Concatenation{0}, {numbers({3})}},
            {Concatenation{1}, {numbers({2, 2, 3}), numbers({2, 1, 3}, 9)}}};
  }
};
CORNU_DEFINE_OP(Concatenation)

Value concat(std::vector<Value> parts, int axis) {
  require<ShapeError>(!parts.empty(), "concat needs at least one part");
  const int64_t from_front = parts[0].shape().axis(axis);
  return parts.size() == 1 ? parts[0] : emit(Concatenation{from_front}, std::move(parts));
}

// ---- iota

struct Iota::Rules : Iota {
  static constexpr std::string_view name = "iota", doc = "0, 1, 2, ... along an axis, the same along the others.";
  static constexpr Properties has = {.differentiable = false};
  std::vector<TensorType> infer(Types in) const {
    require<ShapeError>(in.empty(), "iota takes no input, but was given ", in.size());
    require<ShapeError>(shape.is_known() && 0 <= axis && axis < shape.rank(), "iota: there is no axis ", axis, " in the shape ", shape);
    require<ShapeError>(dtype != DType::boolean, "iota counts in numbers, not in bool");
    return {{dtype, shape}};
  }
  std::vector<Kernel> kernels(const KernelRequest&) const {
    const int a = static_cast<int>(axis);
    return {iota_kernel(dtype, shape.part(0, a).elements(), shape[a], shape.drop_front(a + 1).elements())};
  }
  static std::vector<Example> examples() {
    return {{Iota{{4}}, {}, false}, {Iota{{2, 3}, 1, DType::int32}, {}, false}, {Iota{{2, 3, 2}, 1, DType::float32}, {}, false}, {Iota{{0}}, {}, false}};
  }
};
CORNU_DEFINE_OP(Iota)

Value iota(Graph& graph, Shape shape, int axis, DType dtype) {
  const int64_t from_front = shape.axis(axis);
  return graph.add(Op(Iota{std::move(shape), from_front, dtype}), {})[0];
}

}  // namespace cornu
