// Test accuracy of W1 over seeds: bench_accuracy [seeds] [epochs]. The reference is tests/golden/accuracy_w1.json, Keras's 20 seeds.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "cornu/train/model.h"

int main(int argc, char** argv) {
  using namespace cornu;
  const int seeds = argc > 1 ? std::atoi(argv[1]) : 20, epochs = argc > 2 ? std::atoi(argv[2]) : 10;
  const Dataset data = datasets::fashion_mnist();
  double sum = 0, squares = 0;
  for (int seed = 1; seed <= seeds; ++seed) {
    Sequential model{Input{784}, Dense{10, "relu"}, Dense{10, "relu"}, Dense{10, "softmax"}};
    model.set_seed(static_cast<uint64_t>(seed));
    model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
    model.fit(data.train.x, data.train.y, {.epochs = epochs, .verbose = 0});
    const double accuracy = model.evaluate(data.test.x, data.test.y, {.verbose = 0}).at("accuracy");
    std::printf("seed %2d: %.4f\n", seed, accuracy);
    sum += accuracy, squares += accuracy * accuracy;
  }
  const double mean = sum / seeds;
  std::printf("{\"seeds\": %d, \"epochs\": %d, \"mean\": %.5f, \"deviation\": %.5f}\n", seeds, epochs, mean, std::sqrt(std::max(0.0, squares / seeds - mean * mean)));
}
