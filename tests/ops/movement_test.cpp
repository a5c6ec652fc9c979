#include <doctest/doctest.h>

#include "evaluate.h"

using namespace cornu;

namespace {
const Tensor x({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});

/// dx of f's result, for a dy.
Tensor gradient_of(const Tensor& in, const Tensor& dy, const std::function<Value(Value)>& f) {
  return evaluate({in, dy}, [&](const std::vector<Value>& v) { return gradient_rule(f(v[0]), v[1])[0]; });
}
}  // namespace

TEST_CASE("movement moves elements as NumPy does") {
  CHECK(evaluate({x}, [](const auto& in) { return reshape(in[0], {3, -1}); }) == Tensor{{1, 2}, {3, 4}, {5, 6}});
  CHECK(evaluate({x}, [](const auto& in) { return transpose(in[0]); }) == Tensor{{1, 4}, {2, 5}, {3, 6}});
  CHECK(evaluate({x}, [](const auto& in) { return broadcast_to(in[0], {2, 2, 3}); }) == Tensor({2, 2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6}));
  CHECK(evaluate({x}, [](const auto& in) { return sum_to(in[0], {3}); }) == Tensor{5, 7, 9});
  CHECK(evaluate({x}, [](const auto& in) { return sum_to(in[0], {2, 1}); }) == Tensor({2, 1}, std::vector<float>{6, 15}));
  CHECK(evaluate({x}, [](const auto& in) { return slice(in[0], {0, 0}, {2, 3}, {1, 2}); }) == Tensor{{1, 3}, {4, 6}});
  CHECK(evaluate({x}, [](const auto& in) { return pad(in[0], {1, 0}, {0, 1}, 9, {0, 1}); }) ==
        Tensor{{9, 9, 9, 9, 9, 9}, {1, 9, 2, 9, 3, 9}, {4, 9, 5, 9, 6, 9}});
  CHECK(evaluate({x, x}, [](const auto& in) { return concat({in[0], in[1]}, -1); }) == Tensor{{1, 2, 3, 1, 2, 3}, {4, 5, 6, 4, 5, 6}});
  CHECK(evaluate({x}, [](const auto& in) { return in[0] + cast(iota(*in[0].graph, {2, 3}, 1), DType::float32); }) == Tensor{{1, 3, 5}, {4, 6, 8}});
}

TEST_CASE("movement that moves nothing adds no op that moves") {
  Graph g;
  const Value v = g.input("x", {DType::float32, {4, 1, 3}});
  CHECK(reshape(v, {4, 1, 3}) == v);
  CHECK(transpose(v, {0, 1, 2}) == v);
  CHECK(broadcast_to(v, {4, 1, 3}) == v);
  CHECK(slice(v, {0, 0, 0}, {4, 1, 3}) == v);
  CHECK(pad(v, {0, 0, 0}, {0, 0, 0}) == v);
  CHECK(concat({v}, 0) == v);
  CHECK(sum_to(v, {4, 1, 3}) == v);
  const Value moved = transpose(v, {0, 2, 1});  // only an axis of size one moves
  CHECK(moved.shape() == Shape{4, 3, 1});
  CHECK(g[moved].op->properties().view);
  CHECK_FALSE(g[transpose(v, {2, 1, 0})].op->properties().view);
}

TEST_CASE("gradients of movement move back") {
  const Tensor dy{{1, 2}, {3, 4}};
  CHECK(gradient_of(x, Tensor{{1, 2}, {3, 4}, {5, 6}}, [](Value v) { return transpose(v); }) == Tensor{{1, 3, 5}, {2, 4, 6}});
  CHECK(gradient_of(x, dy, [](Value v) { return slice(v, {0, 0}, {2, 3}, {1, 2}); }) == Tensor{{1, 0, 2}, {3, 0, 4}});
  CHECK(gradient_of(Tensor{1, 2, 3, 4, 5}, Tensor{7, 8}, [](Value v) { return slice(v, {1}, {5}, {3}); }) == Tensor{0, 7, 0, 0, 8});
  CHECK(gradient_of(Tensor{1, 2}, Tensor{1, 2, 3, 4, 5, 6}, [](Value v) { return pad(v, {1}, {2}, 0, {1}); }) == Tensor{2, 4});
  CHECK(gradient_of(Tensor{1, 2}, Tensor{{1, 2}, {3, 4}}, [](Value v) { return broadcast_to(v, {2, 2}); }) == Tensor{4, 6});
  const auto parts = evaluate({Tensor{1}, Tensor{2, 3}, Tensor{7, 8, 9}}, [](Graph&, const auto& v) { return gradient_rule(concat({v[0], v[1]}, 0), v[2]); });
  CHECK(parts[0] == Tensor{7});
  CHECK(parts[1] == Tensor{8, 9});
}

TEST_CASE("errors of movement say what was given and what was expected") {
  const auto error = [](Shape shape, auto f) { return error_of({{DType::float32, shape}}, [&](Graph&, const auto& in) { f(in[0]); }); };
  CHECK(error({2, 3}, [](Value v) { reshape(v, {4}); }) == "reshape: float32[2, 3] has 6 elements, which do not fill the shape [4]");
  CHECK(error({2, 3}, [](Value v) { reshape(v, {4, -1}); }) == "reshape: float32[2, 3] has 6 elements, which no size at ? makes fill the shape [4, ?]");
  CHECK(error({2, 3}, [](Value v) { transpose(v, {0, 0}); }) == "transpose: [0, 0] is not an order of the 2 axes of float32[2, 3]");
  CHECK(error({2, 3}, [](Value v) { broadcast_to(v, {2, 4}); }) == "broadcast_to: float32[2, 3] does not stretch to [2, 4]");
  CHECK(error({3}, [](Value v) { slice(v, {1}, {4}); }) ==
        "slice of float32[3]: along axis 0 it needs 0 <= begin <= end <= 3 and a step of at least 1, but was given 1, 4, 1");
  CHECK(error({3}, [](Value v) { pad(v, {-1}, {0}); }) == "pad of float32[3]: along axis 0 it adds -1, 0 and 0 elements; none may be negative (slice takes elements away)");
  CHECK(error({2, 3}, [](Value v) { concat({v, transpose(v)}, 0); }) ==
        "concatenation along axis 0: float32[3, 2] does not continue float32[2, 3]; dtypes and the other axes must agree");
  CHECK(error({2, 3}, [](Value v) { sum_to(v, {4}); }) == "sum_to: float32[2, 3] is no broadcast of the shape [4]");
}
