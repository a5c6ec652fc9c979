// The mission's model from Keras's weights on Keras's batches: every loss, the accuracies and the weights at the end.
#include <doctest/doctest.h>

#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

constexpr int64_t steps = 200, batch = 32;

struct GoldenRun {
  Config recorded = golden("seed_model/losses.json");
  Sequential model = seed_model();
  double worst_loss = 0, accuracy = 0;

  explicit GoldenRun(const Split& train) {
    model.set_weights(weights("initial_weights"));
    for (int64_t s = 0; s < steps; ++s) {
      const Logs logs = model.train_on_batch(train.x.rows(s * batch, (s + 1) * batch), train.y.rows(s * batch, (s + 1) * batch));
      const double keras = recorded["losses"].as_list()[static_cast<size_t>(s)].as_list()[1].as_double();
      worst_loss = std::max(worst_loss, std::abs(logs.at("loss") / keras - 1));
      accuracy += logs.at("accuracy") / steps;
    }
  }
  static std::vector<Tensor> weights(const std::string& name) {
    std::vector<Tensor> list;
    const Config recorded = golden("seed_model/" + name + ".json");
    for (const auto& [path, value] : recorded.as_dict()) list.push_back(tensor(value, DType::float32));
    return list;
  }
  void check() {
    CHECK(worst_loss < 1e-5);
    CHECK(accuracy == doctest::Approx(recorded["epoch_accuracy"].as_double()).epsilon(1e-6));
    const std::vector<Tensor> end = model.get_weights(), keras = weights("final_weights");
    REQUIRE(end.size() == keras.size());
    for (size_t i = 0; i < end.size(); ++i) CHECK(difference(end[i], keras[i]) < 1e-5);
  }
  void check_evaluate(const Split& train) {
    const Logs after = model.evaluate(train.x.rows(0, steps * batch), train.y.rows(0, steps * batch), {.verbose = 0});
    CHECK(after.at("loss") == doctest::Approx(recorded["evaluate_after"]["loss"].as_double()).epsilon(1e-5));
    CHECK(after.at("accuracy") == doctest::Approx(recorded["evaluate_after"]["accuracy"].as_double()).epsilon(1e-6));
  }
};

const Split& images() {
  static const Split train = [] {
    const Dataset all = datasets::fashion_mnist();
    return Split{all.train.x.rows(0, steps * batch), all.train.y.rows(0, steps * batch)};
  }();
  return train;
}
Split floats() { return {images().x.cast(DType::float32).reshaped({steps * batch, 784}), images().y}; }

}  // namespace

TEST_CASE("200 losses on float32 images are tf.keras's to 1e-5, and so are accuracy and final weights") {
  GoldenRun run(floats());
  run.check();
  run.check_evaluate(floats());
}

TEST_CASE("200 losses on uint8 images with a scale of 1/255 are tf.keras's to 1e-5") {
  GoldenRun run(images());
  run.check();
  run.check_evaluate(images());
}

TEST_CASE("fit without shuffling takes the same 200 steps: the epoch's loss and accuracy are Keras's") {
  const Config recorded = golden("seed_model/losses.json");
  Sequential model = seed_model();
  model.set_weights(GoldenRun::weights("initial_weights"));
  const History history = model.fit(images().x, images().y, {.verbose = 0, .shuffle = false});
  CHECK(history.history["loss"].at(0) == doctest::Approx(recorded["epoch_loss"].as_double()).epsilon(1e-5));
  CHECK(history.history["accuracy"].at(0) == doctest::Approx(recorded["epoch_accuracy"].as_double()).epsilon(1e-6));
  const std::vector<Tensor> end = model.get_weights(), keras = GoldenRun::weights("final_weights");
  for (size_t i = 0; i < end.size(); ++i) CHECK(difference(end[i], keras[i]) < 1e-5);
}

TEST_CASE("labels of any integer type, and floats that are class numbers, train alike") {
  const Split f = floats();
  std::vector<double> losses;
  for (const DType type : {DType::uint8, DType::int32, DType::int64, DType::float32}) {
    Sequential model = seed_model();
    model.set_weights(GoldenRun::weights("initial_weights"));
    for (int64_t s = 0; s < 3; ++s) losses.push_back(model.train_on_batch(f.x.rows(s * batch, (s + 1) * batch), f.y.cast(type).rows(s * batch, (s + 1) * batch)).at("loss"));
  }
  for (size_t i = 3; i < losses.size(); ++i) CHECK(losses[i] == losses[i % 3]);
}
