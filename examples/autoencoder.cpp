// An autoencoder: images of clothes through a bottleneck of 16 numbers. The encoder is a model of its own that shares the weights.
// After 10 epochs unseen images come back with a mean squared error of 0.013, where 0.086 is that of the mean image.
//   example_autoencoder [--quick]        needs Debian's dataset-fashion-mnist
#include <cornu/cornu.h>

#include "quick.h"

using namespace cornu;

int main(int argc, char** argv) {
  const bool quick = asked_for_quick(argc, argv);
  auto [train, test] = datasets::fashion_mnist();
  const auto rows = [](const Tensor& all, int64_t count) { return all.rows(0, count).reshaped({count, 784}); };  // bytes that mean 0 to 1
  const Tensor images = rows(train.x, quick ? 2000 : 60000), unseen = rows(test.x, quick ? 500 : 10000);

  const Symbol image = input({784});
  const Symbol code = image | Dense{128, "relu"} | Dense{16};
  const Symbol copy = code | Dense{128, "relu"} | Dense{784, "sigmoid"};
  Model autoencoder{image, copy, "autoencoder"}, encoder{image, code, "encoder"};
  autoencoder.compile({.optimizer = "adam", .loss = "mse"});
  autoencoder.fit(images, images, {.batch_size = 128, .epochs = quick ? 3 : 10});

  const Tensor codes = encoder.predict(unseen);  // with the weights that the autoencoder has just learned
  std::printf("784 pixels as 16 numbers:");
  for (int64_t i = 0; i < 16; ++i) std::printf(" %.2f", codes.at(i));
  std::printf("\n");
  // The mean image alone would leave 0.086.
  return expect_below("mean squared error of unseen images", autoencoder.evaluate(unseen, unseen, {.batch_size = 500}).at("loss"), quick ? 0.06 : 0.016);
}
