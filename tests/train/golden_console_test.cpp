// What callbacks, bars and summaries print, against bytes recorded from Keras 3.15 (tests/golden/console).
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

#include "cornu/io/json.h"
#include "cornu/callbacks/callbacks.h"
#include "cornu/train/summary.h"
#include "tests/callbacks/fake_training.h"

using namespace cornu;

namespace {

std::string golden(const std::string& name) {
  const std::string path = std::string(CORNU_SOURCE_DIR) + "/tests/golden/console/" + name;
  std::ifstream file(path, std::ios::binary);
  REQUIRE_MESSAGE(file, path);
  return {std::istreambuf_iterator<char>(file), {}};
}

const Config& recorded_run(const std::string& name) {
  static const Config runs = parse_json(golden("runs.json"))["runs"];
  return runs[name];
}

/// The logs of each epoch of a recorded run, as the trainer would hand them over.
std::vector<Logs> recorded_logs(const std::string& run) {
  std::vector<Logs> epochs;
  for (const auto& [name, values] : recorded_run(run)["history"].as_dict()) {
    epochs.resize(values.as_list().size());
    if (name == "learning_rate") continue;  // a callback's own doing
    for (size_t i = 0; i < epochs.size(); ++i) epochs[i].set(name, values.as_list()[i].as_double());
  }
  return epochs;
}

/// Keeps its rate in float32, as optimizers do.
struct Float32Training : FakeTraining {
  void set_learning_rate(double r) override { rate = static_cast<float>(r); }
};

/// Plays a recorded run's epochs to `callbacks` and returns what was printed under verbose 2.
std::string replay(const std::string& run, std::vector<Callback> callbacks, int epochs, double seconds, double rate = 0.01, int first = 0) {
  Float32Training training;
  training.run = {.epochs = epochs, .steps = 15, .verbose = 2};
  training.rate = rate;
  CallbackList list(std::move(callbacks));
  list.add_history();
  list.add_progbar();
  Logs none;
  list.on_train_begin(none, training);
  int epoch = first;
  for (Logs& logs : recorded_logs(run)) {
    REQUIRE(!training.stop_training);
    list.on_epoch_begin(epoch, none, training);
    training.out.now += seconds;
    list.on_epoch_end(epoch++, logs, training);
  }
  list.on_train_end(none, training);
  CHECK(training.stop_training == (epoch < epochs));
  for (const auto& [name, values] : recorded_run(run)["history"].as_dict())
    for (size_t i = 0; i < values.as_list().size(); ++i) CHECK(list.find<History>()->history[name].at(i) == values.as_list()[i].as_double());
  return training.out.printed;
}

Summary wide_model() {
  return {.model_name = "wide",
          .rows = {{.name = "a_name_so_long_that_it_does_not_fit_into_its_column", .class_name = "Flatten", .output_shape = "(None, 144)", .params = 0},
                   {.name = "a name with several words in it that wraps", .class_name = "Dense", .output_shape = "(None, 1000)", .params = 145000, .trainable = false},
                   {.name = "dense", .class_name = "Dense", .output_shape = "(None, 1)", .params = 1001, .trainable = true}},
          .trainable = {1001, 4 * 1001},
          .non_trainable = {145000, 4 * 145000}};
}

}  // namespace

TEST_CASE("every recorded update of Keras's progress bar is drawn with the same bytes") {
  const Config recorded = parse_json(golden("progress_bar.json"));
  for (const Config& scenario : recorded["scenarios"].as_list()) {
    INFO(scenario["about"].as_string());
    const Config& arguments = scenario["arguments"];
    ProgressOptions options;
    if (!arguments["target"].is_null()) options.target = arguments["target"].as_int();
    if (arguments["verbose"] == Config(2)) options.style = BarStyle::line, options.signed_exponent = true;
    double now = 1000;
    Progress bar(options, now);
    for (const Config& update : scenario["updates"].as_list()) {
      now += update["advance_seconds"].as_double();
      Logs values;
      for (const auto& [name, value] : update["values"].as_dict()) values.set(name, value.as_double());
      const int64_t current = update["current"].as_int();
      CHECK(bar.update(current, values, options.target && current >= *options.target, now) == update["text"].as_string());
    }
  }
}

TEST_CASE("runs under verbose 2 print what Keras printed") {
  CHECK(replay("fit_verbose2", {}, 2, 0.35) == golden("fit_verbose2.txt"));
  CHECK(replay("fit_initial_epoch", {}, 4, 0.35, 0.01, 2) == golden("fit_initial_epoch.txt"));
  CHECK(replay("early_stopping", {EarlyStopping{.patience = 2, .verbose = 1}}, 12, 0.15) == golden("early_stopping.txt"));
  CHECK(replay("early_stopping_restore", {EarlyStopping{.patience = 2, .verbose = 1, .restore_best_weights = true}}, 12, 0.15) ==
        golden("early_stopping_restore.txt"));
  CHECK(replay("checkpoint_every_epoch", {ModelCheckpoint{.filepath = "m_{epoch:02d}.keras", .verbose = 1}}, 2, 0.3) ==
        golden("checkpoint_every_epoch.txt"));
  CHECK(replay("checkpoint_best", {ModelCheckpoint{.filepath = "best.keras", .verbose = 1, .save_best_only = true}}, 6, 0.3) ==
        golden("checkpoint_best.txt"));
  CHECK(replay("checkpoint_accuracy",
               {ModelCheckpoint{.filepath = "best.weights.h5", .monitor = "val_accuracy", .verbose = 1, .save_best_only = true, .save_weights_only = true}},
               4, 0.3) == golden("checkpoint_accuracy.txt"));
  CHECK(replay("reduce_lr", {ReduceLROnPlateau{.factor = 0.5, .patience = 1, .verbose = 1}}, 6, 0.3, 2.0) == golden("reduce_lr.txt"));
}

TEST_CASE("LearningRateScheduler, a stopping that does not happen and TerminateOnNaN print what Keras printed") {
  const Callback scheduler = LearningRateScheduler{.schedule = [](int epoch, double) { return 0.01 / (epoch + 1); }, .verbose = 1};
  CHECK(replay("learning_rate_scheduler", {scheduler}, 3, 0.3) == golden("learning_rate_scheduler.txt"));
  const auto last_line = [](const std::string& all) { return all.substr(all.rfind('\n', all.size() - 2) + 1); };
  CHECK(last_line(replay("early_stopping_not_triggered", {EarlyStopping{.patience = 5, .verbose = 1, .restore_best_weights = true}}, 3, 0.15)) == last_line(golden("early_stopping_not_triggered.txt")));
  FakeTraining training;
  Callback terminate = TerminateOnNaN{};
  Logs bad{{"loss", std::numeric_limits<double>::quiet_NaN()}};
  terminate.call(Hook::on_train_batch_end, 5, bad, training);
  CHECK(training.stop_training);
  CHECK(golden("terminate_on_nan.txt").find(training.out.printed) != std::string::npos);
}

TEST_CASE("a CSV file holds what Keras's holds") {
  const std::string path = (std::filesystem::temp_directory_path() / ("cornu_golden_" + std::to_string(::getpid()) + ".csv")).string();
  FakeTraining training;
  Callback logger = CSVLogger{.filename = path};
  training.begin(logger);
  int epoch = 0;
  for (const Logs& logs : recorded_logs("csv_logger")) training.epoch(logger, epoch++, logs);
  std::ifstream file(path, std::ios::binary);
  std::string written{std::istreambuf_iterator<char>(file), {}};
  std::filesystem::remove(path);
  std::erase(written, '\r');  // the record was read as text
  CHECK(written == golden("csv_logger.txt"));
}

TEST_CASE("summaries are Keras's, with long names, frozen layers, other widths and unbuilt layers") {
  CHECK(summary_text(wide_model()) == golden("summary_long_names.txt"));
  CHECK(summary_text(wide_model(), {.show_trainable = true}) == golden("summary_trainable.txt"));
  CHECK(summary_text(wide_model(), {.line_length = 60}) == golden("summary_line_length_60.txt"));
  const Summary unbuilt{.model_name = "sequential",
                        .rows = {{.name = "dense", .class_name = "Dense"},
                                 {.name = "dropout", .class_name = "Dropout", .params = 0},
                                 {.name = "dense_1", .class_name = "Dense"}}};
  CHECK(summary_text(unbuilt) == golden("summary_unbuilt.txt"));
}

TEST_CASE("a summary on a terminal has Keras's colours") {
  const Summary small{.model_name = "sequential",
                      .rows = {{.name = "dense", .class_name = "Dense", .output_shape = "(None, 6)", .params = 54, .trainable = true},
                               {.name = "dense_1", .class_name = "Dense", .output_shape = "(None, 3)", .params = 21, .trainable = true}},
                      .trainable = {75, 300}};
  CHECK(summary_text(small, {.colors = 256}) == golden("summary_terminal.txt"));
}
