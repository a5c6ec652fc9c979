// Models with stateful layers: batches go on where the last one ended, sample by sample, until reset_states().
#include <doctest/doctest.h>

#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

constexpr int64_t rows = 4, steps = 3, width = 2;

/// Of batches of four, if `fixed`, and else of any.
Sequential stateful(bool fixed) {
  Sequential model{Input(Shape{Shape::unknown, width}, DType::float32, "x", fixed ? std::optional(rows) : std::nullopt), GRU{.units = 3, .return_sequences = true, .stateful = true}, LSTM{.units = 3, .stateful = true},
                   Dense{1}};
  model.compile({.optimizer = "adam", .loss = "mse"});
  return model;
}

const Tensor whole = some_x(rows, 4 * steps * width).reshaped({rows, 4 * steps, width});
/// Some of its steps.
Tensor part(int64_t from, int64_t to) {
  Tensor t(DType::float32, {rows, to - from, width});
  auto values = t.mutable_values<float>();
  for (int64_t b = 0; b < rows; ++b)
    for (int64_t i = 0; i < (to - from) * width; ++i) values[static_cast<size_t>(b * (to - from) * width + i)] = static_cast<float>(whole.at((b * 4 * steps + from) * width + i));
  return t;
}

}  // namespace

TEST_CASE("predictions go on from batch to batch, and begin anew after reset_states") {
  for (const bool fixed : {false, true}) {
    Sequential model = stateful(fixed);
    const Tensor first = model.predict_on_batch(part(0, 6)), end = model.predict_on_batch(part(6, 12));
    model.reset_states();
    const Tensor at_once = model.predict_on_batch(whole);
    CHECK(difference(end, at_once) < 1e-6);
    CHECK(difference(first, at_once) > 1e-3);
    model.reset_states();
    CHECK(model.predict(part(0, 6), {.batch_size = rows, .verbose = 0}) == first);
    Tensor into(DType::float32, {rows, 1});
    model.predict_into(part(6, 12), into);
    CHECK(into == end);
  }
}

TEST_CASE("a long series learns in pieces: samples of a batch are the next piece of the same series, in order") {
  Sequential model = stateful(true);
  model.set_learning_rate(0.02);
  // Each batch of four holds the next steps of four series; the target is what the series began with, which only the state knows.
  std::vector<float> x, y;
  for (int piece = 0; piece < 20; ++piece)
    for (int64_t b = 0; b < rows; ++b) {
      for (int64_t i = 0; i < steps * width; ++i) x.push_back(piece == 0 && i < width ? static_cast<float>(b) / 4 : 0.0f);
      y.push_back(static_cast<float>(b) / 4);
    }
  const Tensor all({20 * rows, steps, width}, x), targets({20 * rows, 1}, y);
  double before = 0, after = 0;
  for (int epoch = 0; epoch < 60; ++epoch) {
    model.reset_states();
    const History h = model.fit(all, targets, {.batch_size = rows, .verbose = 0, .shuffle = false});
    (epoch == 0 ? before : after) = h.history["loss"][0];
  }
  CHECK(after < before / 3);
  model.reset_states();
  const double kept = model.evaluate(all, targets, {.batch_size = rows, .verbose = 0}).at("loss");
  Sequential forgetful{Input{steps, width}, GRU{.units = 3, .return_sequences = true}, LSTM{.units = 3}, Dense{1}};
  forgetful.compile({.loss = "mse"});
  forgetful.set_weights(model.get_weights());
  CHECK(kept < forgetful.evaluate(all, targets, {.batch_size = rows, .verbose = 0}).at("loss") / 2);
}

TEST_CASE("a batch of another size is refused until reset_states, and always where the Input says the size") {
  Sequential any = stateful(false);
  any.predict_on_batch(whole);
  CHECK(has(text_of<ShapeError>([&] { any.predict_on_batch(whole.rows(0, 3)); }),
            "the model 'sequential' has stateful layers, which go on where the last batch ended, sample by sample: the last batch had 4 samples, and this one has 3; give it batches of one size, or call reset_states()"));
  any.reset_states();
  CHECK(any.predict_on_batch(whole.rows(0, 3)).shape() == Shape{3, 1});
  CHECK(has(text_of<ShapeError>([&] { any.fit(whole, Tensor(DType::float32, {rows, 1}), {.verbose = 0}); }), "the last batch had 3 samples, and this one has 4"));

  Sequential fixed = stateful(true);
  const std::string error = text_of<ShapeError>([&] { fixed.fit(some_x(10, steps * width).reshaped({10, steps, width}), Tensor(DType::float32, {10, 1}), {.batch_size = rows, .verbose = 0}); });
  CHECK(has(error, "its Input says that batches have 4 samples, and this one has 2; give it whole batches"));
  fixed.reset_states();
  CHECK(has(text_of<ShapeError>([&] { fixed.predict_on_batch(whole.rows(0, 1)); }), "its Input says that batches have 4 samples, and this one has 1"));

  Sequential plain{Input(Shape{2}, DType::float32, "x", 4), Dense{1}};  // as in Keras, only stateful layers mind
  CHECK(plain.predict_on_batch(some_x(3, 2)).shape() == Shape{3, 1});
}

TEST_CASE("the size of batches is in shapes, summaries and files, as Keras has it") {
  Sequential model = stateful(true);
  CHECK(model.input_shape() == Shape{4, Shape::unknown, 2});
  CHECK(model.output_shape() == Shape{4, 1});
  CHECK(has(model.summary_text(), "(4, None, 3)"));
  CHECK(has(model.to_json(), "\"batch_shape\": [4, null, 2]"));
  TestFolder folder;
  model.predict_on_batch(part(0, 6));
  model.save(folder.path / "m.keras");
  Model again = load_model(folder.path / "m.keras");
  CHECK(again.input_shape() == Shape{4, Shape::unknown, 2});
  const Tensor begun = again.predict_on_batch(part(6, 12));  // what batches left to each other is in no file
  model.reset_states();
  CHECK(begun == model.predict_on_batch(part(6, 12)));

  const Symbol x = input({steps, width}, {.batch_size = 4});
  CHECK(x.shape() == Shape{4, steps, width});
  Model functional{x, x | LSTM{.units = 3, .stateful = true}};
  CHECK(functional.output_shape() == Shape{4, 3});
  CHECK(has(functional.to_json(), "\"batch_shape\": [4, 3, 2]"));
  CHECK(model_from_json(functional.to_json()).input_shape() == Shape{4, 3, 2});
  CHECK(clone_model(functional).input_shape() == Shape{4, 3, 2});
}
