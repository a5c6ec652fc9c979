// Ops that read and write rows by index: gather, its transpose scatter_add, and one_hot.
#include "cornu/graph/define_op.h"
#include "cornu/kernels/gather.h"
#include "cornu/ops/ops.h"

namespace cornu {

struct Gather::Rules : Gather {
  static constexpr std::string_view name = "gather", doc = "Rows of x picked by integer indices; zeros where an index is no row of x.";
  std::vector<TensorType> infer(Types in) const {
    require<ShapeError>(in.size() == 2, "gather takes x and indices, but was given ", in.size(), " inputs");
    require<ShapeError>(in[0].shape.rank() >= 1, "gather picks rows, but ", in[0], " has no axis");
    require<ShapeError>(is_integer(in[1].dtype), "gather: indices are integers, but were given as ", in[1], "; cast them to int32");
    return {{in[0].dtype, in[1].shape + in[0].shape.drop_front()}};
  }
  std::vector<Value> gradient(const Derivation& d) const { return {scatter_add(d.grad[0], d.in[1], d.in[0].dim(0)), {}}; }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    const int64_t row_bytes = r.in[0].shape.drop_front().elements() * static_cast<int64_t>(bytes_of(r.in[0].dtype));
    return {gather_kernel(r.in[1].dtype, r.in[0].shape[0], row_bytes, r.in[1].shape.elements())};
  }
  static std::vector<Example> examples() {
    const Tensor table({4, 3}, std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    return {{Gather{}, {table, Tensor({5}, std::vector<int32_t>{3, 0, 0, 2, 3})}},
            {Gather{}, {table, Tensor({2, 2}, std::vector<int64_t>{1, -1, 4, 2})}},
            {Gather{}, {table, Tensor(Shape{}, std::vector<uint8_t>{2})}},
            {Gather{}, {Tensor({3}, std::vector<double>{5, 6, 7}), Tensor({2}, std::vector<int32_t>{2, 1})}},
            {Gather{}, {table, Tensor({0}, std::vector<int32_t>{})}}};
  }
};
CORNU_DEFINE_OP(Gather)

Value gather(Value x, Value indices) { return emit(Gather{}, {x, indices}); }

struct ScatterAdd::Rules : ScatterAdd {
  static constexpr std::string_view name = "scatter_add", doc = "Zeros with rows added at integer indices, in order; an index that is no row is left out.";
  std::vector<TensorType> infer(Types in) const {
    require<ShapeError>(in.size() == 2, "scatter_add takes updates and indices, but was given ", in.size(), " inputs");
    require<ShapeError>(is_integer(in[1].dtype), "scatter_add: indices are integers, but were given as ", in[1], "; cast them to int32");
    require<ShapeError>(in[0].dtype != DType::boolean, "scatter_add: bools cannot be added; cast ", in[0], " to int32 first");
    const int k = in[1].shape.rank();
    require<ShapeError>(rows >= 0 && in[0].shape.rank() >= k && in[0].shape.part(0, k) == in[1].shape, "scatter_add into ", rows, " rows: updates ", in[0],
                        " do not start with the shape of the indices ", in[1]);
    return {{in[0].dtype, Shape{rows} + in[0].shape.drop_front(k)}};
  }
  std::vector<Value> gradient(const Derivation& d) const { return {gather(d.grad[0], d.in[1]), {}}; }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    return {scatter_add_kernel(r.in[0].dtype, r.in[1].dtype, rows, r.in[0].shape.drop_front(r.in[1].shape.rank()).elements(), r.in[1].shape.elements())};
  }
  static std::vector<Example> examples() {
    const Tensor updates({4, 2}, std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8});
    return {{ScatterAdd{3}, {updates, Tensor({4}, std::vector<int32_t>{2, 0, 2, 2})}},
            {ScatterAdd{5}, {updates.reshaped({2, 2, 2}), Tensor({2, 2}, std::vector<int64_t>{4, -1, 5, 4})}},
            {ScatterAdd{2}, {updates.reshaped({8}), Tensor(Shape{}, std::vector<uint8_t>{1})}},
            {ScatterAdd{3}, {Tensor({0, 2}, std::vector<double>{}), Tensor({0}, std::vector<int32_t>{})}}};
  }
};
CORNU_DEFINE_OP(ScatterAdd)

Value scatter_add(Value updates, Value indices, int64_t rows) { return emit(ScatterAdd{rows}, {updates, indices}); }

Value one_hot(Value indices, int64_t classes, DType dtype) {
  require<ShapeError>(is_integer(indices.dtype()), "one_hot: indices are integers, but were given as ", indices.type(), "; cast them to int32");
  require<ShapeError>(classes >= 0, "one_hot needs a number of classes, but was given ", classes);
  // uint8 counts no further than 255.
  const Value numbers = indices.dtype() == DType::uint8 ? cast(indices, DType::int32) : indices;
  const Value counted = iota(*indices.graph, {classes}, 0, numbers.dtype());
  return cast(equal(reshape(numbers, indices.shape() + Shape{1}), counted), dtype);
}

}  // namespace cornu
