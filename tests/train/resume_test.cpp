// Runs that stop and go on: the same weights and the same history as if nothing had happened, bit for bit.
#include <doctest/doctest.h>

#include <filesystem>

#include "cornu/io/keras_archive.h"
#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

const Tensor x = some_x(70), y = some_y(x), x_test = some_x(20, 8, 2), y_test = some_y(x_test);

/// With dropout, so that the random numbers must go on where they stopped too.
Sequential random_model(uint64_t seed = 7) {
  Sequential model{Input{8}, Dense{16, "relu"}, Dropout{.rate = 0.3}, Dense{3, "softmax"}};
  model.set_seed(seed);
  model.compile({.optimizer = Adam{.learning_rate = 0.02}, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

FitOptions run_of(int epochs, std::vector<Callback> callbacks = {}) {
  return {.batch_size = 16, .epochs = epochs, .verbose = 0, .callbacks = std::move(callbacks), .validation_data = ValidationData(x_test, y_test)};
}

bool same(const History& a, const History& b) { return a.history == b.history && a.epoch == b.epoch; }

/// Sets the flag in step `step` of epoch `epoch`, as a signal handler would.
struct Interrupter {
  std::atomic<int>* flag = nullptr;
  int at_epoch = 0, at_batch = 0, epoch = 0;
  void on_epoch_begin(int e) { epoch = e; }
  void on_train_batch_end(int batch) {
    if (epoch == at_epoch && batch == at_batch) flag->store(1);
  }
};
/// What stands in Interrupter's place in runs that are not interrupted.
struct Nobody {};

/// Trains with an interruption in that epoch, then resumes with a new model. The model and its whole history.
std::pair<Sequential, History> interrupted(const std::string& backup, int epochs, int at_epoch, int at_batch, const std::function<std::vector<Callback>()>& callbacks) {
  {
    std::atomic<int> flag = 0;
    Sequential first = random_model();
    auto list = callbacks();
    list.push_back(Interrupter{&flag, at_epoch, at_batch});
    FitOptions options = run_of(epochs, std::move(list));
    options.backup = backup, options.interrupt = &flag;
    first.fit(x, y, options);
  }
  Sequential second = random_model();
  auto list = callbacks();
  list.push_back(Nobody{});
  FitOptions options = run_of(epochs, std::move(list));
  options.backup = backup, options.resume = true;
  History history = second.fit(x, y, options);
  return {std::move(second), std::move(history)};
}

}  // namespace

TEST_CASE("interrupted in the middle of an epoch and resumed: the weights and the history of an uninterrupted run") {
  Sequential whole = random_model();
  const History history = whole.fit(x, y, run_of(6));
  for (const int epoch : {1, 3, 5}) {
    CAPTURE(epoch);
    TestFolder folder;
    const auto [model, resumed] = interrupted(folder.path / "run.keras", 6, epoch, 2, [] { return std::vector<Callback>{}; });
    CHECK(model.get_weights() == whole.get_weights());
    CHECK(same(resumed, history));
    CHECK(model.iterations() == whole.iterations());
  }
}

TEST_CASE("interrupted before the first epoch ended: the run begins anew") {
  TestFolder folder;
  Sequential whole = random_model();
  const History history = whole.fit(x, y, run_of(3));
  const auto [model, resumed] = interrupted(folder.path / "run.keras", 3, 0, 1, [] { return std::vector<Callback>{}; });
  CHECK(model.get_weights() == whole.get_weights());
  CHECK(same(resumed, history));
}

TEST_CASE("EarlyStopping goes on counting, with its best weights, and stops in the same epoch") {
  const auto stopping = [] { return std::vector<Callback>{EarlyStopping{.patience = 3, .restore_best_weights = true}}; };
  Sequential whole = random_model();
  const History history = whole.fit(x, y, run_of(60, stopping()));
  REQUIRE(history.epoch.size() < 60);
  REQUIRE(history.epoch.size() > 5);
  const int last = history.epoch.back();
  for (const int epoch : {2, last - 1, last}) {
    CAPTURE(epoch);
    TestFolder folder;
    const auto [model, resumed] = interrupted(folder.path / "run.keras", 60, epoch, 3, stopping);
    CHECK(same(resumed, history));
    CHECK(model.get_weights() == whole.get_weights());
  }
}

TEST_CASE("resuming a run that has ended changes nothing, also when a callback ended it") {
  TestFolder folder;
  const auto run = [&](int epochs) {
    Sequential model = random_model();
    FitOptions options = run_of(epochs, {EarlyStopping{.patience = 2, .restore_best_weights = true}, Nobody{}});
    options.backup = folder.path / "run.keras", options.resume = true;
    History history = model.fit(x, y, options);
    return std::pair(model.get_weights(), std::move(history));
  };
  const auto first = run(60), second = run(60);
  REQUIRE(first.second.epoch.size() < 60);
  CHECK(second.first == first.first);
  CHECK(same(second.second, first.second));
}

TEST_CASE("a learning rate that a callback lowered stays lowered") {
  const auto plateau = [] { return std::vector<Callback>{ReduceLROnPlateau{.factor = 0.5, .patience = 1}}; };
  Sequential whole = random_model();
  const History history = whole.fit(x, y, run_of(12, plateau()));
  REQUIRE(history.history["learning_rate"].back() < 0.019);
  TestFolder folder;
  const auto [model, resumed] = interrupted(folder.path / "run.keras", 12, 9, 0, plateau);
  CHECK(same(resumed, history));
  CHECK(model.get_weights() == whole.get_weights());
}

TEST_CASE("a backup is a .keras file like any other: its tensors of callbacks stand beside the weights") {
  TestFolder folder;
  const std::string path = folder.path / "run.keras";
  Sequential model = random_model();
  FitOptions options = run_of(4, {EarlyStopping{.patience = 9, .restore_best_weights = true}});
  options.backup = path;
  model.fit(x, y, options);
  CHECK(read_keras_archive(path).weights.has_group("cornu/callback_0/vars"));
  std::filesystem::create_directories(std::string(CORNU_BINARY_DIR) + "/keras_files");
  std::filesystem::copy_file(path, std::string(CORNU_BINARY_DIR) + "/keras_files/backup.keras", std::filesystem::copy_options::overwrite_existing);
  CHECK(load_model(path).iterations() == 4 * 5);
}

TEST_CASE("a backup of another model, seed or list of callbacks is refused, saying what to do") {
  TestFolder folder;
  FitOptions options = run_of(1);
  options.backup = folder.path / "run.keras", options.resume = true;
  Sequential model = random_model();
  model.fit(x, y, options);
  options.epochs = 2;

  Sequential other{Input{8}, Dense{5, "relu"}, Dense{3, "softmax"}};
  other.set_seed(7);
  other.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
  CHECK(has(text_of<FormatError>([&] { other.fit(x, y, options); }), "another model"));
  Sequential seeded = random_model(8);
  CHECK(has(text_of<FormatError>([&] { seeded.fit(x, y, options); }), "seed 7 and this run has seed 8"));
  Sequential sgd = random_model();
  sgd.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy"});
  CHECK(has(text_of<FormatError>([&] { sgd.fit(x, y, options); }), "another optimizer"));
  options.callbacks = {EarlyStopping{}};
  Sequential same_model = random_model();
  CHECK(has(text_of<FormatError>([&] { same_model.fit(x, y, options); }), "callbacks"));
}

TEST_CASE("a run on a generator resumes, also of a model without an Input") {
  const auto batches = [](int64_t skip) {
    return [at = skip * 14]() mutable -> std::optional<Samples> {
      if (at == 70) return at = 0, std::nullopt;
      const int64_t begin = at;
      at += 14;
      return Samples{{x.rows(begin, at)}, {y.rows(begin, at)}};
    };
  };
  const auto make = [] {
    Sequential model{Dense{6, "relu"}, Dropout{.rate = 0.3}, Dense{3, "softmax"}};
    model.set_seed(3);
    model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
    return model;
  };
  Sequential whole = make();
  const History history = whole.fit(Source(batches(0)), run_of(4));
  TestFolder folder;
  std::atomic<int> flag = 0;
  {
    Sequential first = make();
    FitOptions options = run_of(4, {Interrupter{&flag, 2, 1}});
    options.backup = folder.path / "run.keras", options.interrupt = &flag;
    first.fit(Source(batches(0)), options);
  }
  Sequential second = make();
  FitOptions options = run_of(4, {Nobody{}});
  options.backup = folder.path / "run.keras", options.resume = true;
  const History resumed = second.fit(Source(batches(0)), options);
  CHECK(second.get_weights() == whole.get_weights());
  CHECK(same(resumed, history));
}

TEST_CASE("a second fit that is interrupted resumes with its own shuffles") {
  const auto train = [](const std::string& backup, bool stop) {
    Sequential model = random_model();
    model.fit(x, y, run_of(2));
    std::atomic<int> flag = 0;
    FitOptions options = run_of(4, {Interrupter{&flag, stop ? 2 : 99, 1}});
    options.backup = backup, options.interrupt = &flag;
    model.fit(x, y, options);
    if (!stop) return model.get_weights();
    Sequential again = random_model();
    FitOptions resume = run_of(4, {Nobody{}});
    resume.backup = backup, resume.resume = true;
    again.fit(x, y, resume);
    return again.get_weights();
  };
  TestFolder folder;
  CHECK(train(folder.path / "a.keras", true) == train(folder.path / "b.keras", false));
}

TEST_CASE("a backup that the callbacks refuse leaves the model as it was") {
  TestFolder folder;
  FitOptions options = run_of(1);
  options.backup = folder.path / "run.keras", options.resume = true;
  Sequential model = random_model();
  model.fit(x, y, options);
  Sequential other = random_model();
  const auto before = other.get_weights();
  options.callbacks = {EarlyStopping{}};
  CHECK(has(text_of<FormatError>([&] { other.fit(x, y, options); }), "callbacks"));
  CHECK(other.get_weights() == before);
  CHECK(other.iterations() == 0);
}

TEST_CASE("a damaged backup is refused and stays as it is") {
  TestFolder folder;
  const std::string path = folder.path / "run.keras";
  std::ofstream(path) << "not an archive";
  FitOptions options = run_of(1);
  options.backup = path, options.resume = true;
  Sequential model = random_model();
  CHECK(has(text_of<FormatError>([&] { model.fit(x, y, options); }), "run.keras"));
  std::ifstream file(path);
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == "not an archive");
}
