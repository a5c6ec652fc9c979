// Attention layers: what a step may see, how projections begin, and what they say to shapes that do not fit.
#include <doctest/doctest.h>

#include "trace.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

/// d(sum of the output's step `at`)/d(each step of x), summed over features: zero where the step is not seen.
Tensor influence(const Layer& layer, int64_t steps, int64_t at, const CallArguments& how) {
  Trace t(false, DType::float64);
  const Value x = t.input({1, steps, 4}, DType::float64), y = t(layer, {x, x}, how)[0];
  const Value slope = gradients(sum(square(slice(y, {0, at, 0}, {1, at + 1, y.dim(2)}))), {x})[0];
  t.graph.output(sum(absolute(slope), {0, 2}));
  Execution run(compile(t.graph));
  std::mt19937 rng(3);
  const Tensor numbers = noise({DType::float64, {1, steps, 4}}, rng);
  run.bind_input(0, numbers.data());
  std::vector<Tensor> weights;
  for (const Variable& v : t.scope.variables()) weights.push_back(v.initializer(v.type.shape, v.type.dtype, 1, weights.size()));
  for (size_t i = 0; i < run.program().states.size(); ++i)
    for (size_t k = 0; k < weights.size(); ++k)
      if (t.scope.variables()[k].path == run.program().states[i].name) run.bind_state(static_cast<int>(i), weights[k].mutable_data());
  run.run();
  return run.output_tensor(0);
}

CallArguments option(const char* name) { return {.options = Config(Config::Dict{{name, true}})}; }

std::vector<std::string> paths(const Scope& scope) {
  std::vector<std::string> all;
  for (const Variable& v : scope.variables()) all.push_back(v.path);
  return all;
}

}  // namespace

TEST_CASE("no step sees a later one under a causal mask, and none farther than the window") {
  const std::vector<Layer> layers = {MultiHeadAttention{.num_heads = 2, .key_dim = 3}, GroupQueryAttention{.head_dim = 3, .num_query_heads = 2, .num_key_value_heads = 1}, Attention{}, AdditiveAttention{}};
  for (const Layer& layer : layers) {
    CAPTURE(layer.class_name());
    const Tensor causal = influence(layer, 5, 2, option("use_causal_mask")), all = influence(layer, 5, 2, {});
    for (int64_t s = 0; s < 5; ++s) {
      CHECK((causal.at(s) > 1e-9) == (s <= 2));
      CHECK(all.at(s) > 1e-9);
    }
  }
  const Tensor near = influence(MultiHeadAttention{.num_heads = 1, .key_dim = 3, .sliding_window = 2}, 6, 2, {});
  for (int64_t s = 0; s < 6; ++s) CHECK((near.at(s) > 1e-9) == (s >= 1 && s <= 3));
}

TEST_CASE("projections are named and shaped as Keras's") {
  Trace t;
  t(Layer(MultiHeadAttention{.num_heads = 2, .key_dim = 3, .value_dim = 5, .use_gate = true}, {.name = "mha"}), {t.input({2, 7, 4}), t.input({2, 6, 8})});
  CHECK(paths(t.scope) == std::vector<std::string>{"mha/query/kernel", "mha/query/bias", "mha/key/kernel", "mha/key/bias", "mha/gate/kernel", "mha/gate/bias", "mha/value/kernel",
                                                   "mha/value/bias", "mha/attention_output/kernel", "mha/attention_output/bias"});
  CHECK(t.scope.variables()[0].type.shape == Shape{4, 2, 3});
  CHECK(t.scope.variables()[6].type.shape == Shape{8, 2, 5});
  CHECK(t.scope.variables()[8].type.shape == Shape{2, 5, 4});
}

TEST_CASE("a projection's fans are its features and all numbers of its heads") {
  // glorot_uniform: limit sqrt(6 / (in + out)). The kernel [64, 8, 8] has 64 of each; as a convolution's it would have 512.
  Trace t;
  t(MultiHeadAttention{.num_heads = 8, .key_dim = 8}, {t.input({2, 3, 64}), t.input({2, 3, 64})});
  for (const size_t kernel : {0, 6}) {
    const Variable& v = t.scope.variables()[kernel];
    const Tensor w = v.initializer(v.type.shape, DType::float32, 1, 0);
    double most = 0;
    for (int64_t i = 0; i < w.size(); ++i) most = std::max(most, std::abs(w.at(i)));
    CHECK(most <= std::sqrt(6.0 / 128));
    CHECK(most > 0.99 * std::sqrt(6.0 / 128));
  }
}

TEST_CASE("value and key may come by name, and the scores with the answer") {
  Trace t;
  const Value q = t.input({2, 3, 4}), v = t.input({2, 5, 4}), k = t.input({2, 5, 6});
  CallArguments how = option("return_attention_scores");
  how.values["value"] = {v};
  how.values["key"] = {k};
  const std::vector<Value> out = t(MultiHeadAttention{.num_heads = 2, .key_dim = 3}, {q}, how);
  REQUIRE(out.size() == 2);
  CHECK(out[0].shape() == Shape{2, 3, 4});
  CHECK(out[1].shape() == Shape{2, 2, 3, 5});
}

TEST_CASE("attention drops weights only while training, each from its own stream") {
  const auto randoms = [](bool training) {
    Trace t(training);
    const Value x = t.input({2, 3, 4});
    const Value y = t(Layer(MultiHeadAttention{.num_heads = 2, .key_dim = 2, .dropout = 0.5}, {.name = "a"}), {x, x})[0];
    t(Layer(MultiHeadAttention{.num_heads = 2, .key_dim = 2, .dropout = 0.5}, {.name = "b"}), {y, y});
    std::vector<int64_t> streams;
    for (const Node& n : t.graph.nodes)
      if (n.op && n.op->as<Random>()) streams.push_back(n.op->as<Random>()->stream);
    return streams;
  };
  CHECK(randoms(false).empty());
  const std::vector<int64_t> streams = randoms(true);
  REQUIRE(streams.size() == 2);
  CHECK(streams[0] != streams[1]);
}

TEST_CASE("attention layers say what they take") {
  const MultiHeadAttention mha{.num_heads = 2, .key_dim = 3};
  CHECK(has(says(mha, {{2, 3, 4}}), "multi_head_attention: MultiHeadAttention takes {query, value} or {query, value, key}, and was given 1 input"));
  CHECK(has(says(mha, {{2, 4}, {2, 4}}), "takes query [batch, queries..., features], value and key [batch, steps..., features], and was given [2, 4], [2, 4] and [2, 4]"));
  CHECK(has(says(mha, {{2, 3, 4}, {2, 5, 4}, {2, 6, 4}}), "and was given [2, 3, 4], [2, 5, 4] and [2, 6, 4]"));
  CHECK(has(says(MultiHeadAttention{.num_heads = 0, .key_dim = 3}, {{2, 3, 4}, {2, 3, 4}}), "takes positive numbers num_heads, key_dim and value_dim, and was given 0, 3 and 3"));
  CHECK(has(says(MultiHeadAttention{.num_heads = 1, .key_dim = 3, .dropout = 2}, {{2, 3, 4}, {2, 3, 4}}), "MultiHeadAttention's dropout is the fraction to drop, from 0 to 1, and was given as 2"));
  CHECK(has(says(MultiHeadAttention{.num_heads = 1, .key_dim = 3, .attention_axes = Axes{0}}, {{2, 3, 4}, {2, 3, 4}}), "neither the batch nor the features, and its attention_axes are [0]"));
  CHECK(has(says(MultiHeadAttention{.num_heads = 1, .key_dim = 3, .sliding_window = 0}, {{2, 3, 4}, {2, 3, 4}}), "takes a positive sliding_window, and was given 0"));
  CHECK(has(says(GroupQueryAttention{.head_dim = 2, .num_query_heads = 3, .num_key_value_heads = 2}, {{2, 3, 4}, {2, 3, 4}}), "num_query_heads that is a multiple of num_key_value_heads, and was given 2, 3 and 2"));
  CHECK(has(says(Attention{}, {{2, 3, 4}}), "attention: Attention takes {query, value} or {query, value, key}, and was given 1 inputs"));
  CHECK(has(says(Attention{}, {{2, 3, 4}, {2, 3, 5}}), "key [batch, steps, features], and was given [2, 3, 4], [2, 3, 5] and [2, 3, 5]"));
  CHECK(has(says(Attention{.score_mode = "sum"}, {{2, 3, 4}, {2, 3, 4}}), "Attention's score_mode is dot or concat, and was given as 'sum'"));
  CHECK(has(says(AdditiveAttention{.dropout = -1}, {{2, 3, 4}, {2, 3, 4}}), "the fraction of attention to drop is from 0 to 1, and was given as -1"));
  Trace t;
  const Value x = t.input({2, 3, 4});
  CHECK(has(error_of([&] { t(Layer(mha), {x, x}, {.values = {{"attention_mask", {t.input({2, 3, 7}, DType::boolean)}}}}); }), "an attention mask of shape [2, 3, 7] does not fit the scores [2, 2, 3, 3]"));
  const Config typo(Config::Dict{{"use_causal_maks", true}});
  CHECK(has(error_of([&] { t(Layer(mha), {x, x}, {.options = typo}); }), "a call of MultiHeadAttention takes no 'use_causal_maks' (did you mean 'use_causal_mask'?); it takes [value, key, query_mask"));
  CHECK(has(error_of([&] { t(Layer(Attention{}), {x, x}, {.options = typo}); }), "a call of Attention takes no 'use_causal_maks' (did you mean 'use_causal_mask'?)"));
  CHECK(has(error_of([] { layer_from_config("MultiHeadAttention", Config(Config::Dict{{"flash_attention", true}})); }), "'flash_attention' can only be false"));
}
