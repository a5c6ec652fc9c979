#include <doctest/doctest.h>

#include "evaluate.h"

using namespace cornu;

namespace {
const Tensor a{{1, 2, 3}, {4, 5, 6}}, b{{7, 8}, {9, 10}, {11, 12}}, ab{{58, 64}, {139, 154}};
const Tensor a_transposed{{1, 4}, {2, 5}, {3, 6}}, b_transposed{{7, 9, 11}, {8, 10, 12}};

Tensor product(const Tensor& x, const Tensor& y, MatMul how = {}) {
  return evaluate({x, y}, [&](const auto& in) { return matmul(in[0], in[1], how); });
}
std::string error(TensorType x, TensorType y, MatMul how = {}) {
  return error_of({x, y}, [&](Graph&, const auto& in) { matmul(in[0], in[1], how); });
}
/// dx and dy of matmul(x, y) for a dz of ones, multiplied out by the tests below.
std::vector<Value> gradients(const std::vector<Value>& in, MatMul how = {}) {
  const Value z = matmul(in[0], in[1], how);
  const Tensor ones = Tensor(z.shape(), std::vector<float>(static_cast<size_t>(z.shape().elements()), 1.0f));
  return gradient_rule(z, z.graph->constant(ones));
}
}  // namespace

TEST_CASE("either operand may be stored transposed") {
  CHECK(product(a, b) == ab);
  CHECK(product(a_transposed, b, {.transpose_a = true}) == ab);
  CHECK(product(a, b_transposed, {.transpose_b = true}) == ab);
  CHECK(product(a_transposed, b_transposed, {true, true}) == ab);
}

TEST_CASE("leading axes broadcast") {
  const Tensor two = Tensor({2, 2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6, 0, 0, 1, 1, 0, 0});
  CHECK(product(two, b) == Tensor({2, 2, 2}, std::vector<float>{58, 64, 139, 154, 11, 12, 7, 8}));
  CHECK(product(Tensor({1, 1, 2}, std::vector<float>{1, 1}), Tensor({2, 2, 1}, std::vector<float>{1, 2, 3, 4})) ==
        Tensor({2, 1, 1}, std::vector<float>{3, 7}));
}

TEST_CASE("bytes are read as numbers from 0 to 255") {
  CHECK(product(Tensor({1, 2}, std::vector<uint8_t>{255, 1}), Tensor({2, 1}, std::vector<float>{1, 2})) == Tensor({1, 1}, std::vector<float>{257}));
  CHECK(product(Tensor({1, 2}, std::vector<float>{1, 2}), Tensor({2, 1}, std::vector<uint8_t>{200, 3})) == Tensor({1, 1}, std::vector<float>{206}));
}

TEST_CASE("sums of no numbers are zeros") {
  CHECK(product(Tensor(DType::float32, {2, 0}), Tensor(DType::float32, {0, 3})) == Tensor(DType::float32, {2, 3}));
}

TEST_CASE("the gradient of a product is a product with the other operand") {
  CHECK(evaluate({a, b}, [](const auto& in) { return gradients(in)[0]; }) == Tensor{{15, 19, 23}, {15, 19, 23}});
  CHECK(evaluate({a, b}, [](const auto& in) { return gradients(in)[1]; }) == Tensor{{5, 5}, {7, 7}, {9, 9}});
  CHECK(evaluate({a_transposed, b_transposed}, [](const auto& in) { return gradients(in, {true, true})[0]; }) ==
        Tensor{{15, 15}, {19, 19}, {23, 23}});
  CHECK(evaluate({a_transposed, b_transposed}, [](const auto& in) { return gradients(in, {true, true})[1]; }) == Tensor{{5, 7, 9}, {5, 7, 9}});
}

TEST_CASE("bytes have no gradient") {
  Graph g;
  const auto d = gradients({g.input("x", {DType::uint8, {4, 3}}), g.input("w", {DType::float32, {3, 2}})});
  CHECK_FALSE(d[0]);
  CHECK(d[1].shape() == Shape{3, 2});
}

TEST_CASE("a weight shared by many matrices gets its gradient from one product") {
  Graph g;
  const auto d = gradients({g.input("x", {DType::float32, {5, 4, 3}}), g.input("w", {DType::float32, {3, 2}})});
  CHECK(d[1].shape() == Shape{3, 2});
}

TEST_CASE("errors of matmul say what was given and what does not fit") {
  constexpr DType f = DType::float32;
  CHECK(error({f, {3, 4}}, {f, {5, 6}}) == "matmul cannot multiply [3, 4] by [5, 6]: the inner sizes 4 and 5 differ");
  CHECK(error({f, {3, 4}}, {f, {4, 6}}, {.transpose_a = true}) ==
        "matmul cannot multiply [3, 4] transposed by [4, 6]: the inner sizes 3 and 4 differ");
  CHECK(error({f, {4}}, {f, {4, 6}}) ==
        "matmul cannot multiply [4] by [4, 6]: both need at least two axes; reshape a vector to a row or a column");
  CHECK(error({f, {2, 3, 4}}, {f, {3, 4, 6}}) ==
        "matmul cannot multiply [2, 3, 4] by [3, 4, 6]: the leading axes [2] and [3] do not broadcast");
  CHECK(error({DType::int32, {3, 4}}, {f, {4, 6}}) ==
        "matmul cannot multiply int32 by float32: both need one float type (uint8 or bfloat16 may meet float32); cast one of them");
}
