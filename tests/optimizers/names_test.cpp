// Names and configs: what Keras calls things, and what cornu says to names that nothing has.
#include <doctest/doctest.h>

#include "cornu/nn/activations.h"
#include "cornu/losses/losses.h"
#include "cornu/metrics/metrics.h"
#include "cornu/optimizers/optimizers.h"
#include "cornu/nn/scope.h"
#include "tests/messages.h"

using namespace cornu;
using cornu::testing::error_of;
using cornu::testing::has;

namespace {
Config dict(Config::Dict d) { return Config(std::move(d)); }
template <class T> T read(const Config& c) {
  T t{};
  from_config(c, t);
  return t;
}
}  // namespace

TEST_CASE("class names become snake case by Keras's rule") {
  CHECK(snake_case("Conv2D") == "conv2d");
  CHECK(snake_case("SeparableConv2D") == "separable_conv2d");
  CHECK(snake_case("LSTMCell") == "lstm_cell");
  CHECK(snake_case("GlobalAveragePooling2D") == "global_average_pooling2d");
  CHECK(snake_case("BatchNormalization") == "batch_normalization");
  CHECK(snake_case("InputLayer") == "input_layer");
  CHECK(snake_case("PReLU") == "p_re_lu");
  CHECK(snake_case("ReLU") == "re_lu");
  CHECK(snake_case("LeakyReLU") == "leaky_re_lu");
  CHECK(snake_case("ConvLSTM2D") == "conv_lstm2d");
  CHECK(snake_case("ZeroPadding2D") == "zero_padding2d");
  CHECK(snake_case("GlorotUniform") == "glorot_uniform");
}

TEST_CASE("an initializer is chosen by class name, snake case or alias") {
  CHECK(Initializer("GlorotUniform").as<GlorotUniform>());
  CHECK(Initializer("glorot_uniform").as<GlorotUniform>());
  CHECK(Initializer("uniform").as<RandomUniform>());
  CHECK(Initializer("zero").class_name() == "Zeros");
}

TEST_CASE("an unknown name suggests the near one, in every family") {
  CHECK(has(error_of([] { Initializer("glorot_unifrom"); }), "did you mean 'glorot_uniform'"));
  CHECK(has(error_of([] { Regularizer("l3"); }), "unknown regularizer 'l3' (did you mean"));
  CHECK(has(error_of([] { Constraint("max_nrom"); }), "did you mean 'max_norm'"));
  CHECK(has(error_of([] { Activation("rellu"); }), "did you mean 'relu'"));
  CHECK(has(error_of([] { Loss("sparse_categorical_crossentrop"); }), "did you mean 'sparse_categorical_crossentropy'"));
  CHECK(has(error_of([] { Metric("acuracy"); }), "did you mean 'accuracy'"));
  CHECK(has(error_of([] { Optimizer("adm"); }), "did you mean 'adam'"));
}

TEST_CASE("what Keras has and cornu lacks is refused by name") {
  CHECK_THROWS_AS(Optimizer("MultiOptimizer"), UnsupportedError);
}

TEST_CASE("an initializer is written as Keras writes it, and Keras's own dict is read") {
  const Config c = to_config(Initializer("glorot_uniform"));
  CHECK(c["module"] == Config("keras.initializers"));
  CHECK(c["class_name"] == Config("GlorotUniform"));
  CHECK(c["config"] == dict({{"seed", nullptr}}));
  CHECK(c.contains("registered_name"));
  const Config keras = dict({{"module", "keras.initializers"}, {"class_name", "HeNormal"}, {"config", dict({{"seed", 7}, {"input_axes", nullptr}, {"output_axes", nullptr}})}, {"registered_name", nullptr}});
  const auto he = read<Initializer>(keras);
  REQUIRE(he.as<HeNormal>());
  CHECK(he.as<HeNormal>()->seed == 7);
}

TEST_CASE("an option of a value that cornu lacks is refused, an unknown one is an error") {
  const Config compiled = dict({{"class_name", "Adam"}, {"config", dict({{"jit_compile", true}})}});
  CHECK_THROWS_AS(read<Optimizer>(compiled), UnsupportedError);
  const Config typo = dict({{"class_name", "Constant"}, {"config", dict({{"vlaue", 1}})}});
  CHECK(has(error_of([&] { read<Initializer>(typo); }), "did you mean 'value'"));
}

TEST_CASE("code and custom classes in a config are refused") {
  CHECK_THROWS_AS(read<Activation>(dict({{"class_name", "__lambda__"}, {"config", Config::dict()}})), UnsafeError);
  CHECK_THROWS_AS(read<Initializer>(dict({{"module", "my.module"}, {"class_name", "Zeros"}, {"config", Config::dict()}})), UnsupportedError);
  CHECK_THROWS_AS(read<Initializer>(Config(3)), FormatError);
}

TEST_CASE("an activation's config is its name, and Keras's function dict is read") {
  CHECK(to_config(Activation("swish")) == Config("swish"));
  CHECK(to_config(Activation()) == Config("linear"));
  CHECK(to_config(Activation(relu)) == Config("relu"));
  CHECK(to_config(Activation(activations::hard_tanh)) == Config("hard_tanh"));
  const Config function = dict({{"module", "builtins"}, {"class_name", "function"}, {"config", "relu"}, {"registered_name", "function"}});
  CHECK(read<Activation>(function).name() == "relu");
  CHECK(read<Activation>(Config()).name() == "linear");
  CHECK(has(error_of([] { to_config(Activation([](Value x) { return x; })); }), "cannot be saved"));
}

TEST_CASE("no regularizer is null, and l1_l2 by name has 0.01 of each") {
  CHECK(to_config(Regularizer()).is_null());
  CHECK_FALSE(read<Regularizer>(Config()));
  const Regularizer both = "l1_l2";
  REQUIRE(both.as<L1L2>());
  CHECK(both.as<L1L2>()->l1 == 0.01);
  CHECK(read<Regularizer>(to_config(Regularizer(L2{0.5}))).as<L2>()->l2 == 0.5);
}

TEST_CASE("constraints keep their axis as Keras writes it") {
  CHECK(to_config(Constraint(MaxNorm{3}))["config"] == dict({{"max_value", 3.0}, {"axis", 0}}));
  const Config list = to_config(Constraint(UnitNorm{{0, 1, 2}}))["config"]["axis"];
  CHECK(list == Config(Config::List{0, 1, 2}));
}

TEST_CASE("losses and metrics chosen by name keep the name, objects their dict") {
  CHECK(to_config(Loss("mse")) == Config("mse"));
  CHECK(Loss("mse").name() == "mse");
  CHECK(Loss(Huber{}).name() == "huber_loss");
  const Config c = to_config(Loss(SparseCategoricalCrossentropy{.from_logits = true}));
  CHECK(c["class_name"] == Config("SparseCategoricalCrossentropy"));
  CHECK(c["config"]["from_logits"] == Config(true));
  CHECK(read<Loss>(c).as<SparseCategoricalCrossentropy>()->from_logits);
  CHECK(to_config(Metric("acc")) == Config("acc"));
  CHECK_FALSE(to_config(Metric(MeanSquaredError{}))["config"].contains("reduction"));
  CHECK(read<Metric>(to_config(Metric(BinaryAccuracy{.threshold = 0.25}))).as<BinaryAccuracy>()->threshold == 0.25);
}

TEST_CASE("metrics of one name are numbered") {
  CHECK(unique_names({"accuracy", "accuracy", "mse", "accuracy"}) == std::vector<std::string>{"accuracy", "accuracy_1", "mse", "accuracy_2"});
}

TEST_CASE("metrics know which way is better") {
  CHECK(Metric("accuracy").higher_is_better() == true);
  CHECK(Metric("mse").higher_is_better() == false);
  CHECK_FALSE(Metric([](Value a, Value b) { return a * b; }).higher_is_better().has_value());
}
