#include <doctest/doctest.h>

#include <cmath>

#include "evaluate.h"

using namespace cornu;

namespace {
const Tensor logits({2, 3}, std::vector<double>{1, 2, 3, 0, 0, 0});
void check_near(const Tensor& got, std::vector<double> want, double by = 1e-8) {
  REQUIRE(got.size() == static_cast<int64_t>(want.size()));
  for (size_t i = 0; i < want.size(); ++i) CHECK(std::abs(got.at(static_cast<int64_t>(i)) - want[i]) < by);
}
}  // namespace

// Values: keras.ops.softmax and keras.losses.sparse_categorical_crossentropy(from_logits=True) on these numbers.
TEST_CASE("softmax and cross entropy have Keras's values") {
  check_near(evaluate({logits}, [](const auto& in) { return softmax(in[0]); }), {0.09003057317, 0.24472847105, 0.66524095578, 1. / 3, 1. / 3, 1. / 3});
  check_near(evaluate({logits}, [](const auto& in) { return log_softmax(in[0]); }), {-2.40760596444, -1.40760596444, -0.40760596444, -std::log(3), -std::log(3), -std::log(3)});
  const Tensor labels({2}, std::vector<uint8_t>{2, 0}), target({2, 3}, std::vector<double>{0.5, 0.5, 0, 1, 0, 0});
  check_near(evaluate({logits, labels}, [](const auto& in) { return sparse_softmax_cross_entropy(in[0], in[1]); }), {0.40760596444, std::log(3)});
  check_near(evaluate({logits, target}, [](const auto& in) { return softmax_cross_entropy(in[0], in[1]); }), {1.90760596444, std::log(3)});
}

TEST_CASE("the gradient of cross entropy is what is too much of each probability") {
  const Tensor labels({2}, std::vector<int64_t>{2, 0}), dloss({2}, std::vector<double>{1, 3});
  const Tensor d = evaluate({logits, labels, dloss}, [](const auto& in) { return gradient_rule(sparse_softmax_cross_entropy(in[0], in[1]), in[2])[0]; });
  check_near(d, {0.09003057317, 0.24472847105, 0.66524095578 - 1, -2, 1, 1});
}

TEST_CASE("a gradient may come through the probabilities too") {
  const Tensor labels({2}, std::vector<int32_t>{2, 0}), dp({2, 3}, std::vector<double>{1, 0, -1, 2, 0, 0});
  const auto through = [&](auto f) { return evaluate({logits, labels, dp}, [&](const std::vector<Value>& in) { return gradient_rule(f(in), in[2])[0]; }); };
  const Tensor d = through([](const std::vector<Value>& in) { return emit_all(SparseSoftmaxCrossEntropy{}, {in[0], in[1]})[1]; });
  const Tensor want = through([](const std::vector<Value>& in) { return softmax(in[0]); });
  check_near(d, {want.at(0), want.at(1), want.at(2), want.at(3), want.at(4), want.at(5)});
}

TEST_CASE("errors of softmax say what was given and what to do") {
  const TensorType x{DType::float32, {4, 10}};
  CHECK(error_of({x, {DType::float32, {4}}}, [](Graph&, const auto& in) { sparse_softmax_cross_entropy(in[0], in[1]); }) ==
        "sparse_softmax_cross_entropy: labels are integers, but were given as float32[4]; cast them to int32");
  CHECK(error_of({x, {DType::int32, {4, 1}}}, [](Graph&, const auto& in) { sparse_softmax_cross_entropy(in[0], in[1]); }) ==
        "sparse_softmax_cross_entropy: labels int32[4, 1] do not fit the classes float32[4, 10]; they need the shape [4]");
  CHECK(error_of({x, {DType::float32, {4, 9}}}, [](Graph&, const auto& in) { softmax_cross_entropy(in[0], in[1]); }) ==
        "softmax_cross_entropy: the target float32[4, 9] should be of the same type as float32[4, 10]");
  CHECK(error_of({{DType::int32, {4}}}, [](Graph&, const auto& in) { softmax(in[0]); }) == "softmax computes in floats, but was given int32[4]; cast it to float32");
  CHECK(error_of({{DType::float32, {}}}, [](Graph&, const auto& in) { softmax(in[0]); }) == "softmax needs an axis of classes, but was given float32[]");
}
