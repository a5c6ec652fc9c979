// What cornu_bench runs: data, a model and its first weights, the same as in bench/rivals/.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "cornu/train/model.h"

namespace bench {

/// A model, and its layers in the order in which the rivals' scripts make them: initial weights are counted by it.
struct Built {
  std::unique_ptr<cornu::Model> model;
  std::vector<cornu::Layer> layers;
};

struct Workload {
  int64_t batch = 32;
  int epochs = 2;        // that are timed, if nobody says otherwise
  int profile_runs = 20;
  cornu::Split train;
  std::optional<cornu::Split> test = {};
  std::function<Built()> build;

  int64_t steps() const { return (train.x.shape()[0] + batch - 1) / batch; }
  /// One sample to predict: float32, but for sequences of numbers.
  cornu::Tensor sample() const;
};

/// "W1" to "W6": see bench/rivals/README.md. Images are bytes, which a model sees as 0 to 1, or with `float_images` float32.
Workload dense_images(std::string_view name, bool float_images);          // W1, W2
Workload convolutional_images(std::string_view name, bool float_images);  // W3, W4
Workload sequences(std::string_view name);                                // W5, W6
Workload workload(std::string_view name, bool float_images);
Built dense_model(std::string_view name);          // "W1" or "W2"
Built convolutional_model(std::string_view name);  // "W3", "W4" (ResNet-20) or "ResNet-18"
/// W6's model in other sizes.
Built transformer(int64_t length, int64_t vocabulary, int64_t width, int64_t heads, int blocks);

/// Gives the layers the weights that every rival begins with: Initial in rivals/data.py.
void set_initial_weights(const Built& built);
/// Number i of stream `seed`, in [0, 1): the top 24 bits of splitmix64.
float uniform(uint64_t i, uint64_t seed);
/// [0, classes), drawn from stream `seed`, as int32.
cornu::Tensor classes(cornu::Shape shape, int64_t classes, uint64_t seed);

}  // namespace bench
