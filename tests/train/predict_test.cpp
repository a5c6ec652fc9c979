// predict from generators: batches of any size, with and without an end, of models with several outputs.
#include <doctest/doctest.h>

#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

const Tensor x = some_x(50), y = some_y(x);

/// Batches of 8 of x, with or without labels, again and again; `end`: with an end of each epoch.
Generator batches(bool labels, bool end = true) {
  auto at = std::make_shared<int64_t>(0);
  return [at, labels, end]() -> std::optional<Samples> {
    if (*at >= 50) {
      *at = 0;
      if (end) return std::nullopt;
    }
    const int64_t from = *at, to = std::min<int64_t>(from + 8, 50);
    *at = to;
    return labels ? Samples{{x.rows(from, to)}, {y.rows(from, to)}} : Samples{{x.rows(from, to)}};
  };
}

}  // namespace

TEST_CASE("predictions of a generator's batches are those of the tensors, also of a model that was never compiled") {
  Sequential model{Input{8}, Dense{6, "tanh"}, Dense{3, "softmax"}};
  const Tensor all = model.predict(x, {.batch_size = 8, .verbose = 0});
  CHECK(model.predict(Source(batches(false)), {.verbose = 0}) == all);
  CHECK(model.predict(Source(batches(false), 7), {.verbose = 0}) == all);
  CHECK(model.predict(Source(batches(true)), {.verbose = 0}) == all);  // labels are not looked at
  CHECK(model.predict(Source(Samples{{x}, {y}}), {.batch_size = 8, .verbose = 0}) == all);
  CHECK(small_model().predict(Source(batches(true)), {.verbose = 0}).shape() == Shape{50, 3});
}

TEST_CASE("steps says how many batches, of an endless generator and of tensors") {
  Sequential model{Input{8}, Dense{3}};
  const Tensor all = model.predict(x, {.batch_size = 8, .verbose = 0});
  CHECK(model.predict(Source(batches(false, false)), {.verbose = 0, .steps = 3}) == all.rows(0, 24));
  CHECK(model.predict(x, {.batch_size = 8, .verbose = 0, .steps = 3}) == all.rows(0, 24));
  CHECK(model.predict(x, {.batch_size = 8, .verbose = 0, .steps = 100}) == all);
  CHECK(has(text_of<ArgumentError>([&] { model.predict(x, {.verbose = 0, .steps = 0}); }), "steps must be positive, and was 0"));
}

TEST_CASE("a generator builds the model, and gives every output of one that has several") {
  Sequential unbuilt{Dense{3}};
  CHECK(unbuilt.predict(Source(batches(false)), {.verbose = 0}).shape() == Shape{50, 3});
  const Symbol in = input({8});
  Model two{in, {Layer(Dense{2}, {.name = "a"})(in), Layer(Dense{4}, {.name = "b"})(in)}};
  const std::vector<Tensor> from_tensors = two.predict_all(x, {.batch_size = 8, .verbose = 0}), from_generator = two.predict_all(Source(batches(false)), {.verbose = 0});
  CHECK(from_generator == from_tensors);
  CHECK(has(text_of<ArgumentError>([&] { two.predict(Source(batches(false))); }), "predict returns one tensor"));
}

TEST_CASE("what a generator may not give to predict is said") {
  Sequential model{Input{8}, Dense{3}};
  CHECK(has(text_of<ArgumentError>([&] { model.predict(Source([]() -> std::optional<Samples> { return std::nullopt; }), {.verbose = 0}); }), "the generator gave no batch to predict"));
  int n = 0;
  const Generator wide = [&n]() -> std::optional<Samples> { return n++ == 0 ? std::optional(Samples{{some_x(4, 9)}}) : std::nullopt; };
  CHECK(has(text_of<ShapeError>([&] { model.predict(Source(wide), {.verbose = 0}); }), "[4, 9]"));
  const Symbol steps = input({Shape::unknown, 2});
  Model sequences{steps, steps | Dense{1}};
  int64_t length = 3;
  const Generator longer = [&length]() -> std::optional<Samples> { return length < 5 ? std::optional(Samples{{Tensor(DType::float32, {2, length++, 2})}}) : std::nullopt; };
  CHECK(has(text_of<ShapeError>([&] { sequences.predict(Source(longer), {.verbose = 0}); }), "the generator's batches give predictions of shapes [2, 3, 1] and [2, 4, 1]"));
}

TEST_CASE("callbacks follow predictions of a generator batch by batch") {
  struct Counter {
    int batches = 0;
    void on_predict_batch_end(int) { ++batches; }
  };
  const Callback counter = Counter{};
  Sequential{Input{8}, Dense{3}}.predict(Source(batches(false)), {.verbose = 0, .callbacks = {counter}});
  CHECK(counter.as<Counter>()->batches == 7);
}
