// A convolutional network for images of clothes: beyond 91 % in a few epochs, where the dense one of fashion.cpp ends at 85.
//   example_cnn [--quick]        needs Debian's dataset-fashion-mnist
#include <cornu/cornu.h>

#include "quick.h"

using namespace cornu;

int main(int argc, char** argv) {
  const bool quick = asked_for_quick(argc, argv);
  auto [train, test] = datasets::fashion_mnist();
  if (quick) train = {train.x.rows(0, 2000), train.y.rows(0, 2000)}, test = {test.x.rows(0, 500), test.y.rows(0, 500)};

  Sequential model{
      Input{28, 28, 1},
      Conv2D{.filters = 32, .kernel_size = 3, .padding = "same", .activation = "relu"},
      BatchNormalization{.momentum = 0.9},
      MaxPooling2D{},
      Conv2D{.filters = 64, .kernel_size = 3, .padding = "same", .activation = "relu"},
      BatchNormalization{.momentum = 0.9},
      MaxPooling2D{},
      Flatten{},
      Dropout{0.4},
      Dense{128, "relu"},
      Dropout{0.4},
      Dense{10, "softmax"},
  };
  model.summary();
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  model.fit(train.x, train.y, {.batch_size = 64, .epochs = quick ? 2 : 5, .validation_data = test});
  return expect("test accuracy", model.evaluate(test.x, test.y, {.batch_size = 500}).at("accuracy"), quick ? 0.6 : 0.91);
}
