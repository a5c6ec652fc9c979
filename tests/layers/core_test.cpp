// Identity, Lambda, EinsumDense, Permute, RepeatVector and activations as layers.
#include <doctest/doctest.h>

#include "trace.h"

using namespace cornu;
using namespace cornu::testing;

TEST_CASE("a Lambda is a function of a Value, or of a Value and a Scope") {
  const Tensor x({1, 2}, std::vector<float>{1, 2});
  CHECK(output_of(Lambda([](Value v) { return v * 2; }), x).at(1) == 4);
  CHECK(output_of(Lambda([](Value v, Scope& scope) { return v + scope.weight("w", {}, "ones"); }), x).at(1) == 3);
  CHECK(has(says(Lambda{}, {{1, 2}}), "lambda: this Lambda has no function"));
}

TEST_CASE("a Lambda is saved by the name of its function, and read by a program that has it") {
  CHECK(has(error_of([] { layer_to_config(Lambda([](Value v) { return v; })); }), "a Lambda is saved under the name of its function"));
  const Config written = layer_to_config(Lambda([](Value v) { return v; }, "mine>same"));
  CHECK(written["class_name"] == Config("Lambda"));
  CHECK(written["config"]["function"]["class_name"] == Config("function"));
  CHECK(written["config"]["function"]["config"] == Config("mine>same"));
  CHECK(has(error_of([&] { layer_from_config(written); }), "a Lambda layer calls the function 'mine>same', which the file names and does not contain"));
  CHECK(layer_from_config(written, {.functions = {{"mine>same", Lambda([](Value v) { return v; })}}}).class_name() == "Lambda");
  CHECK_THROWS_AS(layer_from_config(written), UnsupportedError);
  const Config code(Config::Dict{{"function", Config(Config::Dict{{"class_name", "__lambda__"}, {"config", Config::dict()}})}});
  CHECK_THROWS_AS(layer_from_config("Lambda", code), UnsafeError);
}

TEST_CASE("Identity passes on the very value") {
  Trace t;
  const Value x = t.input({2, 3}, DType::int32);
  CHECK(t(layers::Identity{}, {x})[0] == x);
}

TEST_CASE("EinsumDense says what its equation and shapes lack") {
  const auto dense = [](const char* equation, Sizes sizes, std::optional<std::string> bias = {}) { return Layer(EinsumDense{.equation = equation, .output_shape = std::move(sizes), .bias_axes = std::move(bias)}); };
  CHECK(has(says(dense("ab,bc", 3), {{2, 4}}), "einsum_dense: EinsumDense takes an equation like ab,bc->ac, ...a,ab->...b or ab...,bc->ac..., and was given 'ab,bc'"));
  CHECK(has(says(dense("...ab,bc->ac", 3), {{2, 4}}), "takes an equation like"));
  CHECK(has(says(dense("ab,bc->ac", {}), {{2, 4}}), "needs an output_shape"));
  CHECK(has(says(dense("ab,bc->ac", 3), {{2, 5, 4}}), "takes an input with the axes ab and was given [2, 5, 4]"));
  CHECK(has(says(dense("abc,cd->abd", 3), {{2, 5, 4}}), "its output_shape [3] names 2 with the batch"));
  CHECK(has(says(dense("abc,cd->abd", {6, 3}), {{2, 5, 4}}), "has b = 5 in its input [2, 5, 4] and 6 in its output_shape"));
  CHECK(has(says(dense("abc,cd->abd", {5, Shape::unknown}), {{2, 5, 4}}), "needs the size of d in its output_shape"));
  CHECK(has(says(dense("ab,bc->ad", 3), {{2, 4}}), "names d in its output and nowhere else"));
  CHECK(has(says(dense("ab,bce->ac", 3), {{2, 4}}), "names e in its kernel and nowhere else"));
  CHECK(has(says(dense("ab,bc->ac", 3, "b"), {{2, 4}}), "has no b in its output for bias_axes 'b'"));
  CHECK(has(error_of([] { layer_from_config("EinsumDense", Config(Config::Dict{{"lora_rank", 4}})); }), "'lora_rank' can only be null"));
}

TEST_CASE("layers of shapes say what they take") {
  CHECK(has(says(Permute{{2, 3}}, {{2, 4, 4}}), "permute: Permute's dims are the numbers 1, 2, ... in some order, and were given as [2, 3]"));
  CHECK(has(says(Permute{{2, 1}}, {{2, 4}}), "Permute with dims [2, 1] takes a batch of samples with 2 axes, and was given [2, 4]"));
  CHECK(has(says(RepeatVector{0}, {{2, 4}}), "repeat_vector: RepeatVector takes a positive n, and was given 0"));
  CHECK(has(says(RepeatVector{2}, {{2, 4, 3}}), "RepeatVector takes [batch, features] and was given [2, 4, 3]"));
}

TEST_CASE("activations as layers say what they take") {
  CHECK(has(says(ReLU{.max_value = -1}, {{2, 3}}), "re_lu: ReLU's max_value cannot be negative, and was given as -1"));
  CHECK(has(says(ReLU{.negative_slope = -1}, {{2, 3}}), "ReLU's negative_slope cannot be negative"));
  CHECK(has(says(ReLU{.threshold = -2}, {{2, 3}}), "ReLU's threshold cannot be negative, and was given as -2"));
  CHECK(has(says(LeakyReLU{-0.5}, {{2, 3}}), "leaky_re_lu: LeakyReLU's negative_slope cannot be negative, and was given as -0.5"));
  CHECK(has(says(PReLU{.shared_axes = {2}}, {{2, 3}}), "p_re_lu: PReLU's shared_axes count from 1, the first after the batch, to 1 for [2, 3], and have 2"));
  CHECK(has(says(layers::Softmax{2}, {{2, 3}}), "softmax: Softmax: there is no axis 2 in [2, 3]"));
  Trace t;
  const Value x = t.input({2, 3}), mask = t.input({2, 2}, DType::boolean);
  CHECK(has(error_of([&] { t(layers::Softmax{}, {x}, {.values = {{"mask", {mask}}}}); }), "Softmax takes a mask that broadcasts to [2, 3], and was given one of [2, 2]"));
  CHECK(layer_from_config("LeakyReLU", Config(Config::Dict{{"alpha", 0.1}})).as<LeakyReLU>()->negative_slope == 0.1);  // Keras 2
}

TEST_CASE("a mask may be any numbers, true above one half") {
  Trace t;
  const Value x = t.input({2, 3});
  for (const DType dtype : {DType::boolean, DType::int32, DType::float32}) CHECK(t(layers::Softmax{}, {x}, {.values = {{"mask", {t.input({2, 3}, dtype)}}}})[0].shape() == Shape{2, 3});
}

TEST_CASE("ActivityRegularization adds to the loss and changes nothing") {
  Trace t;
  const Value x = t.input({2, 3});
  CHECK(t(ActivityRegularization{.l1 = 0.1}, {x})[0] == x);
  CHECK(t.scope.losses().size() == 1);
  CHECK(t(ActivityRegularization{}, {x})[0] == x);
  CHECK(t.scope.losses().size() == 1);
}
