// A steady training step takes no memory from the heap, nor does predict_into: every allocation of this program is counted.
#include <doctest/doctest.h>

#include "cornu/data/batch_stream.h"
#include "cornu/train/model_state.h"
#include "cornu/train/training_step.h"
#include "tests/train/whole_model.h"
#include "tests/count_allocations.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

/// How many allocations 100 steps take, batches included, after a few that warm up.
int64_t allocations_in_steps(Sequential& model, const Tensor& x, const Tensor& y, bool shuffle) {
  constexpr int64_t batch = 32;
  Model::State& s = model.state();
  create_slots(s);
  BatchStream stream(Samples{{x}, {y}}, {.batch_size = batch, .shuffle = shuffle, .background = false});
  TensorType x_type{x.dtype(), x.shape()}, y_type{y.dtype(), y.shape()};
  x_type.shape[0] = y_type.shape[0] = batch;
  Step& step = step_for(s, {Mode::train, {{x_type, x.scale()}}, {{y_type}}});
  const auto run = [&] {
    const Batch* b = stream.next();
    if (!b) return false;
    step.execution.bind_input(0, b->columns[0]);
    step.execution.bind_input(1, b->columns[1]);
    step.execution.run();
    return true;
  };
  stream.start(0);
  while (run()) {
  }
  stream.start(1);
  const int64_t before = allocations;
  int steps = 0;
  while (run()) ++steps;
  const int64_t taken = allocations - before;
  REQUIRE(steps == 100);
  return taken;
}

}  // namespace

TEST_CASE("allocations are counted: those of new, of malloc and of tensors") {
  if (!allocations_are_counted) return;
  const int64_t before = allocations;
  ::operator delete(::operator new(8));
  const int64_t after_new = allocations;
  CHECK(after_new > before);
  std::free(std::malloc(8));
  const int64_t after_malloc = allocations;
  CHECK(after_malloc > after_new);
  const Tensor t(DType::float32, {1000});
  CHECK(allocations > after_malloc);
}

TEST_CASE("100 steps of the mission's model take nothing from the heap, on floats, on bytes and shuffled") {
  const Tensor x = some_x(3200, 784), y = some_y(x, 10);
  Sequential model = seed_model();
  CHECK(allocations_in_steps(model, x, y, false) == 0);
  CHECK(allocations_in_steps(model, x, y, true) == 0);
  const Tensor bytes = Tensor(DType::uint8, {3200, 28, 28}).with_scale(1.0 / 255);
  CHECK(allocations_in_steps(model, bytes, y.cast(DType::uint8), true) == 0);
}

TEST_CASE("100 steps of a wide model on several threads take nothing from the heap") {
  const Tensor x = some_x(3200, 64), y = some_y(x, 10);
  Sequential model{Input{64}, Dense{512, "relu"}, Dense{512, "relu"}, Dense{10, "softmax"}};
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}, .threads = 2});
  CHECK(allocations_in_steps(model, x, y, true) == 0);
}

TEST_CASE("dropout, regularizers, clipping and metrics take nothing from the heap") {
  const Tensor x = some_x(3200), y = some_y(x);
  for (const Optimizer& optimizer : {Optimizer(SGD{.momentum = 0.9, .clipnorm = 1.0}), Optimizer(AdamW{.global_clipnorm = 1.0}), Optimizer(RMSprop{.centered = true}), Optimizer(Adam{.amsgrad = true})}) {
    Sequential model{Input{8}, Dense{.units = 16, .activation = "gelu", .kernel_regularizer = "l2"}, Dropout{.rate = 0.5}, Dense{3, "softmax"}};
    model.compile({.optimizer = optimizer, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy", "sparse_top_k_categorical_accuracy"}, .weighted_metrics = {"accuracy"}});
    CHECK(allocations_in_steps(model, x, y, true) == 0);
  }
}

TEST_CASE("every optimizer in every option that is held to Keras takes nothing from the heap") {
  const Tensor x = some_x(3200), y = some_y(x);
  const Config all = golden("optimizers.json");
  for (const auto& entry : all["cases"].as_dict()) {
    CAPTURE(entry.first);
    Optimizer optimizer;
    from_config(keras_object("keras.optimizers", entry.second["class_name"].as_string(), entry.second["config"]), optimizer);
    Sequential model{Input{8}, Dense{.units = 6, .activation = "tanh", .kernel_constraint = "max_norm"}, Dense{3, "softmax"}};
    model.compile({.optimizer = optimizer, .loss = "sparse_categorical_crossentropy"});
    CHECK(allocations_in_steps(model, x, y, false) == 0);
  }
}

TEST_CASE("steps of a CNN, a residual CNN, an LSTM, a bidirectional GRU and a transformer take nothing from the heap, nor do their predictions") {
  for (const WholeModel& whole : whole_models()) {
    CAPTURE(whole.name);
    Model model = load_model(whole.path());
    Model::State& s = model.state();
    create_slots(s);
    create_metrics(s);
    const Samples batch = samples_of(s, whole.x.rows(0, WholeModel::batch), whole.y.rows(0, WholeModel::batch), {}, {}, "the test");
    Step& step = step_for(s, signature_of(Mode::train, batch, WholeModel::batch));
    for (int i = 0; i < 3; ++i) run_step(step, batch);
    const int64_t before = allocations;
    for (int i = 0; i < 10; ++i) run_step(step, batch);
    CHECK(allocations == before);

    Tensor out = model.predict_on_batch(batch.x[0]);
    model.predict_into(batch.x[0], out);
    const int64_t predicted = allocations;
    for (int i = 0; i < 10; ++i) model.predict_into(batch.x[0], out);
    CHECK(allocations == predicted);
  }
}

TEST_CASE("a step of one's own takes nothing from the heap once it is compiled") {
  const Tensor x = some_x(32), y = some_y(x);
  Sequential model = small_model();
  TrainingStep step([&](StepScope& s, const std::vector<Value>& batch) {
    const Value loss = Loss("sparse_categorical_crossentropy").total(batch[1], s.call(model, batch[0]));
    s.minimize(loss, "adam");
    return std::vector{loss};
  });
  const std::vector<Tensor> batch = {x, y};
  step(batch);
  const int64_t before = allocations;
  for (int i = 0; i < 20; ++i) step(batch);
  CHECK(allocations == before);
}

TEST_CASE("predict_into takes nothing from the heap, for one sample and for many") {
  Sequential model = seed_model();
  for (const int64_t rows : {1, 32, 1000}) {
    const Tensor x = some_x(rows, 784);
    Tensor y(DType::float32, {rows, 10});
    model.predict_into(x, y);
    const int64_t before = allocations;
    for (int i = 0; i < 20; ++i) model.predict_into(x, y);
    CHECK(allocations == before);
  }
}
