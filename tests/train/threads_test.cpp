// What model.h promises of threads. Under ThreadSanitizer (scripts/check.sh) these show that nothing is shared that nobody guards.
#include <doctest/doctest.h>

#include <mutex>
#include <thread>

#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

/// Runs f(0), f(1), ... side by side.
template <class F> void together(int threads, F f) {
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) all.emplace_back([&f, i] { f(i); });
  for (std::thread& t : all) t.join();
}

Tensor trained_prediction(uint64_t seed) {
  const Tensor x = some_x(40);
  Sequential model = small_model(seed);
  model.fit(x, some_y(x), {.batch_size = 8, .epochs = 2, .verbose = 0, .validation_split = 0.2});
  return model.predict(x, {.verbose = 0});
}

}  // namespace

TEST_CASE("models that are trained in threads of their own become what they become alone") {
  std::vector<Tensor> expected, found(4);
  for (uint64_t i = 0; i < found.size(); ++i) expected.push_back(trained_prediction(i));
  together(4, [&](int i) { found[static_cast<size_t>(i)] = trained_prediction(static_cast<uint64_t>(i)); });
  for (size_t i = 0; i < found.size(); ++i) CHECK(found[i] == expected[i]);
}

TEST_CASE("threads that take turns get right answers of one model, the first batch of each size compiled in whichever comes first") {
  Sequential model = small_model();
  std::vector<Tensor> inputs, expected;
  for (const int64_t rows : {1, 3, 7, 40}) inputs.push_back(some_x(rows));
  {
    Sequential same = small_model();
    for (const Tensor& x : inputs) expected.push_back(same.predict_on_batch(x));
  }
  std::mutex turn;
  std::vector<int> wrong(4, 0);
  together(4, [&](int i) {
    const auto which = static_cast<size_t>(i);
    for (int round = 0; round < 20; ++round) {
      const std::lock_guard mine(turn);
      if (!(model.predict_on_batch(inputs[which]) == expected[which])) ++wrong[which];
      if (round % 5 == 0 && !(model.predict(inputs[which], {.verbose = 0}) == expected[which])) ++wrong[which];
    }
  });
  CHECK(wrong == std::vector<int>(4, 0));
}
