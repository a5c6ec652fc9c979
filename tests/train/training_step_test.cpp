// Training loops of one's own: traced once, compiled, with optimizers as values.
#include <doctest/doctest.h>

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
