// What callbacks do and say, against Keras 3.15's sources.
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <unistd.h>

#include "cornu/base/error.h"
#include "cornu/callbacks/callbacks.h"
#include "cornu/callbacks/monitor.h"
#include "cornu/callbacks/path_template.h"
#include "tests/callbacks/fake_training.h"

using namespace cornu;

namespace {
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// A folder of the test's own, gone afterwards.
struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("cornu_callbacks_" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string operator/(const char* name) const { return (path / name).string(); }
};
std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
float weight(const FakeTraining& training) { return static_cast<float>(training.weights[0].at(0)); }

struct CountsEpochs {
  int epochs = 0;
  void on_epoch_end() { ++epochs; }
};
struct CountsBatches {
  int last = -1;
  void on_batch_end(int batch) { last = batch; }  // the older name
};
}  // namespace

TEST_CASE("copies of a callback are the same callback") {
  FakeTraining training;
  Callback kept = CountsEpochs{};
  CallbackList list({kept});
  Logs none;
  list.on_epoch_end(0, none, training);
  list.on_epoch_end(1, none, training);
  CHECK(kept.as<CountsEpochs>()->epochs == 2);
  CHECK(kept.as<CountsBatches>() == nullptr);
}

TEST_CASE("only who has a batch hook is asked to follow batches") {
  FakeTraining training;
  CHECK(CallbackList({CountsEpochs{}, EarlyStopping{}}).batch_calls(Mode::train, training) == BatchCalls::none);
  CHECK(CallbackList({CountsEpochs{}, CountsBatches{}}).batch_calls(Mode::train, training) == BatchCalls::each);
  CHECK(CallbackList({CountsBatches{}}).batch_calls(Mode::test, training) == BatchCalls::none);
  CHECK(Callback(LambdaCallback{.on_epoch_end = [] {}}).batch_calls(Mode::train, training) == BatchCalls::none);
  CHECK(Callback(LambdaCallback{.on_test_batch_end = [](int) {}}).batch_calls(Mode::test, training) == BatchCalls::each);
}

TEST_CASE("hooks may leave out arguments and use Keras's older names") {
  FakeTraining training;
  Callback callback = CountsBatches{};
  Logs none;
  callback.call(Hook::on_train_batch_end, 7, none, training);
  CHECK(callback.as<CountsBatches>()->last == 7);
}

TEST_CASE("logs come sorted by name, and a later callback sees what an earlier one added") {
  FakeTraining training;
  CallbackList list({LearningRateScheduler{.schedule = [](int, double rate) { return rate; }}});
  list.add_history();
  list.add_progbar();
  list.add_history();
  CHECK(list.callbacks().size() == 3);
  Logs logs{{"val_loss", 3}, {"loss", 2}, {"accuracy", 1}};
  list.on_epoch_end(0, logs, training);
  CHECK(list.find<History>()->history.keys() == std::vector<std::string>{"accuracy", "loss", "val_loss", "learning_rate"});
}

TEST_CASE("a history keeps every epoch and says which names it has") {
  FakeTraining training;
  Callback callback = History{};
  training.run_epochs(callback, "loss", {3, 2, 1});
  const History& history = *callback.as<History>();
  CHECK(history.history["loss"] == std::vector<double>{3, 2, 1});
  CHECK(history.epoch == std::vector<int>{0, 1, 2});
  CHECK(history.params.epochs == 10);
  CHECK_THROWS_WITH(history.history["lose"], "The history holds no 'lose' (did you mean 'loss'?); it holds: [loss]");
  CHECK_THROWS_WITH(Logs({{"loss", 1}}).at("mae"), "The logs hold no 'mae'; they hold: loss");
}

TEST_CASE("early stopping waits out its patience and tells where it stopped") {
  FakeTraining training;
  Callback callback = EarlyStopping{.patience = 2, .verbose = 1};
  CHECK(training.run_epochs(callback, "val_loss", {1.0, 0.5, 0.6, 0.7, 0.1}) == 4);
  CHECK(callback.as<EarlyStopping>()->stopped_epoch == 3);
  CHECK(*callback.as<EarlyStopping>()->best == 0.5);
  CHECK(training.out.printed == "Epoch 4: early stopping\n");
  CHECK(weight(training) == 3);
}

TEST_CASE("early stopping restores the best weights, also when training ends by itself") {
  FakeTraining training;
  Callback stopped = EarlyStopping{.patience = 1, .verbose = 1, .restore_best_weights = true};
  training.run_epochs(stopped, "val_loss", {1.0, 0.5, 0.6});
  CHECK(training.out.printed == "Epoch 3: early stopping\nRestoring model weights from the end of the best epoch: 2.\n");
  CHECK(weight(training) == 1);
  FakeTraining to_the_end;
  Callback patient = EarlyStopping{.patience = 9, .restore_best_weights = true};
  to_the_end.run_epochs(patient, "val_loss", {0.5, 1.0, 0.6});
  CHECK(weight(to_the_end) == 0);
}

TEST_CASE("early stopping never stops in the first epoch, even without patience") {
  FakeTraining training;
  Callback callback = EarlyStopping{};
  CHECK(training.run_epochs(callback, "val_loss", {not_a_number, not_a_number, 0.1}) == 2);
}

TEST_CASE("early stopping counts an improvement only beyond min_delta, the baseline and start_from_epoch") {
  FakeTraining small_steps;
  Callback delta = EarlyStopping{.min_delta = 0.2, .patience = 2};
  CHECK(small_steps.run_epochs(delta, "val_loss", {1.0, 0.9, 0.85, 0.1}) == 3);
  FakeTraining never_good;
  Callback baseline = EarlyStopping{.patience = 2, .baseline = 0.2};
  CHECK(never_good.run_epochs(baseline, "val_loss", {1.0, 0.9, 0.95, 0.1}) == 3);
  FakeTraining warm_up;
  Callback later = EarlyStopping{.patience = 1, .start_from_epoch = 3};
  CHECK(warm_up.run_epochs(later, "val_loss", {0.1, 0.2, 0.3, 0.4, 0.5, 0.6}) == 5);
}

TEST_CASE("mode auto knows that accuracies go up, and asks when it does not know") {
  FakeTraining training;
  Callback up = EarlyStopping{.monitor = "val_accuracy", .patience = 1};
  CHECK(training.run_epochs(up, "val_accuracy", {0.5, 0.6, 0.55}) == 3);
  Callback unknown = EarlyStopping{.monitor = "val_beauty"};
  CHECK_THROWS_WITH(training.begin(unknown),
                    "EarlyStopping callback received monitor=val_beauty, but it is not known whether that metric should be maximized or "
                    "minimized. Pass mode = \"max\" in order to monitor based on the highest metric value, or pass mode = \"min\" in order to "
                    "use the lowest value.");
  Callback typo = EarlyStopping{.mode = "mix"};
  CHECK_THROWS_WITH(training.begin(typo), "EarlyStopping: mode is 'mix' (did you mean 'min'?); it can be auto, min or max");
}

TEST_CASE("a monitor that is not logged is warned of once, and training goes on") {
  FakeTraining training;
  Callback callback = EarlyStopping{};
  CHECK(training.run_epochs(callback, "loss", {1, 2, 3}) == 3);
  CHECK(training.out.warned == "Early stopping conditioned on metric `val_loss` which is not available. Available metrics are: loss\n");
}

TEST_CASE("improvement is judged in float32, as Keras does") {
  CHECK(!is_improvement(0.5 - 1e-12, 0.5, false));
  CHECK(is_improvement(0.5 - 1e-6, 0.5, false));
  CHECK(!is_improvement(0.6, 0.5, true, 0.2));
  CHECK(is_improvement(not_a_number, {}, true));
  CHECK(!is_improvement(not_a_number, 0.5, true));
}

TEST_CASE("a checkpoint is saved after every epoch under the name that its template says") {
  FakeTraining training;
  Callback callback = ModelCheckpoint{.filepath = "m-{epoch:02d}-{val_loss:.2f}.keras", .verbose = 1};
  training.run_epochs(callback, "val_loss", {0.5, 0.25});
  CHECK(training.saved == std::vector<std::string>{"m-01-0.50.keras", "m-02-0.25.keras"});
  CHECK(training.out.printed ==
        "\nEpoch 1: saving model to m-01-0.50.keras\n\nEpoch 1: finished saving model to m-01-0.50.keras\n"
        "\nEpoch 2: saving model to m-02-0.25.keras\n\nEpoch 2: finished saving model to m-02-0.25.keras\n");
}

TEST_CASE("save_best_only keeps the best and says what it compares") {
  FakeTraining training;
  Callback callback = ModelCheckpoint{.filepath = "best.weights.h5", .verbose = 1, .save_best_only = true, .save_weights_only = true};
  training.run_epochs(callback, "val_loss", {0.5, 0.75, 0.25});
  CHECK(training.saved == std::vector<std::string>{"weights:best.weights.h5", "weights:best.weights.h5"});
  CHECK(training.out.printed ==
        "\nEpoch 1: val_loss improved from None to 0.50000, saving model to best.weights.h5\n"
        "\nEpoch 1: finished saving model to best.weights.h5\n"
        "\nEpoch 2: val_loss did not improve from 0.50000\n"
        "\nEpoch 3: val_loss improved from 0.50000 to 0.25000, saving model to best.weights.h5\n"
        "\nEpoch 3: finished saving model to best.weights.h5\n");
}

TEST_CASE("an initial threshold has to be beaten, and a missing monitor saves anyway with a warning") {
  FakeTraining training;
  Callback threshold = ModelCheckpoint{.filepath = "m.keras", .save_best_only = true, .initial_value_threshold = 0.4};
  training.run_epochs(threshold, "val_loss", {0.5, 0.3});
  CHECK(training.saved.size() == 1);
  FakeTraining blind;
  Callback missing = ModelCheckpoint{.filepath = "m.keras", .save_best_only = true};
  blind.run_epochs(missing, "loss", {0.5, 0.3});
  CHECK(blind.saved.size() == 2);
  CHECK(blind.out.warned == "Can save best model only with val_loss available. Available metrics are: loss\n");
}

TEST_CASE("save_freq counts batches across epochs") {
  FakeTraining training;
  Callback callback = ModelCheckpoint{.filepath = "m-{epoch}-{batch}.keras", .save_freq = 3};
  CHECK(callback.batch_calls(Mode::train, training) == BatchCalls::each);
  training.begin(callback);
  Logs none;
  for (int epoch = 0; epoch < 2; ++epoch) {
    callback.call(Hook::on_epoch_begin, epoch, none, training);
    for (int batch = 0; batch < 4; ++batch) callback.call(Hook::on_train_batch_end, batch, none, training);
    callback.call(Hook::on_epoch_end, epoch, none, training);
  }
  CHECK(training.saved == std::vector<std::string>{"m-1-3.keras", "m-2-2.keras"});
}

TEST_CASE("a checkpoint's mistakes are found before training begins") {
  FakeTraining training;
  Callback wrong_end = ModelCheckpoint{.filepath = "m.hdf"};
  CHECK_THROWS_WITH(training.begin(wrong_end), "The filepath provided must end in `.keras` (Keras model format). Received: filepath=m.hdf");
  Callback not_weights = ModelCheckpoint{.filepath = "m.keras", .save_weights_only = true};
  CHECK_THROWS_AS(training.begin(not_weights), ArgumentError);
  CHECK_THROWS_WITH(SaveFrequency("batch"), "Unrecognized save_freq: batch. Expected save_freq are 'epoch' or integer values");
  CHECK_THROWS_AS(SaveFrequency(0), ArgumentError);
}

TEST_CASE("a checkpoint creates its directory and refuses to replace one") {
  const Folder folder;
  FakeTraining training;
  Callback callback = ModelCheckpoint{.filepath = folder / "a/b/m.keras"};
  training.run_epochs(callback, "loss", {1});
  CHECK(std::filesystem::is_directory(folder.path / "a/b"));
  std::filesystem::create_directories(folder.path / "d.keras");
  Callback directory = ModelCheckpoint{.filepath = folder / "d.keras"};
  CHECK_THROWS_AS(training.run_epochs(directory, "loss", {1}), IoError);
}

TEST_CASE("path templates are filled as Python's format does") {
  const Logs logs{{"accuracy", 0.8435}, {"loss", 0.1}};
  CHECK(fill_path("{epoch:03d}_{accuracy:.4f}_{loss}", 4, {}, logs) == "005_0.8435_0.1");
  CHECK(fill_path("{{x}}-{loss:.1e}-{loss:%}-{epoch:>4}", 0, {}, logs) == "{x}-1.0e-01-10.000000%-   1");
  CHECK(fill_path("{epoch:.1f}{loss:+08.3f}{loss:<6.1f}|", 0, {}, logs) == "1.0+000.1000.1   |");
  CHECK(format_number(1234567, true, ",d") == "1,234,567");
  CHECK(format_number(-1.5, false, "*^9.2f") == "**-1.50**");
  CHECK(format_number(12.0, false, ".3g") == "12");
  CHECK(format_number(12.0, false, ".3") == "12.0");
  CHECK_THROWS_WITH(fill_path("{val_los:.2f}.keras", 0, {}, logs),
                    "Failed to format this callback filepath: \"{val_los:.2f}.keras\". Reason: 'val_los' is not among epoch, accuracy, loss");
  CHECK_THROWS_AS(fill_path("{epoch", 0, {}, logs), ArgumentError);
  CHECK_THROWS_AS(fill_path("epoch}", 0, {}, logs), ArgumentError);
  CHECK_THROWS_AS(fill_path("{loss:d}", 0, {}, logs), ArgumentError);
  CHECK_THROWS_AS(fill_path("{loss:.2z}", 0, {}, logs), ArgumentError);
}

TEST_CASE("the CSV file has Keras's columns, numbers and line ends") {
  const Folder folder;
  FakeTraining training;
  Callback callback = CSVLogger{.filename = folder / "log.csv"};
  training.begin(callback);
  training.epoch(callback, 0, {{"loss", static_cast<double>(0.1f)}, {"accuracy", 1}});
  CHECK(read(folder / "log.csv") == "epoch,accuracy,loss,val_accuracy,val_loss\r\n0,1.0,0.10000000149011612,NA,NA\r\n");
  training.epoch(callback, 1, {{"loss", 1e-5}, {"accuracy", not_a_number}, {"val_loss", 2}});
  CHECK(read(folder / "log.csv").ends_with("\r\n1,nan,1e-05,NA,2.0\r\n"));
}

TEST_CASE("appending to a CSV file writes no second header, another separator may be used") {
  const Folder folder;
  for (int run = 0; run < 2; ++run) {
    FakeTraining training;
    Callback callback = CSVLogger{.filename = folder / "log.csv", .separator = ";", .append = true};
    training.run_epochs(callback, "val_loss", {0.5});
  }
  CHECK(read(folder / "log.csv") == "epoch;val_loss\r\n0;0.5\r\n0;0.5\r\n");
  FakeTraining training;
  Callback anew = CSVLogger{.filename = folder / "log.csv"};
  training.begin(anew);
  CHECK(read(folder / "log.csv") == "");
  Callback bad = CSVLogger{.filename = folder / "log.csv", .separator = "::"};
  CHECK_THROWS_AS(training.begin(bad), ArgumentError);
  Callback nowhere = CSVLogger{.filename = folder / "no/such/log.csv"};
  CHECK_THROWS_WITH_AS(training.begin(nowhere), doctest::Contains("No such file or directory"), IoError);
}

TEST_CASE("a resumed CSV file loses the epoch that is done again, and nothing else") {
  const Folder folder;
  FakeTraining training;
  Callback first = CSVLogger{.filename = folder / "log.csv"};
  training.begin(first);
  training.epoch(first, 0, {{"val_loss", 1}});
  const Config state = first.state();
  training.epoch(first, 1, {{"val_loss", 2}});
  Callback second = CSVLogger{.filename = folder / "log.csv"};
  second.set_state(state);
  training.begin(second);
  training.epoch(second, 1, {{"val_loss", 3}});
  CHECK(read(folder / "log.csv") == "epoch,val_loss\r\n0,1.0\r\n1,3.0\r\n");
}

TEST_CASE("a resumed early stopping and history end as one that was never interrupted") {
  const std::vector<double> series{1.0, 0.5, 0.7, 0.6, 0.55, 0.4};
  FakeTraining whole, half;
  CallbackList straight({EarlyStopping{.patience = 3, .restore_best_weights = true}, History{}});
  CallbackList before({EarlyStopping{.patience = 3, .restore_best_weights = true}, History{}});
  const auto run = [&](CallbackList& list, FakeTraining& training, size_t from, size_t to) {
    Logs none;
    list.on_train_begin(none, training);
    for (size_t i = from; i < to && !training.stop_training; ++i) {
      training.weights = {Tensor{static_cast<float>(i)}};
      Logs logs{{"val_loss", series[i]}};
      list.on_epoch_end(static_cast<int>(i), logs, training);
    }
  };
  run(straight, whole, 0, 6);
  run(before, half, 0, 3);
  CallbackList after({EarlyStopping{.patience = 3, .restore_best_weights = true}, History{}});
  after.set_state(before.state());
  after.set_tensors(before.tensors());
  run(after, half, 3, 6);
  Logs none;
  straight.on_train_end(none, whole);
  after.on_train_end(none, half);
  CHECK(after.find<EarlyStopping>()->stopped_epoch == 4);
  CHECK(after.state() == straight.state());
  CHECK(half.weights == whole.weights);
  CHECK_THROWS_AS(CallbackList({History{}}).set_state(before.state()), FormatError);
}

TEST_CASE("a best value that is no number survives saving") {
  CHECK(std::isnan(*best_from_config(best_to_config(not_a_number))));
  CHECK(*best_from_config(best_to_config(-std::numeric_limits<double>::infinity())) == -std::numeric_limits<double>::infinity());
  CHECK(!best_from_config(best_to_config({})));
}

TEST_CASE("a loss that is no number ends training, or throws when asked to") {
  FakeTraining training;
  Callback callback = TerminateOnNaN{};
  Logs good{{"loss", 1}}, bad{{"loss", not_a_number}};
  callback.call(Hook::on_train_batch_end, 0, good, training);
  CHECK(!training.stop_training);
  callback.call(Hook::on_train_batch_end, 1, bad, training);
  CHECK(training.stop_training);
  CHECK(training.out.printed == "Batch 1: Invalid loss, terminating training\n");
  Callback strict = TerminateOnNaN{.raise_error = true};
  CHECK_THROWS_WITH_AS(strict.call(Hook::on_train_batch_end, 1, bad, training),
                       "NaN or Inf loss encountered at batch 1. Loss value: nan. Terminating training immediately.", NumericError);
}

TEST_CASE("a lambda callback runs the functions that it was given") {
  FakeTraining training;
  std::string seen;
  Callback callback = LambdaCallback{.on_epoch_begin = [&](int epoch) { seen += "b" + std::to_string(epoch); },
                                     .on_epoch_end = [&](int, Logs& logs) { logs.set("extra", 1); },
                                     .on_train_end = [&](Logs&, Training& t) { t.stop_training = true; }};
  Logs logs;
  callback.call(Hook::on_epoch_begin, 3, logs, training);
  callback.call(Hook::on_epoch_end, 3, logs, training);
  callback.call(Hook::on_train_batch_end, 3, logs, training);
  callback.call(Hook::on_train_end, 0, logs, training);
  CHECK(seen == "b3");
  CHECK(logs.contains("extra"));
  CHECK(training.stop_training);
}

TEST_CASE("a plateau lowers the learning rate, rests, and stops at min_lr") {
  FakeTraining training;
  Callback callback = ReduceLROnPlateau{.factor = 0.5, .patience = 1, .verbose = 1, .cooldown = 2, .min_lr = 0.2};
  training.run_epochs(callback, "val_loss", {1, 1, 1, 1, 1});
  CHECK(training.out.printed ==
        "\nEpoch 2: ReduceLROnPlateau reducing learning rate to 0.25.\n\nEpoch 4: ReduceLROnPlateau reducing learning rate to 0.2.\n");
  Callback rising = ReduceLROnPlateau{.factor = 1};
  CHECK_THROWS_WITH(training.begin(rising), "ReduceLROnPlateau does not support a factor >= 1.0. Received factor=1.0");
}

TEST_CASE("a schedule sets the learning rate before each epoch and logs it after") {
  FakeTraining training;
  Callback callback = LearningRateScheduler{.schedule = [](int epoch, double rate) { return epoch ? rate / 2 : rate; }, .verbose = 1};
  Logs logs;
  for (int epoch = 0; epoch < 2; ++epoch) callback.call(Hook::on_epoch_begin, epoch, logs, training);
  callback.call(Hook::on_epoch_end, 1, logs, training);
  CHECK(logs.at("learning_rate") == 0.25);
  CHECK(training.out.printed ==
        "\nEpoch 1: LearningRateScheduler setting learning rate to 0.5.\n\nEpoch 2: LearningRateScheduler setting learning rate to 0.25.\n");
  Callback empty = LearningRateScheduler{};
  CHECK_THROWS_AS(empty.call(Hook::on_epoch_begin, 0, logs, training), ArgumentError);
}
