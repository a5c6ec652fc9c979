// One header is all that a user includes.
#include <doctest/doctest.h>

#include "cornu/cornu.h"

using namespace cornu;

TEST_CASE("cornu.h alone builds, trains, differentiates and reads data") {
  Sequential model{Input{2}, Dense{3, "relu"}, Dense{2, "softmax"}};
  model.compile({.optimizer = Adam{.learning_rate = 0.01}, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  const Tensor x = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  const Tensor y(Shape{4}, std::vector<int64_t>{0, 1, 1, 0});
  const History history = model.fit(x, y, {.epochs = 3, .verbose = 0, .callbacks = {EarlyStopping{.monitor = "loss", .patience = 5}}});
  CHECK(history.history["loss"].size() == 3);
  CHECK(model.predict(x, {.verbose = 0}).shape() == Shape{4, 2});

  Graph graph;
  const Value v = graph.input("v", {DType::float32, {3}});
  CHECK(gradients(sum(square(v)), {v})[0].shape() == Shape{3});
  CHECK_THROWS_AS(read_idx("/no/such/file"), IoError);
  CHECK_THROWS_AS(read_csv("/no/such/file"), IoError);
}
