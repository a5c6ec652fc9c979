// Models wired with Symbols: weights that layers share, freezing, names, models in models.
#include <doctest/doctest.h>

#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

const Tensor x = some_x(48), y = some_y(x), numbers = some_x(48, 3, 5);

CompileConfig regression() { return {.optimizer = Adam{.learning_rate = 0.01}, .loss = "mse"}; }

struct Block {
  Layer wide{Dense{6, "relu"}}, narrow{Dense{8}};
  static constexpr std::string_view class_name = "Block";
  Value operator()(Value v, Scope& scope) const { return v + narrow(wide({v}, scope), scope)[0]; }
};

}  // namespace

TEST_CASE("a Functional of the layers of a Sequential computes and learns the same bits") {
  Sequential chain{Input{8}, Dense{6, "tanh"}, Dense{3, "softmax"}};
  const Symbol in = input({8});
  Model graph{in, in | Dense{6, "tanh"} | Dense{3, "softmax"}};
  CHECK(graph.name() == "functional");
  CHECK(graph.weight_names() == chain.weight_names());
  for (Model* m : {static_cast<Model*>(&chain), &graph}) {
    m->compile({.optimizer = Adam{.learning_rate = 0.01}, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
    m->fit(x, y, {.epochs = 2, .verbose = 0});
  }
  CHECK(graph.get_weights() == chain.get_weights());
  CHECK(graph.predict(x, {.verbose = 0}) == chain.predict(x, {.verbose = 0}));
}

TEST_CASE("an encoder shares live weights with the autoencoder that is trained") {
  const Symbol in = input({8});
  const Symbol code = in | Dense{2, "tanh"};
  Model autoencoder{in, code | Dense{8}, "autoencoder"}, encoder{in, code, "encoder"};
  const Tensor before = encoder.predict(x, {.verbose = 0});
  autoencoder.compile(regression());
  autoencoder.fit(x, x, {.epochs = 2, .verbose = 0});
  CHECK_FALSE(encoder.predict(x, {.verbose = 0}) == before);
  CHECK(encoder.get_weights()[0] == autoencoder.get_weights()[0]);
  encoder.set_weights({Tensor(DType::float32, {8, 2}), Tensor(DType::float32, {2})});
  CHECK(autoencoder.get_weights()[0] == Tensor(DType::float32, {8, 2}));
  CHECK(autoencoder.get_layer("dense").get_weights()[0] == Tensor(DType::float32, {8, 2}));
}

TEST_CASE("a layer that outlives its model keeps its weights, and gives them to the next") {
  const Layer fc{Dense{3}, {.name = "fc"}};
  Tensor kernel;
  {
    Sequential model{Input{8}, fc};
    kernel = model.get_weights()[0];
  }
  Sequential model{Input{8}, fc, Dense{2}};
  CHECK(model.get_weights()[0] == kernel);
  CHECK(fc.count_params() == 27);
  CHECK(has(text_of<ShapeError>([&] { Sequential{Input{5}, fc}; }), "fc/kernel: the layer has a float32[8, 3] already"));
}

TEST_CASE("a model in models: called twice it shares, and its layers are found by their paths") {
  Sequential tower{Input{8}, Dense{8, "tanh"}, Dense{8}};
  const Symbol in = input({8});
  Model model{in, tower(tower(in)) | Dense{3}};
  CHECK(model.weight_names() == std::vector<std::string>{"sequential/dense/kernel", "sequential/dense/bias", "sequential/dense_1/kernel", "sequential/dense_1/bias", "dense/kernel", "dense/bias"});
  CHECK(model.get_layer("sequential/dense_1").is(tower.layers()[1]));
  CHECK(has(text_of<ArgumentError>([&] { model.get_layer("sequential/dense_11"); }), "did you mean 'dense_1'?"));
  CHECK(has(text_of<ArgumentError>([&] { model.get_layer("dense/kernel"); }), "'dense' is no model"));
  CHECK(has(text_of<ArgumentError>([&] { model.weight("dense/kernal"); }), "did you mean 'dense/kernel'?"));
  model.set_weight("sequential/dense/bias", Tensor(Shape{8}, std::vector<float>(8, 2)));
  CHECK(tower.get_weights()[1] == Tensor(Shape{8}, std::vector<float>(8, 2)));
  CHECK(model.get_layer("sequential").get_weights().size() == 4);

  Sequential twin{Input{8}, tower, Dense{3}};
  twin.get_layer("dense").set_weights(model.get_layer("dense").get_weights());
  const Symbol other = input({8});
  Model once{other, twin(tower(other))};
  CHECK(difference(once.predict(x, {.verbose = 0}), model.predict(x, {.verbose = 0})) < 1e-6);
}

TEST_CASE("two models of one default name in a third get names of their own") {
  const auto tower = [] {
    const Symbol in = input({8});
    return Model{in, in | Dense{4}};
  };
  Model left = tower(), right = tower();
  const Symbol in = input({8});
  Model both{in, left(in) + right(in)};
  CHECK(both.weight_names() == std::vector<std::string>{"functional/dense/kernel", "functional/dense/bias", "functional_1/dense/kernel", "functional_1/dense/bias"});
  CHECK(right.weight_names()[0] == "dense/kernel");
  both.compile(regression());
  CHECK(left.predict(x, {.verbose = 0}).shape() == Shape{48, 4});
}

TEST_CASE("freezing takes effect at the next compile, for weights, optimizer and penalties") {
  Sequential base{Input{8}, Dense{.units = 6, .kernel_regularizer = L2{0.5}}, Dense{6}};
  const Symbol in = input({8});
  Model model{in, base(in) | Dense{3}};
  model.compile(regression());
  base.set_trainable(false);
  const Tensor frozen = model.weight("sequential/dense/kernel");
  model.fit(x, numbers, {.verbose = 0});
  CHECK_FALSE(model.weight("sequential/dense/kernel") == frozen);

  model.compile(regression());
  const std::vector<Tensor> before = model.get_weights();
  model.fit(x, numbers, {.verbose = 0});
  for (size_t i = 0; i < before.size(); ++i) CHECK((model.get_weights()[i] == before[i]) == (i < 4));
  CHECK(has(model.summary_text(), "Trainable params: 21 "));
  CHECK(model.layers()[1].trainable() == false);

  base.set_trainable(true);  // fine-tuning, of one layer of it
  Layer first = base.layers()[0];
  first.set_trainable(false);
  model.compile(regression());
  model.fit(x, numbers, {.verbose = 0});
  for (size_t i = 0; i < before.size(); ++i) CHECK((model.get_weights()[i] == before[i]) == (i < 2));
}

TEST_CASE("a layer frozen before its model is built trains nothing") {
  Layer fc{Dense{3}, {.trainable = false}};
  Sequential model{fc, Dense{3}};
  model.compile(regression());
  model.fit(x, numbers, {.verbose = 0});
  const Tensor kernel = model.get_weights()[0];
  model.fit(x, numbers, {.verbose = 0});
  CHECK(model.get_weights()[0] == kernel);
}

TEST_CASE("a struct that holds layers is a layer: named, shared, trained, frozen as a whole") {
  const Symbol in = input({8});
  const Layer block{Block{}};
  Model model{in, block(block(in)) | Dense{3}};
  CHECK(model.weight_names()[2] == "block/dense_1/kernel");
  CHECK(model.get_weights().size() == 6);
  CHECK(block.get_weights().size() == 4);
  model.compile(regression());
  const History h = model.fit(x, numbers, {.epochs = 3, .verbose = 0});
  CHECK(h.history["loss"].back() < h.history["loss"].front());
}

TEST_CASE("an axis that the Input leaves open may have any size, and weights may not depend on it") {
  const Symbol in = input({Shape::unknown, 8});
  Model model{in, operation("Mean", {in | Dense{4}}, Config(Config::Dict{{"axis", 1}}))};
  CHECK(model.output_shape() == Shape{Shape::unknown, 4});
  CHECK(model.predict(x.reshaped({4, 12, 8}), {.verbose = 0}).shape() == Shape{4, 4});
  CHECK(model.predict(x.reshaped({16, 3, 8}), {.verbose = 0}).shape() == Shape{16, 4});
  CHECK(has(text_of<ShapeError>([&] { Model{in, in | Flatten{} | Dense{2}}; }), "dense/kernel: its shape, [?, 2], depends on an axis whose size the model's Input leaves open"));
}

TEST_CASE("a clone has the same layers and weights of its own") {
  const Symbol in = input({8});
  Sequential tower{Input{8}, Dense{8}};
  Model model{in, tower(in) | Dense{3}, "original"};
  Model clone = clone_model(model, 7);
  CHECK(clone.to_json() == model.to_json());
  CHECK_FALSE(clone.get_weights()[0] == model.get_weights()[0]);
  clone.set_weights(model.get_weights());
  CHECK(clone.predict(x, {.verbose = 0}) == model.predict(x, {.verbose = 0}));
  clone.set_weight("dense/bias", Tensor(Shape{3}, std::vector<float>(3, 9)));
  CHECK_FALSE(clone.get_weights()[3] == model.get_weights()[3]);
}

TEST_CASE("a Functional that cornu saves comes back: shared layers, ops, models in models, training that goes on alike") {
  TestFolder folder;
  const std::string path = folder.path / "graph.keras";
  const Symbol in = input({8}), h = input({4});
  const Layer fc{Dense{8, "tanh"}, {.name = "fc"}};
  Model head{h, h | Dense{4, "sigmoid"}, "head"};
  Sequential tower{Input{8}, Dense{6, "tanh"}, Dense{4}};
  const Symbol t = tower(fc(in));
  Model model{in, head(head(t)) + (fc(fc(in)) | Dense{4}) * 0.5};
  model.compile(regression());
  const Tensor targets = some_x(48, 4, 3);
  model.fit(x, targets, {.verbose = 0});
  model.save(path);
  Model again = load_model(path);
  CHECK(again.to_json() == model.to_json());
  CHECK(again.weight_names() == model.weight_names());
  CHECK(again.predict(x, {.verbose = 0}) == model.predict(x, {.verbose = 0}));
  CHECK(again.train_on_batch(x, targets).at("loss") == model.train_on_batch(x, targets).at("loss"));
  CHECK(again.get_weights() == model.get_weights());
  CHECK(has(text_of<UnsupportedError>([&] { Sequential chain = load_model(path); }), "is a Functional and no Sequential"));

  const std::string weights = folder.path / "graph.weights.h5";
  model.save_weights(weights);
  Model clone = clone_model(model);
  clone.load_weights(weights);
  CHECK(clone.get_weights() == model.get_weights());
}
