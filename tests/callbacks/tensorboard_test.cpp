// What TensorBoard reads. The folder tensorboard_files/ of the build folder is kept: tests/golden/check_tensorboard.py reads it with
// the real thing.
#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cornu/base/error.h"
#include "cornu/callbacks/callbacks.h"
#include "cornu/callbacks/event_file.h"
#include "fake_training.h"

using namespace cornu;

namespace {

struct Model : FakeTraining {
  std::vector<std::string> weight_names() const override { return {"sequential/dense/kernel"}; }
  std::string model_json() const override { return R"({"class_name": "Sequential"})"; }
};

/// Each record's data, its framing checked.
std::vector<std::string> records(const std::filesystem::path& folder) {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    for (size_t at = 0; at < bytes.size();) {
      uint64_t length = 0;
      std::memcpy(&length, bytes.data() + at, sizeof length);
      const std::string data = bytes.substr(at + 12, length);
      REQUIRE(tfrecord(data) == bytes.substr(at, length + 16));
      all.push_back(data);
      at += length + 16;
    }
  }
  return all;
}

size_t holding(const std::vector<std::string>& records, const std::string& what) {
  size_t n = 0;
  for (const std::string& r : records) n += r.find(what) != std::string::npos;
  return n;
}

std::filesystem::path fresh(const char* name) {
  const std::filesystem::path folder = std::filesystem::path(CORNU_BINARY_DIR) / "tensorboard_files" / name;
  std::filesystem::remove_all(folder);
  return folder;
}

void run(Model& training, Callback callback, int epochs, int batches) {
  training.weights = {Tensor({4}, std::vector<float>{-1, 0, 0.5f, 1})};
  training.begin(callback);
  for (int epoch = 0; epoch < epochs; ++epoch) {
    Logs none, scores{{"loss", 0.25}};
    callback.call(Hook::on_epoch_begin, epoch, none, training);
    for (int b = 0; b < batches; ++b) {
      Logs logs{{"loss", 1.0 / (b + 1)}};
      callback.call(Hook::on_train_batch_begin, b, none, training);
      callback.call(Hook::on_train_batch_end, b, logs, training);
    }
    callback.call(Hook::on_test_begin, 0, none, training);
    callback.call(Hook::on_test_end, 0, scores, training);
    Logs logs{{"accuracy", 0.5}, {"loss", 0.75}, {"val_loss", 0.25}};
    callback.call(Hook::on_epoch_end, epoch, logs, training);
  }
  training.end(callback);
}

}  // namespace

TEST_CASE("checksums are Castagnoli's, and records are framed as TensorFlow frames them") {
  CHECK(crc32c("123456789") == 0xe3069283u);
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aau);  // RFC 3720, B.4
  CHECK(tfrecord("").size() == 16);
  CHECK(tfrecord("abc").substr(0, 8) == std::string("\3\0\0\0\0\0\0\0", 8));
}

TEST_CASE("TensorBoard's files hold epochs, batches, weights and the model, each in Keras's place") {
  const std::filesystem::path folder = fresh("all");
  Model training;
  run(training, TensorBoard{.log_dir = folder, .histogram_freq = 2, .update_freq = 2}, 3, 4);
  const std::vector<std::string> train = records(folder / "train"), validation = records(folder / "validation");
  CHECK(holding(train, "brain.Event:2") == 1);
  CHECK(holding(train, R"({"class_name": "Sequential"})") == 1);
  CHECK(holding(train, "graph_keras_model") == 1);
  CHECK(holding(train, "epoch_loss") == 3);
  CHECK(holding(train, "epoch_accuracy") == 3);
  CHECK(holding(train, "epoch_learning_rate") == 3);
  CHECK(holding(train, "batch_loss") == 6);
  CHECK(holding(train, "sequential/dense/kernel/histogram") == 2);
  CHECK(holding(validation, "epoch_loss") == 3);
  CHECK(holding(validation, "evaluation_loss_vs_iterations") == 3);
  CHECK(train.size() == 1 + 1 + 9 + 6 + 2);
}

TEST_CASE("by default only epochs are written, and nothing follows batches") {
  const std::filesystem::path folder = fresh("epochs");
  Model training;
  const Callback callback = TensorBoard{.log_dir = folder, .write_graph = false};
  CHECK(callback.batch_calls(Mode::train, training) == BatchCalls::none);
  CHECK(Callback(TensorBoard{.update_freq = "batch"}).batch_calls(Mode::train, training) == BatchCalls::each);
  run(training, callback, 2, 3);
  CHECK(holding(records(folder / "train"), "batch_loss") == 0);
  CHECK(records(folder / "train").size() == 1 + 6);
}

TEST_CASE("TensorBoard says what it does not take") {
  CHECK_THROWS_WITH_AS(UpdateFrequency("epochs"), doctest::Contains("update_freq is 'epochs'"), ArgumentError);
  CHECK_THROWS_WITH_AS(UpdateFrequency(0), doctest::Contains("update_freq is 0"), ArgumentError);
  Model training;
  Callback folder_is_a_file = TensorBoard{.log_dir = "/dev/null"};
  CHECK_THROWS_AS(training.begin(folder_is_a_file), IoError);
}
