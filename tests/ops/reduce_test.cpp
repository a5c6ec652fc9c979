#include <doctest/doctest.h>

#include "evaluate.h"

using namespace cornu;

namespace {
const Tensor x({2, 3}, std::vector<float>{1, 5, 3, -2, 4, 4});
Tensor doubles(Shape shape, std::vector<double> v) { return Tensor(std::move(shape), v); }
}  // namespace

TEST_CASE("reductions name axes from either end, and none for all") {
  CHECK(evaluate({x}, [](const auto& in) { return sum(in[0]); }) == Tensor({}, std::vector<float>{15}));
  CHECK(evaluate({x}, [](const auto& in) { return sum(in[0], {-1}); }) == Tensor{9, 6});
  CHECK(evaluate({x}, [](const auto& in) { return cornu::max(in[0], {0}); }) == Tensor{1, 5, 4});
  CHECK(evaluate({x}, [](const auto& in) { return cornu::min(in[0], {1}, true); }) == Tensor({2, 1}, std::vector<float>{1, -2}));
  CHECK(evaluate({x}, [](const auto& in) { return product(in[0], {1, 0}); }) == Tensor({}, std::vector<float>{-480}));
  CHECK(evaluate({x}, [](const auto& in) { return mean(in[0], {-1}); }) == Tensor{3, 2});
  CHECK(evaluate({x}, [](const auto& in) { return argmax(in[0]); }) == Tensor({2}, std::vector<int64_t>{1, 1}));
  CHECK(evaluate({x}, [](const auto& in) { return argmin(in[0], 0); }) == Tensor({3}, std::vector<int64_t>{1, 1, 0}));
}

TEST_CASE("a reduction over axes of size one is a reshape") {
  Graph g;
  const Value v = sum(g.input("x", {DType::float32, {3, 1, 2}}), {1});
  CHECK(v.shape() == Shape{3, 2});
  CHECK(g[v].op->name() == "reshape");
}

TEST_CASE("the largest elements share the gradient when they are equal, as in Keras") {
  const Tensor dx = evaluate({x}, [](const auto& in) {
    const Value y = cornu::max(in[0], {1});
    return gradient_rule(y, y.graph->constant(Tensor{10, 20}))[0];
  });
  CHECK(dx == Tensor{{0, 10, 0}, {0, 10, 10}});
}

TEST_CASE("the gradient of a product is the product of the others, zeros or not") {
  const auto others = [](std::vector<double> v) {
    return evaluate({doubles({static_cast<int64_t>(v.size())}, v)}, [](const auto& in) {
      const Value y = product(in[0]);
      return gradient_rule(y, y.graph->constant(Tensor::scalar(2.0)))[0];
    });
  };
  CHECK(others({2, 3, 4}) == doubles({3}, {24, 16, 12}));
  CHECK(others({2, 0, 4}) == doubles({3}, {0, 16, 0}));
  CHECK(others({0, 0, 4}) == doubles({3}, {0, 0, 0}));
}

TEST_CASE("errors of reductions say what was given and what to do") {
  const auto error = [](DType dtype, Shape shape, auto f) { return error_of({{dtype, shape}}, [&](Graph&, const auto& in) { f(in[0]); }); };
  CHECK(error(DType::uint8, {2, 3}, [](Value v) { sum(v); }) == "sum of uint8[2, 3] does not fit into its dtype; cast it to int32 or float32 first");
  CHECK(error(DType::float32, {2, 0}, [](Value v) { cornu::max(v, {1}); }) == "max of float32[2, 0] over the axes [1] has no elements to choose from");
  CHECK(error(DType::int32, {4}, [](Value v) { mean(v); }) == "mean of int32[4] is no whole number; cast it to float32 first");
  CHECK(error(DType::float32, {2, 0}, [](Value v) { argmax(v, 1); }) == "argmax of float32[2, 0] along axis 1 has no elements to choose from");
  CHECK(error(DType::float32, {2}, [](Value v) { emit(Reduce{Reduction::sum, {1}}, {v}); }) == "sum of float32[2]: the axes [1] should be ascending and below 1");
}

TEST_CASE("a reduction's kind reads and writes as its name") {
  Reduction kind = Reduction::sum;
  from_config("max", kind);
  CHECK(kind == Reduction::max);
  CHECK(to_config(Reduction::product) == Config("product"));
  CHECK_THROWS_AS(from_config("maks", kind), FormatError);
}
