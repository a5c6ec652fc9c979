// Chains of pointwise ops as one kernel: against the naive twin, in place, with epilogues, as text.
#include "cornu/ops/fused.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "cornu/base/random.h"
#include "cornu/ops/ops.h"
#include "cornu/ops/tile_code.h"

using namespace cornu;

namespace {

Tensor numbers(DType dtype, Shape shape, uint32_t stream) {
  std::vector<double> v(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < v.size(); ++i) v[i] = unit_double(philox({static_cast<uint32_t>(i), 0, 0, 0}, {stream, 3})[0]) * 4 - 1.5;
  if (is_integer(dtype))
    for (double& x : v) x = std::floor(x * 20 + 40);
  return Tensor(std::move(shape), v).cast(dtype);
}

std::vector<Tensor> run(const Kernel& kernel, std::vector<Tensor> in, const std::vector<TensorType>& out, bool in_place = false) {
  std::vector<Tensor> results;
  std::vector<void*> buffers;
  for (Tensor& t : in) buffers.push_back(t.mutable_data());
  for (size_t k = 0; k < out.size(); ++k) {
    results.emplace_back(out[k].dtype, out[k].shape);
    buffers.push_back(in_place ? buffers[k] : results[k].mutable_data());
  }
  std::vector<std::byte> scratch(kernel.scratch_bytes, std::byte{0xa5});
  for (const Phase& p : kernel.phases)
    for (int s = 0; s < p.slices; ++s) p.run(kernel.context.get(), buffers.data(), s, scratch.data());
  if (in_place)
    for (size_t k = 0; k < out.size(); ++k) std::memcpy(results[k].mutable_data(), buffers[k], results[k].bytes());
  return results;
}

/// A chain traced on inputs of these types, fused whole.
struct Traced {
  Graph graph;
  std::vector<Value> inputs, outputs;
  FusedGroup group;
  Traced(const std::vector<TensorType>& types, const std::function<std::vector<Value>(const std::vector<Value>&)>& f) {
    for (size_t i = 0; i < types.size(); ++i) inputs.push_back(graph.input(text("x", i), types[i]));
    outputs = f(inputs);
    std::vector<int> nodes;
    for (int i = 0; i < graph.size(); ++i)
      if (graph[i].op) nodes.push_back(i);
    group = fuse(graph, nodes, outputs, inputs[0]);
  }
  std::vector<TensorType> in_types() const {
    std::vector<TensorType> t;
    for (const Value v : group.inputs) t.push_back(v.type());
    return t;
  }
  std::vector<Tensor> tensors() const {
    std::vector<Tensor> t;
    for (const Value v : group.inputs) {
      const Node& node = graph[v];
      t.push_back(node.constant ? *node.constant : numbers(v.dtype(), v.shape(), static_cast<uint32_t>(v.node)));
    }
    return t;
  }
  std::vector<TensorType> out_types() const { return Op(group.fused).infer(in_types()); }
  Kernel kernel(bool naive) const { return tile_kernel(tile_program(group.fused, in_types(), naive)); }
};

/// The fused kernel agrees with the naive twin to a few float32 roundings.
void check(const Traced& t, bool in_place = false, double tolerance = 4e-6) {
  const auto fast = run(t.kernel(false), t.tensors(), t.out_types(), in_place), naive = run(t.kernel(true), t.tensors(), t.out_types());
  for (size_t k = 0; k < fast.size(); ++k)
    for (int64_t i = 0; i < fast[k].size(); ++i) {
      const double a = fast[k].at(i), b = naive[k].at(i);
      if (std::isnan(a) && std::isnan(b)) continue;
      INFO(text("output ", k, ", element ", i, " of ", fast[k].shape()));
      CHECK(std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b)));
    }
}

TensorType f32(Shape shape) { return {DType::float32, std::move(shape)}; }
size_t instructions(const Traced& t) { return tile_program(t.group.fused, t.in_types()).code.size(); }

std::vector<Value> adam(const std::vector<Value>& x) {  // w, m, v, gradient, alpha
  const Value m = x[1] + (x[3] - x[1]) * 0.1, v = x[2] + (square(x[3]) - x[2]) * 0.001;
  return {x[0] - m * x[4] / (sqrt(absolute(v)) + 1e-7), m, v};
}

}  // namespace

TEST_CASE("chains agree with their naive twin for every awkward size") {
  for (const int64_t n : {0, 1, 7, 8, 9, 255, 256, 257, 1000}) {
    check(Traced({f32({n}), f32({n}), f32({})}, [](const auto& x) { return std::vector{relu(x[0] * x[1] + x[2]), tanh(x[0] - x[1] * x[2])}; }));
    check(Traced({f32({n}), f32({n})}, [](const auto& x) { return std::vector{select(less(x[0], x[1]), exp(x[0]), sigmoid(x[1]))}; }));
  }
  check(Traced({f32({32, 10}), f32({10})}, [](const auto& x) { return std::vector{relu(x[0] + x[1])}; }));
  check(Traced({f32({32, 10}), f32({32, 1})}, [](const auto& x) { return std::vector{x[0] / (sqrt(square(x[1])) + 0.5)}; }));
}

TEST_CASE("an update in place reads each old value before it is lost") {
  for (const int64_t n : {1, 9, 257, 8070}) {
    const Traced t({f32({n}), f32({n}), f32({n}), f32({n}), f32({})}, adam);
    check(t, false);
    check(t, true);
  }
}

TEST_CASE("Adam's moments and step are one loop, to the same bits") {
  for (const int64_t n : {1, 7, 8, 10, 256, 300, 8070}) {
    const Traced t({f32({n}), f32({n}), f32({n}), f32({n}), f32({})}, [](const auto& x) {
      const Value m = x[1] + (x[3] - x[1]) * 0.1, v = x[2] + (square(x[3]) - x[2]) * 0.001;
      return std::vector{x[0] - m * x[4] / (sqrt(v) + 1e-7), m, v};
    });
    TileProgram program = tile_program(t.group.fused, t.in_types());
    REQUIRE(program.groups.size() == 1);
    std::vector<Tensor> in = t.tensors();
    for (Tensor& x : in)
      if (x.size() == n)
        for (int64_t i = 0; i < n; ++i) static_cast<float*>(x.mutable_data())[i] += 2;  // moments of squares are positive
    const auto together = run(tile_kernel(program), in, t.out_types()), in_place = run(tile_kernel(program), in, t.out_types(), true);
    program.groups.clear();
    const auto apart = run(tile_kernel(program), in, t.out_types());
    CHECK(together == apart);
    CHECK(in_place == apart);
    for (const Tensor& y : apart) CHECK(std::isfinite(y.at(n - 1)));
  }
}

TEST_CASE("neighbours become one instruction") {
  const Shape s{300};
  const auto count = [&](size_t inputs, auto f) { return instructions(Traced(std::vector<TensorType>(inputs, f32(s)), f)); };
  CHECK(count(3, [](const auto& x) { return std::vector{x[0] * x[1] + x[2]}; }) == 1);
  CHECK(count(3, [](const auto& x) { return std::vector{x[2] - x[0] * x[1]}; }) == 1);
  CHECK(count(3, [](const auto& x) { return std::vector{square(x[0]) - x[1]}; }) == 1);
  CHECK(count(2, [](const auto& x) { return std::vector{relu(x[0] + x[1])}; }) == 1);
  CHECK(count(2, [](const auto& x) { return std::vector{relu_gradient(x[0], x[1])}; }) == 1);
  CHECK(count(3, [](const auto& x) { return std::vector{x[0] + x[2] * (x[1] - x[0])}; }) == 1);
  CHECK(count(5, [](const auto& x) {
          const Value m = x[1] + (x[3] - x[1]) * 0.1, v = x[2] + (square(x[3]) - x[2]) * 0.001;
          return std::vector{x[0] - m * x[4] / (sqrt(v) + 1e-7), m, v};
        }) == 3);
  SUBCASE("but not where the value between is wanted too") {
    CHECK(count(3, [](const auto& x) {
            const Value p = x[0] * x[1];
            return std::vector{p + x[2], p};
          }) == 2);
  }
}

TEST_CASE("chains of other types wrap, round and compare as their ops do alone") {
  const Shape s{3, 100};
  check(Traced({{DType::float64, s}, {DType::float64, {100}}}, [](const auto& x) { return std::vector{exp(x[0]) * x[1], sin(x[0])}; }));
  check(Traced({{DType::int32, s}, {DType::int32, {}}}, [](const auto& x) { return std::vector{mod(x[0] * x[1], x[1]), x[0] - x[1]}; }));
  check(Traced({{DType::bfloat16, s}, {DType::bfloat16, s}}, [](const auto& x) { return std::vector{x[0] + x[1]}; }), true);

  const Traced bytes({{DType::uint8, Shape{2}}}, [](const auto& x) { return std::vector{cast(floor_divide(x[0] + x[0], scalar(x[0], 2)), DType::float32)}; });
  std::vector<Tensor> in = bytes.tensors();
  in[0] = Tensor(Shape{2}, std::vector<uint8_t>{200, 7});
  CHECK(run(bytes.kernel(false), in, bytes.out_types())[0] == Tensor{72, 7});  // 400 wraps to 144

  const Traced image({{DType::uint8, Shape{2, 300}}}, [](const auto& x) { return std::vector{cast(x[0], DType::float32) * (1.0 / 255)}; });
  CHECK(instructions(image) == 1);  // read as float32: the cast costs nothing
  check(image);
  const Traced truth({f32(s), f32({100})}, [](const auto& x) {
    return std::vector{logical_and(greater(x[0], x[1]), logical_not(isnan(x[0]))), not_equal(x[0], x[1])};
  });
  check(truth);
  check(Traced({f32(s)}, [](const auto& x) { return std::vector{cast(cast(x[0], DType::int32), DType::boolean), cast(x[0], DType::boolean)}; }));
}

TEST_CASE("fusing takes chains apart, keeps equal steps once and drops what is not needed") {
  Graph g;
  const Value x = g.input("x", f32({4})), y = g.input("y", f32({4}));
  const Value a = exp(x), b = exp(x), c = a + b, unused = log(y);
  const std::vector<int> nodes{a.node, b.node, c.node, unused.node};
  const FusedGroup one = fuse(g, nodes, std::vector{c});
  CHECK(one.inputs == std::vector{x});
  CHECK(one.fused.steps.size() == 2);
  const Value f = g.add(one.fused, one.inputs)[0], d = f * y;
  const FusedGroup two = fuse(g, std::vector{f.node, d.node}, std::vector{d}, y);
  CHECK(two.inputs == std::vector{y, x});
  CHECK(text(Op(two.fused).attributes()) == "{inputs: 2, steps: [[\"exp\", 1], [\"add\", 2, 2], [\"multiply\", 3, 0]], outputs: [4]}");
  CHECK_THROWS_AS(fuse(g, nodes, std::vector{d}), InternalError);
}

TEST_CASE("the compiler's ops are read back from their attributes") {
  const Traced t({f32({4}), f32({4})}, [](const auto& x) { return std::vector{cast(x[0] * x[1], DType::int32)}; });
  const WithEpilogue w{MatMul{.transpose_b = true}, 2, t.group.fused};
  for (const Op& op : {Op(t.group.fused), Op(FusedSegments{{t.group.fused, t.group.fused}}), Op(w)}) CHECK(op.about().parse(op.attributes()) == op);
  for (const OpRules* r : compiler_ops()) CHECK_NOTHROW(r->parse(Config::dict()));
  CHECK_THROWS_AS(rules<Fused>().parse(Config::dict().set("steps", Config::List{Config::List{Config("no_such_op")}})), FormatError);
}

TEST_CASE("segments compute what their chains compute") {
  const Traced small({f32({10}), f32({10})}, [](const auto& x) { return std::vector{x[0] * x[1], x[0] - x[1]}; });
  const Traced large({f32({1000})}, [](const auto& x) { return std::vector{exp(x[0])}; });
  const Op op = FusedSegments{{small.group.fused, large.group.fused}};
  std::vector<Tensor> in = small.tensors();
  in.push_back(large.tensors()[0]);
  std::vector<TensorType> types;
  for (const Tensor& t : in) types.push_back({t.dtype(), t.shape()});
  const Machine machine;
  const auto got = run(op.kernels({.in = types, .out = {}, .machine = machine})[0], in, op.infer(types));
  const auto first = run(small.kernel(false), small.tensors(), small.out_types()), second = run(large.kernel(false), large.tensors(), large.out_types());
  CHECK(got == std::vector{first[0], first[1], second[0]});
}
