// Models with normalization and attention, from the first step to a file and back.
#include <doctest/doctest.h>

#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

const Tensor x = some_x(64), y = some_y(x);

double loss_of(Model& model) { return model.evaluate(x, y, {.verbose = 0}).at("loss"); }

/// A step of a transformer: attention and a normalized sum, over eight steps of one number each.
Model transformer() {
  const Symbol in = input({8});
  const Symbol steps = in | layers::Reshape{{8, 1}} | Dense{6};
  const Symbol seen = Layer(MultiHeadAttention{.num_heads = 2, .key_dim = 3, .dropout = 0.1})({steps, steps}, {.options = Config(Config::Dict{{"use_causal_mask", true}})});
  const Symbol sum = Layer(Add{})({steps, seen}) | LayerNormalization{};
  return Model{in, sum | Flatten{} | BatchNormalization{} | Dense{3, "softmax"}};
}

}  // namespace

TEST_CASE("a model with normalization, noise and trained slopes learns") {
  Sequential model{Input{8}, SpectralNormalization{Layer(Dense{12})}, BatchNormalization{.momentum = 0.9}, PReLU{}, GaussianDropout{0.1}, LayerNormalization{}, Dense{3, "softmax"}};
  model.compile({.optimizer = Adam{.learning_rate = 0.02}, .loss = "sparse_categorical_crossentropy"});
  const double before = loss_of(model);
  model.fit(x, y, {.batch_size = 16, .epochs = 15, .verbose = 0});
  CHECK(loss_of(model) < 0.7 * before);
}

TEST_CASE("without a learning rate SpectralNormalization still divides the kernel, as in Keras") {
  Sequential model{Input{8}, SpectralNormalization{Layer(Dense{.units = 3, .use_bias = false}), 50}};
  model.compile({.optimizer = SGD{.learning_rate = 0.0}, .loss = "mse"});
  const Tensor before = model.get_weights()[0], target(DType::float32, {64, 3});
  model.fit(x, target, {.batch_size = 64, .epochs = 1, .verbose = 0});
  const Tensor once = model.get_weights()[0];
  double ratio = 0;
  for (int64_t i = 0; i < before.size(); ++i) {
    if (i == 0) ratio = once.at(0) / before.at(0);
    CHECK(once.at(i) == doctest::Approx(ratio * before.at(i)).epsilon(1e-4));
  }
  CHECK(ratio != doctest::Approx(1).epsilon(1e-3));
  model.fit(x, target, {.batch_size = 64, .epochs = 1, .verbose = 0});  // its largest singular value is one already
  for (int64_t i = 0; i < before.size(); ++i) CHECK(model.get_weights()[0].at(i) == doctest::Approx(once.at(i)).epsilon(1e-4));
}

TEST_CASE("attention learns, and comes back from a file with its moving statistics") {
  TestFolder folder;
  Model model = transformer();
  model.compile({.optimizer = Adam{.learning_rate = 0.02}, .loss = "sparse_categorical_crossentropy"});
  const double before = loss_of(model);
  model.fit(x, y, {.batch_size = 16, .epochs = 15, .verbose = 0});
  CHECK(loss_of(model) < 0.7 * before);
  const std::string path = folder.path / "m.keras";
  model.save(path);
  Model again = load_model(path);
  CHECK(again.get_weights() == model.get_weights());
  CHECK(again.predict(x, {.verbose = 0}) == model.predict(x, {.verbose = 0}));
}
