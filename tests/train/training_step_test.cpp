// Training loops of one's own: traced once, compiled, with optimizers as values.
#include <doctest/doctest.h>

#include "cornu/autodiff/gradients.h"
#include "cornu/train/training_step.h"
#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

TEST_CASE("a loop of one's own learns a line: variables, a loss, an optimizer") {
  const Tensor x = some_x(64, 1);
  Tensor y(DType::float32, {64, 1});
  for (int64_t i = 0; i < 64; ++i) y.mutable_values<float>()[static_cast<size_t>(i)] = static_cast<float>(3 * x.at(i) - 2);
  int traced = 0;
  TrainingStep step([&](StepScope& s, const std::vector<Value>& batch) {
    ++traced;
    const Value w = s.variable("w", Tensor::scalar(0.0f)), b = s.variable("b", Tensor::scalar(0.0f));
    const Value loss = mean(square(batch[0] * w + b - batch[1]));
    s.minimize(loss, SGD{.learning_rate = 0.1});
    return std::vector{loss};
  });
  const double first = step({x, y});
  double last = first;
  for (int i = 0; i < 200; ++i) last = step({x, y});
  CHECK(traced == 1);
  CHECK(step.iterations() == 201);
  CHECK(last < 1e-6 * first);
  CHECK(step.variable("w").at(0) == doctest::Approx(3).epsilon(1e-3));
  CHECK(step.variable("b").at(0) == doctest::Approx(-2).epsilon(1e-3));
  step.set_variable("w", Tensor::scalar(0.0f));
  CHECK(step({x, y}) > 1);
  CHECK(has(text_of<ArgumentError>([&] { step.variable("ww"); }), "did you mean 'w'"));
}

TEST_CASE("a model trained by a loop of one's own has the weights that fit gives it, and its metrics") {
  const Tensor x = some_x(32), y = some_y(x);
  Sequential fitted = small_model(), looped = small_model();
  for (int i = 0; i < 5; ++i) fitted.train_on_batch(x, y);
  TrainingStep step([&](StepScope& s, const std::vector<Value>& batch) {
    const Value y_pred = s.call(looped, batch[0]);
    const Value loss = Loss("sparse_categorical_crossentropy").total(batch[1], y_pred);
    s.minimize(loss, Adam{.learning_rate = 0.01});
    s.track("accuracy", batch[1], y_pred);
    return std::vector{loss, y_pred};
  });
  for (int i = 0; i < 5; ++i) step({x, y});
  CHECK(looped.get_weights() == fitted.get_weights());
  CHECK(step.output(1).shape() == Shape{32, 3});
  CHECK(step.metrics().at("accuracy") > 0);
  CHECK(looped.evaluate(x, y, {.verbose = 0}) == fitted.evaluate(x, y, {.verbose = 0}));
  step.reset_metrics();
  CHECK(step.metrics().at("accuracy") == 0);
  step.set_learning_rate(0);
  const auto before = looped.get_weights();
  step({x, y});
  CHECK(looped.get_weights() == before);
  CHECK(step.learning_rate() == 0);
}

TEST_CASE("two steps train two models by turns, each its own: an adversarial network") {
  Sequential generator{Input{4}, Dense{8, "relu"}, Dense{2}}, judge{Input{2}, Dense{8, "relu"}, Dense{1}};
  const Optimizer adam = Adam{.learning_rate = 0.01};
  const auto crossentropy = [](Value logits, double label) { return Loss(BinaryCrossentropy{.from_logits = true}).total(logits * 0 + label, logits); };
  TrainingStep judging([&](StepScope& s, const std::vector<Value>& batch) {
    const Value loss = crossentropy(s.call(judge, batch[1]), 1) + crossentropy(s.call(judge, s.call(generator, batch[0])), 0);
    s.minimize(loss, adam, {judge});
    return std::vector{loss};
  });
  TrainingStep generating([&](StepScope& s, const std::vector<Value>& batch) {
    const Value loss = crossentropy(s.call(judge, s.call(generator, batch[0])), 1);
    s.minimize(loss, adam, {generator});
    return std::vector{loss};
  });
  const Tensor noise = some_x(16, 4), real = some_x(16, 2, 5);
  const auto g0 = generator.get_weights(), j0 = judge.get_weights();
  const double first = judging({noise, real});
  CHECK(generator.get_weights() == g0);
  CHECK(judge.get_weights() != j0);
  const auto j1 = judge.get_weights();
  generating({noise});
  CHECK(generator.get_weights() != g0);
  CHECK(judge.get_weights() == j1);
  double last = first;
  for (int i = 0; i < 30; ++i) last = judging({noise, real});
  CHECK(last < first);
}

TEST_CASE("a step of one's own may keep what it likes: a running mean, set by hand") {
  TrainingStep step([](StepScope& s, const std::vector<Value>& batch) {
    const Value kept = s.variable("mean", Tensor(DType::float32, {3}), false);
    s.set(kept, kept * 0.5 + batch[0] * 0.5);
    return std::vector{sum(kept)};
  });
  CHECK(step({Tensor{2, 4, 6}}) == 0);
  CHECK(step({Tensor{2, 4, 6}}) == 6);
  CHECK(step.variable("mean").at(2) == 4.5);
}

TEST_CASE("what a step cannot do is said") {
  const auto error = [](TrainingStep::Trace f) { return text_of<ArgumentError>([&] { TrainingStep(std::move(f))({Tensor{1, 2}}); }); };
  CHECK(has(error([](StepScope& s, const std::vector<Value>& batch) { return s.minimize(batch[0], "sgd"), std::vector<Value>{}; }), "minimize takes a scalar, and was given values of shape [2]"));
  CHECK(has(error([](StepScope& s, const std::vector<Value>& batch) { return s.minimize(sum(batch[0]), "sgd"), std::vector<Value>{}; }), "meets no weight to train"));
  CHECK(has(error([](StepScope& s, const std::vector<Value>& batch) {
              const Value loss = sum(batch[0] * s.variable("w", Tensor::scalar(1.0f)));
              return s.minimize(loss, "sgd"), s.minimize(loss, "adam"), std::vector<Value>{};
            }),
            "a step minimizes one loss"));
}

namespace {
Sequential of_policy(const char* policy) {
  Sequential model{Input{8}, Dense{16, "tanh"}, Dense{3, "softmax"}};
  model.set_dtype_policy(policy);
  return model;
}
/// Five steps of a loop of one's own.
std::vector<double> looped(const Model& model, TrainingStepOptions options) {
  const Tensor x = some_x(32), y = some_y(x);
  TrainingStep step([&](StepScope& s, const std::vector<Value>& batch) {
    const Value loss = Loss("sparse_categorical_crossentropy").total(batch[1], s.call(model, batch[0]));
    s.minimize(loss, Adam{.learning_rate = 0.01});
    return std::vector{loss};
  }, std::move(options));
  std::vector<double> losses;
  for (int i = 0; i < 5; ++i) losses.push_back(step({x, y}));
  return losses;
}
std::vector<Tensor> fitted(Sequential model) {
  const Tensor x = some_x(32), y = some_y(x);
  model.compile({.optimizer = Adam{.learning_rate = 0.01}, .loss = "sparse_categorical_crossentropy"});
  for (int i = 0; i < 5; ++i) model.train_on_batch(x, y);
  return model.get_weights();
}
}  // namespace

TEST_CASE("a step heeds the policies of the models that it calls, and has one of its own") {
  const std::vector<Tensor> plain = fitted(of_policy("float32")), mixed = fitted(of_policy("mixed_bfloat16")), twice = fitted(of_policy("float64"));
  REQUIRE(plain != mixed);
  for (const auto& [of_model, of_step, expected] : {std::tuple{"float32", "float32", &plain}, {"mixed_bfloat16", "float32", &mixed}, {"float32", "mixed_bfloat16", &mixed}, {"float64", "float64", &twice}}) {
    CAPTURE(of_model);
    CAPTURE(of_step);
    const Sequential model = of_policy(of_model);
    looped(model, {.dtype_policy = of_step});
    CHECK(model.get_weights() == *expected);
  }
  CHECK(twice[0].dtype() == DType::float64);
  CHECK(has(text_of<UnsupportedError>([] { looped(of_policy("float64"), {}); }), "sequential: a model of the dtype policy float64 is part of one of float32, or of a step of float32; give that float64 too"));
  CHECK(has(text_of<UnsupportedError>([] { looped(of_policy("mixed_bfloat16"), {.dtype_policy = "float64"}); }), "sequential: the layer has the dtype policy mixed_bfloat16 in a model of float64"));
  CHECK(has(text_of<ShapeError>([] { looped(of_policy("float32"), {.dtype_policy = "float64"}); }), "kernel: the layer has a float32[8, 16] already, and this batch asks for a float64[8, 16]"));
  CHECK(has(text_of<ArgumentError>([] { looped(of_policy("float32"), {.dtype_policy = "bfloat"}); }), "no dtype policy 'bfloat'"));
}

TEST_CASE("a step of float64 keeps what it declares in float64, and sees differences that float32 cannot") {
  for (const bool twice : {false, true}) {
    TrainingStep step([](StepScope& s, const std::vector<Value>& batch) {
      const Value w = s.variable("w", Tensor::scalar(1.0));
      const Value loss = sum(square(batch[0] * w - 1.0));
      s.minimize(loss, SGD{.learning_rate = 1e-3});
      return std::vector{loss, batch[0] * w};
    }, {.dtype_policy = twice ? "float64" : "float32"});
    step({Tensor({1}, std::vector<double>{1 + 1e-12})});
    CHECK((step.output(1).at(0) != 1.0) == twice);
    CHECK(step.variable("w").dtype() == (twice ? DType::float64 : DType::float32));
  }
}

TEST_CASE("gradients taken by value_and_grad, changed by hand and given to an optimizer, are those that minimize takes") {
  const Tensor x = some_x(32), y = some_y(x);
  const auto trained = [&](bool by_hand, double scale) {
    Sequential model = small_model();
    TrainingStep step([&](StepScope& s, const std::vector<Value>& batch) {
      const auto loss_of = [&](const std::vector<Value>&) { return Loss("sparse_categorical_crossentropy").total(batch[1], s.call(model, batch[0])); };
      const Optimizer adam = Adam{.learning_rate = 0.01, .clipnorm = 0.5, .loss_scale_factor = scale};
      if (!by_hand) {
        const Value loss = loss_of({});
        return s.minimize(loss, adam), std::vector{loss};
      }
      s.call(model, batch[0]);  // the weights are there from now on
      auto [loss, slopes] = value_and_grad(loss_of)(s.trainable_weights());
      for (Value& slope : slopes) slope = slope * scale;
      s.apply(adam, slopes, s.trainable_weights());
      return std::vector{loss};
    });
    for (int i = 0; i < 5; ++i) step({x, y});
    CHECK(step.iterations() == 5);
    return model.get_weights();
  };
  CHECK(trained(true, 1) == trained(false, 1));
  CHECK(trained(true, 64) == trained(false, 64));
}

TEST_CASE("apply trains the weights that it is given, and says what it cannot take") {
  TrainingStep step([](StepScope& s, const std::vector<Value>& batch) {
    const Value w = s.variable("w", Tensor::scalar(1.0f)), v = s.variable("v", Tensor::scalar(1.0f));
    const auto [loss, slopes] = value_and_grad([&](const std::vector<Value>& of) { return mean(square(batch[0] * of[0] + v)); })({w});
    s.apply(SGD{.learning_rate = 0.5}, slopes, {w});
    return std::vector{loss, slopes[0]};
  });
  CHECK(step({Tensor{1, 3}}) == 10);                      // (2^2 + 4^2) / 2
  CHECK(step.output(1).at(0) == 14);                      // the mean of 2 * 2 * 1 and 2 * 4 * 3
  CHECK(step.variable("w").at(0) == -6);                  // 1 - 0.5 * 14
  CHECK(step.variable("v").at(0) == 1);
  const auto error = [](auto f) {
    return text_of<ArgumentError>([&] {
      TrainingStep([&](StepScope& s, const std::vector<Value>& batch) {
        const Value w = s.variable("w", Tensor(DType::float32, {2})), kept = s.variable("kept", Tensor::scalar(1.0f), false);
        f(s, w, kept, batch[0]);
        return std::vector<Value>{};
      })({Tensor{1, 2}});
    });
  };
  CHECK(has(error([](StepScope& s, Value w, Value, Value x) { s.apply("sgd", {x, x}, {w}); }), "a gradient for each weight, and was given 2 for 1"));
  CHECK(has(error([](StepScope& s, Value, Value kept, Value) { s.apply("sgd", {kept}, {kept}); }), "weight 0 is none of the step's trainable weights"));
  CHECK(has(error([](StepScope& s, Value w, Value, Value x) { s.apply("sgd", {sum(x)}, {w}); }), "gradient 0 is a float32[], and its weight is a float32[2]"));
  CHECK(has(error([](StepScope& s, Value w, Value, Value x) { s.apply("sgd", {x, x}, {w, w}); }), "weight 1 is there twice"));
  CHECK(has(error([](StepScope& s, Value w, Value, Value x) { s.apply("sgd", {x}, {w}), s.minimize(sum(w), "sgd"); }), "a step minimizes one loss"));
}
