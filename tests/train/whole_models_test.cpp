// Five architectures from Keras's files on Keras's batches: 50 losses each, and the evaluation afterwards.
// tests/golden/generator/whole_models.py made them, and says what they are.
#include <doctest/doctest.h>

#include "tests/train/whole_model.h"

using namespace cornu;
using namespace cornu::testing;

TEST_CASE("a CNN with batch normalization, a residual CNN, an LSTM over masked tokens, a bidirectional GRU and a transformer block learn as in Keras") {
  for (const WholeModel& whole : whole_models()) {
    CAPTURE(whole.name);
    const Config keras = golden("whole_models/" + whole.name + ".json");
    Model model = load_model(whole.path());
    double worst = 0;
    for (int64_t s = 0; s < WholeModel::steps; ++s) {
      const int64_t first = s % WholeModel::cycle * WholeModel::batch, last = first + WholeModel::batch;
      const double loss = model.train_on_batch(whole.x.rows(first, last), whole.y.rows(first, last)).at("loss");
      worst = std::max(worst, std::abs(loss / keras["losses"].as_list()[static_cast<size_t>(s)].as_double() - 1));
    }
    CHECK(worst < 1e-4);
    const Logs after = model.evaluate(whole.x, whole.y, {.batch_size = WholeModel::batch, .verbose = 0});
    CHECK(after.at("loss") == doctest::Approx(keras["evaluate"]["loss"].as_double()).epsilon(1e-4));
    CHECK(after.at("accuracy") == doctest::Approx(keras["evaluate"]["accuracy"].as_double()).epsilon(1e-4));
  }
}
