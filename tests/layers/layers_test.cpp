// Layers: what they declare, what shapes they give, what they say to shapes that do not fit, and their configs.
#include <doctest/doctest.h>

#include "cornu/layers/layers.h"
#include "tests/messages.h"

using namespace cornu;
using cornu::testing::error_of;
using cornu::testing::has;

namespace {
struct Trace {
  explicit Trace(bool training = false, DType dtype = DType::float32) : scope(graph, {.training = training, .dtype = dtype}) {}
  Value input(Shape shape, DType dtype = DType::float32) { return graph.input("x", {dtype, std::move(shape)}); }
  Value operator()(const Layer& layer, Value x) { return layer({x}, scope)[0]; }
  Graph graph;
  Scope scope;
};
Config dict(Config::Dict d) { return Config(std::move(d)); }

/// One of each kind, with options that are not the defaults.
std::vector<Layer> samples() {
  return {
      Layer(Input{28, 28, 1}),
      Layer(Dense{.units = 3, .activation = "relu", .use_bias = false, .kernel_initializer = HeNormal{.seed = 3}, .kernel_regularizer = L2{0.5}, .activity_regularizer = "l1", .bias_constraint = MaxNorm{}}, {.name = "fc", .trainable = false}),
      Layer(layers::Activation{"gelu"}),
      Layer(Dropout{0.25, 4}),
      Layer(Flatten{}),
      Layer(layers::Reshape{{-1, 4}}),
      Layer(Rescaling{1.0 / 255, 0.5}),
  };
}
}  // namespace

TEST_CASE("every layer comes back from its config as it was") {
  for (const Layer& layer : samples()) {
    CAPTURE(layer.class_name());
    const Config written = layer_to_config(layer);
    CHECK(written["module"] == Config("keras.layers"));
    CHECK(written.contains("registered_name"));
    const Layer again = layer_from_config(written);
    CHECK(again.class_name() == layer.class_name());
    CHECK(again.fields() == layer.fields());
    CHECK(again.trainable() == layer.trainable());
    CHECK(layer_to_config(again) == written);
  }
}

TEST_CASE("what Keras 3.15 writes for a Dense is read") {
  const Config policy = dict({{"module", "keras"}, {"class_name", "DTypePolicy"}, {"config", dict({{"name", "float32"}})}, {"registered_name", nullptr}});
  const Config config = dict({{"name", "dense"}, {"trainable", true}, {"dtype", policy}, {"units", 10}, {"activation", "relu"}, {"use_bias", true},
                              {"kernel_initializer", dict({{"module", "keras.initializers"}, {"class_name", "GlorotUniform"}, {"config", dict({{"seed", nullptr}, {"input_axes", nullptr}, {"output_axes", nullptr}})}, {"registered_name", nullptr}})},
                              {"bias_initializer", "zeros"}, {"kernel_regularizer", nullptr}, {"quantization_config", nullptr}});
  const Layer layer = layer_from_config("Dense", config);
  REQUIRE(layer.as<Dense>());
  CHECK(layer.name() == "dense");
  CHECK(layer.as<Dense>()->units == 10);
  CHECK(layer.as<Dense>()->activation.name() == "relu");
}

TEST_CASE("an InputLayer is written with null for the batch") {
  const Config config = layer_to_config(Layer(Input({28, 28}, DType::uint8, "image")))["config"];
  CHECK(config["batch_shape"] == Config(Config::List{nullptr, 28, 28}));
  CHECK(config["dtype"] == Config("uint8"));
  CHECK(config["name"] == Config("image"));
  CHECK(layer_from_config("InputLayer", dict({{"batch_shape", Config(Config::List{nullptr, nullptr, 3})}})).as<Input>()->shape == Shape{Shape::unknown, 3});
}

TEST_CASE("the first layer's batch_input_shape of Keras 2 goes to the handle") {
  const Layer layer = layer_from_config("Flatten", dict({{"name", "f"}, {"batch_input_shape", Config(Config::List{nullptr, 28, 28})}, {"data_format", "channels_last"}}));
  CHECK(layer.options().input_shape == Shape{28, 28});
}

TEST_CASE("configs that cannot be honoured are refused, each in its own way") {
  CHECK(has(error_of([] { layer_from_config("Dens", Config::dict()); }), "did you mean 'Dense'"));
  CHECK_THROWS_AS(layer_from_config("Lambda", Config::dict()), UnsafeError);
  CHECK_THROWS_AS(layer_from_config("TFSMLayer", Config::dict()), UnsafeError);
  CHECK_THROWS_AS(layer_from_config("TorchModuleWrapper", Config::dict()), UnsafeError);
  CHECK_THROWS_AS(layer_from_config("Dense", dict({{"dtype", "mixed_float16"}})), UnsupportedError);
  CHECK_THROWS_AS(layer_from_config("Dense", dict({{"quantization_config", Config::dict()}})), UnsupportedError);
  CHECK_THROWS_AS(layer_from_config("Flatten", dict({{"data_format", "channels_first"}})), UnsupportedError);
  CHECK(has(error_of([] { layer_from_config("Dense", dict({{"unit", 3}})); }), "Dense has no option 'unit' (did you mean 'units'?)"));
  CHECK(has(error_of([] { layer_from_config("Dense", dict({{"units", "ten"}})); }), "Dense: 'units': expected an integer, found a string"));
}

TEST_CASE("Dense declares kernel and bias, and keeps all axes but the last") {
  Trace t;
  CHECK(t(Layer(Dense{3, "relu"}), t.input({5, 4})).shape() == Shape{5, 3});
  REQUIRE(t.scope.variables().size() == 2);
  CHECK(t.scope.variables()[0].path == "dense/kernel");
  CHECK(t.scope.variables()[0].type.shape == Shape{4, 3});
  CHECK(t.scope.variables()[1].path == "dense/bias");
  Trace rank3;
  CHECK(rank3(Layer(Dense{3}), rank3.input({2, 7, 4})).shape() == Shape{2, 7, 3});
  CHECK(rank3.scope.variables()[0].type.shape == Shape{4, 3});
}

TEST_CASE("Dense says where it is and what it wants") {
  Trace t;
  CHECK(has(error_of([&] { t(Layer(Dense{3}, {.name = "fc"}), t.input({5})); }), "fc: Dense takes [batch, ..., features] and was given [5]"));
  CHECK(has(error_of([&] { t(Layer(Dense{0}), t.input({5, 4})); }), "dense: Dense takes a positive number of units, and was given 0"));
}

TEST_CASE("a layer that is called twice shares its weights, and its penalty counts once") {
  Trace t;
  const Layer shared(Dense{.units = 4, .kernel_regularizer = "l2"});
  const Value y = t(shared, t(shared, t.input({5, 4})));
  CHECK(y.shape() == Shape{5, 4});
  CHECK(t.scope.variables().size() == 2);
  CHECK(t.scope.losses().size() == 1);
}

TEST_CASE("a frozen layer's weights are not trainable and carry no penalty") {
  Trace t;
  t(Layer(Dense{.units = 4, .kernel_regularizer = "l2"}, {.trainable = false}), t.input({5, 4}));
  CHECK_FALSE(t.scope.variables()[0].trainable);
  CHECK(t.scope.losses().empty());
}

TEST_CASE("a user's layer needs nothing but a call") {
  struct Scale {
    Value operator()(Value x, Scope& scope) const { return x * scope.weight("by", {}, "ones"); }
  };
  Trace t;
  CHECK(t(Layer(Scale{}, {.name = "scale"}), t.input({2, 3})).shape() == Shape{2, 3});
  CHECK(t.scope.variables()[0].path == "scale/by");
  CHECK(has(error_of([] { layer_to_config(Layer(Scale{})); }), "CORNU_FIELDS"));
}

TEST_CASE("nested scopes make paths, and nodes know which layer made them") {
  struct Block {
    Value operator()(Value x, Scope& scope) const { return Layer(Dense{2}, {.name = "inner"})({x}, scope)[0]; }
  };
  Trace t;
  const Value y = t(Layer(Block{}, {.name = "block"}), t.input({2, 3}));
  CHECK(t.scope.variables()[0].path == "block/inner/kernel");
  CHECK(t.graph[y].where == "block/inner");
  CHECK(t.graph.where.empty());
}

TEST_CASE("state is updated only while training, and read as it is now") {
  struct Counter {
    Value operator()(Value x, Scope& scope) const {
      const Value n = scope.weight("n", {}, "zeros", {.trainable = false});
      scope.update(n, scope.current(n) + 1);
      return x * scope.current(n);
    }
  };
  Trace training(true), not_training;
  training(Layer(Counter{}), training.input({2}));
  training.scope.finish();
  CHECK(training.graph.assignments.size() == 1);
  not_training(Layer(Counter{}), not_training.input({2}));
  not_training.scope.finish();
  CHECK(not_training.graph.assignments.empty());
}

TEST_CASE("Dropout does nothing without training, and two of them draw from streams of their own") {
  Trace still;
  const Value x = still.input({2, 3});
  CHECK(still(Layer(Dropout{0.5}), x) == x);
  Trace t(true);
  const Value y = t(Layer(Dropout{0.5}, {.name = "a"}), t(Layer(Dropout{0.5}, {.name = "b"}), t.input({2, 3})));
  CHECK(y.shape() == Shape{2, 3});
  std::vector<int64_t> streams;
  for (const Node& n : t.graph.nodes)
    if (n.op && n.op->as<Random>()) streams.push_back(n.op->as<Random>()->stream);
  REQUIRE(streams.size() == 2);
  CHECK(streams[0] != streams[1]);
  CHECK_THROWS_AS(t(Layer(Dropout{1.5}), t.input({2, 3})), ArgumentError);
}

TEST_CASE("shapes follow Flatten, Reshape and Input") {
  Trace t;
  CHECK(t(Layer(Flatten{}), t.input({2, 3, 4})).shape() == Shape{2, 12});
  CHECK(t(Layer(Flatten{}), t.input({2})).shape() == Shape{2, 1});
  CHECK(t(Layer(layers::Reshape{{-1, 4}}), t.input({2, 3, 8})).shape() == Shape{2, 6, 4});
  CHECK(has(error_of([&] { t(Layer(layers::Reshape{{5, 5}}), t.input({2, 24})); }), "Reshape cannot turn samples of shape [24] (24 numbers) into [5, 5]"));
  CHECK(t(Layer(Input{784}), t.input({2, 28, 28})).shape() == Shape{2, 784});
  CHECK(has(error_of([&] { t(Layer(Input{784}), t.input({2, 10})); }), "the model takes [?, 784] and was given [2, 10]"));
}

TEST_CASE("integers become floats where a layer computes") {
  Trace t;
  CHECK(t(Layer(Rescaling{1.0 / 255}), t.input({2, 3}, DType::uint8)).dtype() == DType::float32);
  CHECK(t(Layer(Dense{2}), t.input({2, 3}, DType::int32)).dtype() == DType::float32);
  CHECK(t(Layer(Dense{2}, {.name = "bytes"}), t.input({2, 3}, DType::uint8)).dtype() == DType::float32);
  Trace wide(false, DType::float64);
  CHECK(wide(Layer(Dense{2}), wide.input({2, 3})).dtype() == DType::float64);
}
