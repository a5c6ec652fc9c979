// The same seed gives the same bits: in two runs, and on any number of threads.
#include <doctest/doctest.h>

#include "cornu/train/model_state.h"
#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

struct Trained {
  std::vector<Tensor> weights;
  History history;
  Tensor predictions;
};

/// Wide enough for steps of several slices, with dropout and a short last batch.
Trained train(int threads, uint64_t seed = 3) {
  static const Tensor x = some_x(300, 64), y = some_y(x, 10);
  Sequential model{Input{64}, Dense{512, "relu"}, Dropout{.rate = 0.2}, Dense{512, "tanh"}, Dense{10, "softmax"}};
  model.set_seed(seed);
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}, .threads = threads});
  History history = model.fit(x, y, {.batch_size = 64, .epochs = 2, .verbose = 0, .validation_split = 0.1});
  return {model.get_weights(), std::move(history), model.predict(x, {.verbose = 0})};
}
bool same(const Trained& a, const Trained& b) { return a.weights == b.weights && a.predictions == b.predictions && a.history.history == b.history.history; }

}  // namespace

TEST_CASE("two runs from one seed give the same bits; another seed gives others") {
  const Trained first = train(1), second = train(1), other = train(1, 4);
  CHECK(same(first, second));
  CHECK_FALSE(first.weights == other.weights);
}

TEST_CASE("one thread and two give the same bits of weights, history and predictions") {
  const Trained one = train(1), two = train(2), any = train(0);
  CHECK(same(one, two));
  CHECK(same(one, any));
}

TEST_CASE("the wide model's steps do have several slices, so that threads have something to disagree on") {
  Sequential model{Input{64}, Dense{512, "relu"}, Dense{512, "tanh"}, Dense{10, "softmax"}};
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
  create_slots(model.state());
  const Step& step = step_for(model.state(), {Mode::train, {{{DType::float32, {64, 64}}}}, {{{DType::int64, {64}}}}});
  CHECK(step.execution.program().parallel);
}

TEST_CASE("evaluate does not depend on the order of calls, nor does predict on the batch size") {
  const Tensor x = some_x(50), y = some_y(x);
  Sequential model = small_model();
  model.fit(x, y, {.verbose = 0});
  const Logs first = model.evaluate(x, y, {.verbose = 0});
  const Tensor all = model.predict(x, {.verbose = 0});
  CHECK(model.evaluate(x, y, {.verbose = 0}) == first);
  for (const int64_t batch : {1, 7, 50}) CHECK(difference(model.predict(x, {.batch_size = batch, .verbose = 0}), all) < 1e-6);
}
