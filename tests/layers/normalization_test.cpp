// Normalization layers: what they promise of their outputs, their states, and what they say to shapes that do not fit.
#include <doctest/doctest.h>

#include "trace.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

Tensor numbers(Shape shape, double mean, double deviation, unsigned seed = 1) {
  std::mt19937 rng(seed);
  Tensor t = noise({DType::float64, std::move(shape)}, rng);
  for (double& v : t.mutable_values<double>()) v = mean + deviation * v;
  return t;
}

}  // namespace

TEST_CASE("numbers far from zero lose nothing of their variance") {
  // float32 has 24 bits: E[x^2] - E[x]^2 around 4096 would be off by whole units. These spread by 1/4.
  const Tensor x = numbers({64, 4}, 4096, 0.25).cast(DType::float32);
  const Tensor y = output_of(LayerNormalization{.axis = 0, .epsilon = 0}, x);
  for (int64_t c = 0; c < 4; ++c) {
    double mean = 0, variance = 0;
    for (int64_t r = 0; r < 64; ++r) mean += y.at(r * 4 + c) / 64;
    for (int64_t r = 0; r < 64; ++r) variance += (y.at(r * 4 + c) - mean) * (y.at(r * 4 + c) - mean) / 64;
    CHECK(std::abs(mean) < 1e-3);
    CHECK(variance == doctest::Approx(1).epsilon(1e-4));
  }
}

TEST_CASE("moving statistics come near those of the data, and inference uses them") {
  std::map<std::string, Tensor> states;
  const Layer layer(BatchNormalization{.momentum = 0.5}, {.name = "bn"});
  for (unsigned step = 0; step < 20; ++step) output_of(layer, numbers({256, 2}, 3, 2, step), true, {1, 0, 0}, &states);
  for (int64_t c = 0; c < 2; ++c) {
    CHECK(states.at("bn/moving_mean").at(c) == doctest::Approx(3).epsilon(0.1));
    CHECK(states.at("bn/moving_variance").at(c) == doctest::Approx(4).epsilon(0.1));
  }
  const auto before = states;
  const Tensor y = output_of(layer, numbers({1, 2}, 3, 0), false, {1, 0, 0}, &states);
  CHECK(std::abs(y.at(0)) < 0.2);
  CHECK(states.at("bn/moving_mean") == before.at("bn/moving_mean"));
}

TEST_CASE("a frozen BatchNormalization is in inference mode while the model trains") {
  std::map<std::string, Tensor> states;
  const Layer layer(BatchNormalization{.epsilon = 0}, {.name = "bn", .trainable = false});
  const Tensor x = numbers({8, 2}, 3, 2);
  CHECK(largest_difference(output_of(layer, x, true, {1, 0, 0}, &states), x) < 1e-12);  // mean 0, variance 1 so far
  CHECK(states.at("bn/moving_mean").at(0) == 0);
}

TEST_CASE("a BatchNormalization that is called twice in a step moves twice") {
  Trace t(true);
  const Layer shared(BatchNormalization{}, {.name = "bn"});
  t(shared, {t(shared, {t.input({4, 3})})[0]});
  t.scope.finish();
  CHECK(t.scope.variables().size() == 4);
  CHECK(t.graph.assignments.size() == 2);
}

TEST_CASE("UnitNormalization leaves zeros, and gives them a finite gradient") {
  const Tensors y = run({Tensor({2, 2}, std::vector<double>{0, 0, 3, 4})}, [](const std::vector<Value>& in) {
    Scope scope(*in[0].graph, {.dtype = DType::float64});
    const Value out = Layer(UnitNormalization{})({in[0]}, scope)[0];
    return std::vector<Value>{out, gradients(sum(out), {in[0]})[0]};
  });
  CHECK(y[0].at(0) == 0);
  CHECK(y[0].at(2) == doctest::Approx(0.6));
  for (int64_t i = 0; i < 4; ++i) CHECK(std::isfinite(y[1].at(i)));
}

TEST_CASE("SpectralNormalization brings the largest singular value to one") {
  std::map<std::string, Tensor> states;
  const Layer layer(SpectralNormalization{Layer(Dense{.units = 3, .use_bias = false}, {.name = "fc"}), 30}, {.name = "sn"});
  const Tensor eye({4, 4}, std::vector<double>{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1});
  const Tensor w = output_of(layer, eye, true, {1, 0, 0}, &states);  // the kernel itself
  // The largest eigenvalue of w'w, by the power method.
  std::vector<double> v = {1, 0.5, 0.25};
  double largest = 0;
  for (int step = 0; step < 200; ++step) {
    std::vector<double> next(3, 0);
    for (size_t i = 0; i < 3; ++i)
      for (size_t j = 0; j < 3; ++j)
        for (int64_t k = 0; k < 4; ++k) next[i] += w.at(k * 3 + static_cast<int64_t>(i)) * w.at(k * 3 + static_cast<int64_t>(j)) * v[j];
    largest = std::sqrt(next[0] * next[0] + next[1] * next[1] + next[2] * next[2]);
    for (size_t i = 0; i < 3; ++i) v[i] = next[i] / largest;
  }
  CHECK(largest == doctest::Approx(1).epsilon(1e-6));
}

TEST_CASE("a kernel of zeros stays one under SpectralNormalization") {
  const Layer layer(SpectralNormalization{Layer(Dense{.units = 2, .kernel_initializer = "zeros"}, {.name = "fc"})});
  const Tensor y = output_of(layer, numbers({2, 3}, 1, 1), true);
  for (int64_t i = 0; i < y.size(); ++i) CHECK(y.at(i) == 0);
}

TEST_CASE("SpectralNormalization frozen changes the kernel itself, as Keras does; trainable, the optimizer does") {
  for (const bool trainable : {false, true}) {
    Trace t(true);
    t(Layer(SpectralNormalization{Layer(Dense{2}, {.name = "fc", .trainable = trainable})}), {t.input({2, 3})});
    t.scope.finish();
    CHECK(t.graph.assignments.size() == (trainable ? 1 : 2));
    REQUIRE(t.scope.variables().size() == 3);
    CHECK(t.scope.variables()[1].path == "spectral_normalization/vector_u");
    CHECK_FALSE(t.scope.values()[0] == t.scope.state_of(t.scope.values()[0]));
    CHECK(t.scope.values()[2] == t.scope.state_of(t.scope.values()[2]));
  }
}

TEST_CASE("normalization layers say what they take") {
  CHECK(has(says(BatchNormalization{}, {{3}}), "batch_normalization: BatchNormalization takes [batch, ...] and was given [3]"));
  CHECK(has(says(BatchNormalization{.axis = 2}, {{3, 4}}), "BatchNormalization: there is no axis 2 in [3, 4]"));
  CHECK(has(says(LayerNormalization{.axis = {1, -1}}, {{3, 4}}), "layer_normalization: LayerNormalization: axis [1, -1] names an axis of [3, 4] twice"));
  CHECK(has(says(GroupNormalization{3}, {{2, 4}}), "group_normalization: GroupNormalization cannot split the 4 numbers along axis 1 of [2, 4] into 3 groups"));
  CHECK(has(says(GroupNormalization{}, {{2, 4}}), "into 32 groups"));
  CHECK(has(says(GroupNormalization{0}, {{2, 4}}), "takes a positive number of groups, or -1, and was given 0"));
  CHECK(has(says(GroupNormalization{.groups = 1, .axis = 0}, {{2, 4}}), "cannot group the samples"));
  CHECK(has(says(RMSNormalization{.axis = 5}, {{2, 4}}), "RMSNormalization: there is no axis 5"));
  CHECK(has(says(UnitNormalization{.axis = -3}, {{2, 4}}), "UnitNormalization: there is no axis -3"));
  CHECK(has(says(SpectralNormalization{Layer(Flatten{})}, {{2, 4}}), "wraps a layer with a kernel or embeddings, and Flatten has neither"));
  CHECK(has(says(SpectralNormalization{Layer(Dense{2}), 0}, {{2, 4}}), "takes a positive number of power_iterations, and was given 0"));
  const auto read = [](const char* key, Config value) { return error_of([&] { layer_from_config("BatchNormalization", Config(Config::Dict{{key, std::move(value)}})); }); };
  CHECK(has(read("synchronized", true), "BatchNormalization: 'synchronized' can only be false for now"));
  CHECK(has(read("renorm", true), "'renorm' can only be false"));
  CHECK(read("axis", Config(Config::List{3})).empty());  // as Keras 2 writes it
  CHECK(has(read("axis", Config(Config::List{1, 2})), "expected one axis, found [1, 2]"));
  Trace t(true);
  const Value x = t.input({2, 3, 4}), mask = t.input({2, 4}, DType::boolean);
  CHECK(has(error_of([&] { t(BatchNormalization{}, {x}, {.values = {{"mask", {mask}}}}); }), "takes a mask with all axes of its input but the last, and was given [2, 4] for [2, 3, 4]"));
}
