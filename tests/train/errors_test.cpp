// Bad input: each mistake has an error that names the place, the given, the expected and what to do; nothing half-done remains.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <limits>

#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

const Tensor x = some_x(40), y = some_y(x);

/// Every part is in the text; prints the text when not.
void says(const std::string& text, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) {
    CAPTURE(text);
    CAPTURE(std::string(part));
    CHECK(has(text, part));
  }
}
template <class E = ArgumentError> std::string fitting(const Tensor& a, const Tensor& b, FitOptions o = {}) {
  return text_of<E>([&] {
    Sequential model = small_model();
    o.verbose = 0;
    model.fit(a, b, o);
  });
}
Tensor with(const Tensor& t, int64_t at, float value) {
  Tensor copy = copy_of(t);
  copy.mutable_values<float>()[static_cast<size_t>(at)] = value;
  return copy;
}

}  // namespace

TEST_CASE("x of another width names the layer or the input, the given and the expected") {
  says(fitting<ShapeError>(some_x(40, 9), y), {"input_layer", "8", "9"});
  Sequential model = small_model();
  says(text_of<ShapeError>([&] { model.predict(some_x(4, 7), {.verbose = 0}); }), {"input_layer", "8", "7"});
  Sequential no_input{Dense{3}};
  no_input.build({Shape::unknown, 8});
  says(text_of<ShapeError>([&] { no_input.predict(some_x(4, 7), {.verbose = 0}); }), {"dense", "8", "7"});
}

TEST_CASE("x and y of different lengths, and empty data") {
  says(fitting(x, some_y(some_x(39))), {"40", "39"});
  says(fitting(Tensor(DType::float32, {0, 8}), Tensor(DType::int64, {0})), {"no samples"});
  Sequential model = small_model();
  says(text_of<ArgumentError>([&] { model.train_on_batch(x, some_y(some_x(39))); }), {"40", "39"});
  says(text_of<ArgumentError>([&] { model.predict(Tensor(DType::float32, {0, 8}), {.verbose = 0}); }), {"no samples"});
  says(text_of<ArgumentError>([&] { model.evaluate(Tensor(DType::float32, {0, 8}), Tensor(DType::int64, {0}), {.verbose = 0}); }), {"no samples"});
  says(fitting<ShapeError>(x, y, {.sample_weight = Tensor(DType::float32, {39})}), {"sample_weight", "39", "40"});
}

TEST_CASE("labels out of range name the sample, the label and the classes there are") {
  Tensor bad = copy_of(y);
  bad.mutable_values<int64_t>()[17] = 3;
  says(fitting(x, bad), {"17", "3", "0 to 2"});
  bad.mutable_values<int64_t>()[17] = -1;
  says(fitting(x, bad), {"17", "-1", "0 to 2"});
  Sequential model = small_model();
  says(text_of<ArgumentError>([&] { model.evaluate(x, bad, {.verbose = 0}); }), {"17", "-1"});
}

TEST_CASE("NaN in the data names the sample and the place before training begins") {
  Sequential model = small_model();
  const std::vector<Tensor> before = model.get_weights();
  says(text_of<ArgumentError>([&] { model.fit(with(x, 8 * 5 + 3, std::numeric_limits<float>::quiet_NaN()), y, {.verbose = 0}); }), {"x", "5", "3", "nan"});
  says(text_of<ArgumentError>([&] { model.fit(with(x, 8 * 6 + 1, std::numeric_limits<float>::infinity()), y, {.verbose = 0}); }), {"x", "6", "1", "inf"});
  CHECK(model.get_weights() == before);
}

TEST_CASE("a loss that becomes NaN names step and epoch, and says to lower the learning rate") {
  Sequential model{Input{8}, Dense{6}, Dense{1}};
  model.compile({.optimizer = SGD{.learning_rate = 1e20}, .loss = "mse"});
  says(text_of<NumericError>([&] { model.fit(x, y.cast(DType::float32), {.batch_size = 4, .epochs = 3, .verbose = 0}); }), {"step", "epoch 1", "learning rate"});
}

TEST_CASE("unknown names suggest the near one") {
  says(text_of<ArgumentError>([] { Optimizer o("adan"); }), {"adan", "did you mean 'adam'"});
  says(text_of<ArgumentError>([] { Loss l("sparse_categorical_crossentropi"); }), {"did you mean 'sparse_categorical_crossentropy'"});
  says(text_of<ArgumentError>([] { Metric m("acuracy"); }), {"acuracy", "did you mean 'accuracy'"});
  says(text_of<ArgumentError>([] { Activation a("rellu"); }), {"rellu", "did you mean 'relu'"});
  says(text_of<ArgumentError>([] { Initializer i("glorot_unifrom"); }), {"did you mean 'glorot_uniform'"});
  says(text_of<ArgumentError>([] { Regularizer r("l3"); }), {"l3", "did you mean"});
  says(text_of<ArgumentError>([] { (void)small_model().get_layer("dens"); }), {"no layer 'dens'", "did you mean 'dense'"});
  says(text_of<ArgumentError>([] { (void)small_model().program_text("trian"); }), {"did you mean 'train'"});
  says(text_of<ArgumentError>([] {
         Sequential m = small_model();
         m.fit(x, y, {.verbose = 0, .callbacks = {EarlyStopping{.monitor = "val_loss", .mode = "minimum"}}});
       }),
       {"minimum"});
}

TEST_CASE("a loss that does not fit the output says what it wants") {
  Sequential one{Input{8}, Dense{1, "sigmoid"}};
  one.compile({.optimizer = "adam", .loss = "categorical_crossentropy"});
  says(text_of<ShapeError>([&] { one.fit(x, y, {.verbose = 0}); }), {"categorical_crossentropy", "[32, 1]"});
  Sequential three{Input{8}, Dense{3, "softmax"}};
  three.compile({.optimizer = "adam", .loss = "categorical_crossentropy"});
  says(text_of<ShapeError>([&] { three.fit(x, y, {.verbose = 0}); }), {"categorical_crossentropy", "sparse_categorical_crossentropy"});
  three.compile({.optimizer = "adam", .loss = "mse"});
  says(text_of<ShapeError>([&] { three.fit(x, Tensor(DType::float32, {40, 2}), {.verbose = 0}); }), {"mean_squared_error", "[32, 2]", "[32, 3]"});
  three.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
  says(text_of<ArgumentError>([&] { three.fit(x, Tensor(DType::float32, {40, 3}), {.verbose = 0}); }), {"sparse_categorical_crossentropy", "categorical_crossentropy"});
}

TEST_CASE("what is missing is asked for: layers, an input shape, a loss, compile") {
  Sequential empty;
  empty.compile({.loss = "mse"});
  says(text_of<ArgumentError>([&] { empty.fit(x, y, {.verbose = 0}); }), {"no layers", "add one"});
  Sequential unbuilt{Dense{3}};
  says(text_of<ArgumentError>([&] { (void)unbuilt.get_weights(); }), {"no weights yet", "Input", "build()"});
  says(text_of<ArgumentError>([&] { (void)unbuilt.save("/tmp/never.keras"); }), {"Input", "build()"});
  says(text_of<ArgumentError>([&] { unbuilt.fit(x, y, {.verbose = 0}); }), {"compile()", "fit()"});
  Sequential lossless{Dense{3}};
  lossless.compile({.optimizer = "adam"});
  says(text_of<ArgumentError>([&] { lossless.fit(Source(Samples{{x}}), {.verbose = 0}); }), {"needs a loss", "\"mse\""});
  says(text_of<ShapeError>([&] { unbuilt.build({Shape::unknown, Shape::unknown}); }), {"build", "784"});
  says(text_of<ArgumentError>([] { Sequential m{Dense{3}, Input{8}}; }), {"Input", "first"});
  says(text_of<ArgumentError>([] { Sequential m{Layer(Dense{3}, {.name = "a"}), Layer(Dense{3}, {.name = "a"})}; }), {"'a'", "unique"});
  says(text_of<ArgumentError>([] { Sequential m{Input{8}, Dense{0}}; }), {"dense", "units"});
  says(text_of<ArgumentError>([] { Sequential m{Input{8}, Dropout{.rate = 1.5}}; }), {"dropout", "1.5"});
}

TEST_CASE("options outside their range") {
  says(fitting(x, y, {.batch_size = 0}), {"batch_size", "0"});
  says(fitting(x, y, {.epochs = -1}), {"epochs", "-1"});
  says(fitting(x, y, {.validation_split = 1.0}), {"validation_split", "1"});
  says(fitting(x, y, {.validation_split = -0.5}), {"validation_split", "-0.5"});
  says(fitting(x, y, {.validation_freq = 0}), {"validation_freq"});
  says(text_of<ArgumentError>([] { (void)FitOptions{.verbose = 3}; }), {"verbose", "3"});
}

TEST_CASE("weights of another shape name the weight, and none is changed") {
  Sequential model = small_model();
  const std::vector<Tensor> before = model.get_weights();
  std::vector<Tensor> other = before;
  other[0] = Tensor(DType::float32, {8, 6}), other[2] = Tensor(DType::float32, {3, 6});
  says(text_of<ShapeError>([&] { model.set_weights(other); }), {"dense_1/kernel", "[6, 3]", "[3, 6]"});
  other.pop_back();
  says(text_of<ShapeError>([&] { model.set_weights(other); }), {"4 weights", "3"});
  CHECK(model.get_weights() == before);
}

TEST_CASE("a missing file, a folder that is not there, a truncated file: named") {
  TestFolder folder;
  Sequential model = small_model();
  says(text_of<IoError>([&] { load_model(folder.path / "no.keras"); }), {"no.keras", "No such file"});
  says(text_of<IoError>([&] { model.save(folder.path / "nowhere" / "m.keras"); }), {"nowhere", "No such file"});
  model.save(folder.path / "m.keras");
  const auto size = std::filesystem::file_size(folder.path / "m.keras");
  for (const auto part : {size / 2, size - 1, size_t{0}, size_t{10}}) {
    std::filesystem::copy_file(folder.path / "m.keras", folder.path / "cut.keras", std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(folder.path / "cut.keras", part);
    says(text_of<FormatError>([&] { load_model(folder.path / "cut.keras"); }), {"cut.keras"});
  }
}

TEST_CASE("a disk that is full while saving: the old file stays whole, nothing is left behind") {
  TestFolder folder;
  const std::string path = folder.path / "m.keras";
  Sequential model = small_model();
  model.save(path);
  const std::vector<Tensor> before = load_model(path).get_weights();
  model.fit(x, y, {.verbose = 0});
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string said = text_of<IoError>([&] { model.save(path); });
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  says(said, {"m.keras"});
  CHECK(folder.names() == std::vector<std::string>{"m.keras"});
  CHECK(load_model(path).get_weights() == before);
}

TEST_CASE("a file in a place that cannot be written names the path") {
  Sequential model = small_model();
  says(text_of<IoError>([&] { model.save("/proc/m.keras"); }), {"/proc/m.keras"});
  TestFolder folder;
  std::filesystem::create_directory(folder.path / "m.keras");
  says(text_of<IoError>([&] { model.save(folder.path / "m.keras"); }), {"m.keras", "directory"});
}
