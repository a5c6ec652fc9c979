// What users bring themselves: layers, losses, metrics, optimizers, callbacks; as structs and as lambdas, without registration.
#include <doctest/doctest.h>

#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

const Tensor x = some_x(48), y = some_y(x);

struct Scale {
  Value operator()(Value v, Scope& scope) const { return v * scope.weight("factor", {v.shape().dim(-1)}, "ones"); }
};
/// The same with a config: it has a name of its own, and can be described.
struct Affine {
  double offset = 0.5;
  static constexpr std::string_view class_name = "Affine";
  CORNU_FIELDS(offset)
  Value operator()(Value v, Scope& scope) const { return v * scope.weight("factor", {v.shape().dim(-1)}, "ones") + offset; }
};
struct Squared {
  std::string name = "squared";
  Value operator()(Value y_true, Value y_pred) const { return mean(square(cast(y_true, y_pred.dtype()) - y_pred), {-1}); }
};
/// SGD by another name.
struct Plain {
  LearningRate learning_rate = 0.05;
  std::vector<std::vector<std::string_view>> slots() const { return {}; }
  Value operator()(WeightUpdate& u) const { return u.weight - u.learning_rate * u.gradient; }
};

}  // namespace

TEST_CASE("a layer struct without registration learns") {
  Sequential model{Input{8}, Scale{}, Dense{3, "softmax"}};
  model.compile({.optimizer = Adam{.learning_rate = 0.01}, .loss = "sparse_categorical_crossentropy"});
  CHECK(model.get_weights()[0] == Tensor(Shape{8}, std::vector<float>(8, 1)));
  model.fit(x, y, {.verbose = 0});
  CHECK_FALSE(model.get_weights()[0] == Tensor(Shape{8}, std::vector<float>(8, 1)));
  CHECK(model.layers()[0].name() == "layer");
  TestFolder folder;
  CHECK(has(text_of<UnsupportedError>([&] { model.save(folder.path / "m.keras"); }), "CORNU_FIELDS"));
  CHECK(folder.names().empty());
}

TEST_CASE("a layer struct with fields gets its class's name and config; a file with it names what is missing when loaded") {
  Sequential model{Input{8}, Affine{.offset = 2}, Dense{3}};
  CHECK(model.layers()[0].name() == "affine");
  CHECK(has(model.to_json(), "\"offset\": 2"));
  TestFolder folder;
  const std::string path = folder.path / "m.keras";
  model.save(path);
  CHECK(has(text_of<UnsupportedError>([&] { load_model(path); }), "Affine"));
  Sequential again{Input{8}, Affine{.offset = 2}, Dense{3}};
  again.load_weights(path);
  CHECK(again.get_weights() == model.get_weights());
}

TEST_CASE("a loss as a struct and as a lambda is the one by name") {
  const Tensor targets = some_x(48, 1, 5);
  std::vector<std::vector<Tensor>> ends;
  for (const Loss& loss : {Loss("mse"), Loss(Squared{}), Loss([](Value a, Value b) { return mean(square(a - b), {-1}); })}) {
    Sequential model{Input{8}, Dense{1}};
    model.compile({.optimizer = "sgd", .loss = loss});
    model.fit(x, targets, {.epochs = 2, .verbose = 0});
    ends.push_back(model.get_weights());
  }
  for (const auto& end : ends)
    for (size_t i = 0; i < end.size(); ++i) CHECK(difference(end[i], ends[0][i]) < 1e-6);
}

TEST_CASE("metrics as a struct and as a lambda are means over the samples, under their names") {
  Sequential model{Input{8}, Dense{1}};
  model.compile({.optimizer = "sgd", .loss = "mse", .metrics = {Squared{}, [](Value a, Value b) { return mean(square(a - b), {-1}); }, "mse"}});
  const Logs logs = model.evaluate(x, some_x(48, 1, 5), {.verbose = 0});
  CHECK(logs.at("squared") == doctest::Approx(logs.at("loss")).epsilon(1e-5));
  CHECK(logs.at("metric") == doctest::Approx(logs.at("loss")).epsilon(1e-5));
  CHECK(logs.at("mse") == doctest::Approx(logs.at("loss")).epsilon(1e-5));
}

TEST_CASE("an optimizer as a struct is SGD when it says what SGD says") {
  std::vector<std::vector<Tensor>> ends;
  for (const Optimizer& optimizer : {Optimizer(SGD{.learning_rate = 0.05}), Optimizer(Plain{})}) {
    Sequential model = small_model();
    model.compile({.optimizer = optimizer, .loss = "sparse_categorical_crossentropy"});
    model.fit(x, y, {.epochs = 3, .verbose = 0});
    CHECK(model.iterations() == 6);
    ends.push_back(model.get_weights());
  }
  for (size_t i = 0; i < ends[0].size(); ++i) CHECK(difference(ends[1][i], ends[0][i]) < 1e-6);
}

TEST_CASE("a callback is a struct with any of the hooks, and is read after fit through its handle") {
  struct Counter {
    int batches = 0, epochs = 0;
    void on_train_batch_end() { ++batches; }
    void on_epoch_end(int) { ++epochs; }
  };
  const Callback counter = Counter{};
  small_model().fit(x, y, {.batch_size = 16, .epochs = 3, .verbose = 0, .callbacks = {counter}});
  CHECK(counter.as<Counter>()->batches == 9);
  CHECK(counter.as<Counter>()->epochs == 3);
}

TEST_CASE("an activation and an initializer as lambdas") {
  Sequential model{Input{8}, Dense{.units = 4, .activation = [](Value v) { return v * 2.0; }, .use_bias = false}, Dense{.units = 4, .use_bias = false}};
  const std::vector<Tensor> w = model.get_weights();
  Sequential linear{Input{8}, Dense{.units = 4, .use_bias = false}, Dense{.units = 4, .use_bias = false}};
  linear.set_weights(w);
  const Tensor doubled = model.predict_on_batch(x), once = linear.predict_on_batch(x);
  for (int64_t i = 0; i < once.size(); ++i) CHECK(doubled.at(i) == doctest::Approx(2 * once.at(i)).epsilon(1e-5));
}
