// The classifier of the README: three layers, three statements.
#include <cornu/cornu.h>

using namespace cornu;

int main() {
  auto [train, test] = datasets::fashion_mnist();
  Sequential model{Input{784}, Dense{10, "relu"}, Dense{10, "relu"}, Dense{10, "softmax"}};
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  model.fit(train.x, train.y, {.epochs = 10, .validation_data = test});

  model.evaluate(test.x, test.y);
  model.save("fashion.keras");
}
