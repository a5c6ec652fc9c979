// Averages in the weights' place, and backups.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "cornu/base/error.h"
#include "cornu/callbacks/callbacks.h"
#include "fake_training.h"

using namespace cornu;

namespace {

struct Averaged : FakeTraining {
  std::vector<Tensor> averages = {Tensor{10.0f}};
  bool has_weight_averages() const override { return true; }
  void swap_weight_averages() override { std::swap(weights, averages); }
  void set_averages_to_weights() override { averages = weights; }
  double weight() const { return weights[0].at(0); }
  double average() const { return averages[0].at(0); }
  void call(Callback& callback, Hook hook, int number = 0) {
    Logs none;
    callback.call(hook, number, none, *this);
  }
};

}  // namespace

TEST_CASE("averages are in the model while it is evaluated or predicts, and only then") {
  for (const auto& [begin, end] : {std::pair{Hook::on_test_begin, Hook::on_test_end}, std::pair{Hook::on_predict_begin, Hook::on_predict_end}}) {
    Averaged training;
    Callback callback = SwapEMAWeights{};
    training.call(callback, begin);
    CHECK(training.weight() == 10);
    training.call(callback, end);
    CHECK(training.weight() == 0);
    training.call(callback, Hook::on_epoch_end);
    CHECK(training.weight() == 0);
  }
}

TEST_CASE("with swap_on_epoch averages stay until the next epoch, and after the last") {
  Averaged training;
  training.run.epochs = 2;
  Callback callback = SwapEMAWeights{.swap_on_epoch = true};
  training.call(callback, Hook::on_epoch_begin, 0);
  training.call(callback, Hook::on_epoch_end, 0);
  CHECK(training.weight() == 10);
  training.call(callback, Hook::on_epoch_begin, 1);
  CHECK(training.weight() == 0);
  training.call(callback, Hook::on_epoch_end, 1);
  CHECK(training.weight() == 10);
  CHECK(training.average() == 10);
}

TEST_CASE("without use_ema there is nothing to swap") {
  FakeTraining training;
  Callback callback = SwapEMAWeights{};
  Logs none;
  CHECK_THROWS_WITH_AS(callback.call(Hook::on_test_begin, 0, none, training), doctest::Contains("use_ema"), ArgumentError);
}

TEST_CASE("a backup is deleted when training is complete, and kept when it is not") {
  const std::filesystem::path folder = std::filesystem::path(CORNU_BINARY_DIR) / "backup_test";
  std::filesystem::remove_all(folder);
  FakeTraining training;
  training.run.epochs = 2;
  Callback callback = BackupAndRestore{.backup_dir = folder};
  const std::string file = callback.as<BackupAndRestore>()->path();
  CHECK(file == (folder / "latest.keras").string());
  const auto train = [&](int epochs) {
    training.begin(callback);
    std::ofstream(file) << "a backup";
    for (int e = 0; e < epochs; ++e) training.epoch(callback, e, {});
    training.end(callback);
  };
  train(1);
  CHECK(std::filesystem::exists(file));
  train(2);
  CHECK_FALSE(std::filesystem::exists(folder));
  CHECK_THROWS_WITH_AS(BackupAndRestore{}.path(), doctest::Contains("backup_dir"), ArgumentError);
  CHECK_THROWS_AS((BackupAndRestore{.backup_dir = "b", .save_freq = "batch"}.path()), UnsupportedError);
}
