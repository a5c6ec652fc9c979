// What an epoch is: shuffled anew in every fit, cut to steps, of any length of sequences; what the optimizer leaves behind.
#include <doctest/doctest.h>

#include "cornu/train/model_state.h"
#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

const Tensor x = some_x(40), y = some_y(x);
FitOptions quiet(int epochs = 1) { return {.batch_size = 8, .epochs = epochs, .verbose = 0}; }

/// Adds a penalty that is the mean of its input: a model that needs no labels.
struct MeanPenalty {
  static constexpr std::string_view class_name = "MeanPenalty";
  Value operator()(Value in, Scope& scope) const {
    scope.add_loss(mean(square(in)));
    return in;
  }
};

}  // namespace

TEST_CASE("each fit shuffles otherwise, and a model of the same seed does so alike") {
  const auto train = [](int fits, int epochs) {
    Sequential model = small_model();
    for (int i = 0; i < fits; ++i) model.fit(x, y, quiet(epochs));
    return model.get_weights();
  };
  CHECK(train(2, 1) == train(2, 1));
  CHECK(train(2, 1) != train(1, 2));  // the second fit is no second epoch of the first, nor its first again
  Sequential once = small_model(), again = small_model();
  const auto before = once.get_weights();
  once.fit(x, y, quiet()), again.fit(x, y, quiet());
  const auto after_one = once.get_weights();
  // From the same weights and slots, the order of the batches alone tells the fits apart.
  Sequential sgd = small_model(), same = small_model();
  for (Sequential* m : {&sgd, &same}) m->compile({.optimizer = SGD{.learning_rate = 0.1}, .loss = "sparse_categorical_crossentropy"});
  sgd.fit(x, y, quiet());
  same.fit(x, y, quiet());
  CHECK(sgd.get_weights() == same.get_weights());
  const auto first = sgd.get_weights();
  sgd.set_weights(before);
  sgd.fit(x, y, quiet());
  CHECK(sgd.get_weights() != first);
}

TEST_CASE("steps_per_epoch cuts epochs: the next goes on in the data, and two of half the steps are one whole") {
  Sequential whole = small_model(), halves = small_model();
  FitOptions one = quiet(2), half = quiet(4);
  one.batch_size = half.batch_size = 10;
  half.steps_per_epoch = 2;
  whole.fit(x, y, one);
  const History h = halves.fit(x, y, half);
  CHECK(h.epoch.size() == 4);
  CHECK(halves.iterations() == 8);
  CHECK(halves.get_weights() == whole.get_weights());
  half.steps_per_epoch = 0;
  CHECK(has(text_of<ArgumentError>([&] { halves.fit(x, y, half); }), "steps_per_epoch must be positive, and was 0"));
}

TEST_CASE("validation_steps and evaluate's steps look at the first batches only") {
  Sequential model = small_model();
  FitOptions o = quiet();
  o.validation_data = ValidationData(x, y);
  o.validation_steps = 2;
  const History h = model.fit(x, y, o);
  CHECK(h.history["val_loss"][0] == doctest::Approx(model.evaluate(x.rows(0, 16), y.rows(0, 16), {.batch_size = 8, .verbose = 0}).at("loss")).epsilon(1e-6));
  CHECK(model.evaluate(x, y, {.batch_size = 8, .verbose = 0, .steps = 2}).at("loss") == doctest::Approx(h.history["val_loss"][0]).epsilon(1e-6));
}

TEST_CASE("validation_data may be batches from a generator") {
  Sequential model = small_model();
  int64_t at = 0;
  FitOptions o = quiet(3);
  o.validation_data.emplace(Source(Generator([&]() -> std::optional<Samples> {
    if (at == 40) return at = 0, std::nullopt;
    Samples s{{x.rows(at, at + 8)}, {y.rows(at, at + 8)}};
    return at += 8, s;
  })));
  const History h = model.fit(x, y, o);
  REQUIRE(h.history["val_loss"].size() == 3);
  CHECK(h.history["val_loss"].back() == doctest::Approx(model.evaluate(x, y, {.batch_size = 8, .verbose = 0}).at("loss")).epsilon(1e-6));
}

TEST_CASE("an Input with an unknown axis takes sequences of any length, in training too") {
  Sequential model{Input{Shape::unknown, 3}, Dense{4, "tanh"}, Layer(GlobalAveragePooling1D{}), Dense{2}};
  model.compile({.optimizer = "sgd", .loss = "mse"});
  CHECK(model.input_shape() == Shape{Shape::unknown, Shape::unknown, 3});
  const auto sequences = [](int64_t n, int64_t length) { return some_x(n, length * 3).reshaped({n, length, 3}); };
  std::vector<Tensor> longest;
  for (const int64_t length : {5, 9, 2}) {
    const Tensor batch = sequences(6, length);
    const Tensor out = model.predict(batch, {.verbose = 0});
    CHECK(out.shape() == Shape{6, 2});
    CHECK(model.predict_on_batch(batch.rows(0, 1)).at(0) == doctest::Approx(out.at(0)));
    model.fit(batch, some_x(6, 2), quiet());
  }
  CHECK(model.iterations() == 3);
  CHECK(has(text_of<ShapeError>([&] { model.predict(some_x(6, 4).reshaped({6, 1, 4})); }), "4"));
}

TEST_CASE("when fit ends the weights are their moving averages, if the optimizer keeps them") {
  Sequential model = small_model(), plain = small_model();
  model.compile({.optimizer = SGD{.learning_rate = 0.1, .use_ema = true, .ema_momentum = 0.5}, .loss = "sparse_categorical_crossentropy"});
  plain.compile({.optimizer = SGD{.learning_rate = 0.1}, .loss = "sparse_categorical_crossentropy"});
  FitOptions o = quiet();
  o.batch_size = 20, o.shuffle = false;
  model.fit(x, y, o);
  plain.train_on_batch(x.rows(0, 20), y.rows(0, 20));
  const auto after_one = plain.get_weights();
  plain.train_on_batch(x.rows(20, 40), y.rows(20, 40));
  const auto after_two = plain.get_weights(), averages = model.get_weights();
  for (size_t i = 0; i < averages.size(); ++i)
    for (int64_t k = 0; k < averages[i].size(); ++k) CHECK(averages[i].at(k) == doctest::Approx(0.5 * after_one[i].at(k) + 0.5 * after_two[i].at(k)).epsilon(1e-5));
}

TEST_CASE("a model whose layers add the loss needs none from compile, and no labels") {
  Sequential model{Input{8}, Dense{4}, Layer(MeanPenalty{})};
  model.compile({.optimizer = SGD{.learning_rate = 0.1}});
  const History h = model.fit(Source(Samples{{x}}), quiet(5));
  CHECK(h.history["loss"].back() < 0.7 * h.history["loss"][0]);
  Sequential without{Input{8}, Dense{4}};
  without.compile({.optimizer = "sgd"});
  CHECK(has(text_of<ArgumentError>([&] { without.fit(Source(Samples{{x}}), quiet()); }), "training needs a loss: give compile one"));
}
