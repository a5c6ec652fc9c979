// fit, evaluate, predict and the calls on one batch: what Keras documents of them.
#include <doctest/doctest.h>

#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

const Tensor x = some_x(50), y = some_y(x);

double loss_of(const History& history) { return history.history["loss"].back(); }

/// -log p[label] of each sample, computed here.
std::vector<double> losses(Sequential& model, const Tensor& a, const Tensor& b) {
  const Tensor p = model.predict_on_batch(a);
  std::vector<double> all;
  for (int64_t i = 0; i < b.size(); ++i) all.push_back(-std::log(p.at(i * 3 + static_cast<int64_t>(b.at(i)))));
  return all;
}
double mean(const std::vector<double>& v) {
  double s = 0;
  for (const double n : v) s += n;
  return s / static_cast<double>(v.size());
}

}  // namespace

TEST_CASE("training lowers the loss, and the history has an entry for each epoch under Keras's keys") {
  Sequential model = small_model();
  const History history = model.fit(x, y, {.batch_size = 8, .epochs = 30, .verbose = 0, .validation_split = 0.2});
  CHECK(history.history.keys() == std::vector<std::string>{"accuracy", "loss", "val_accuracy", "val_loss"});
  CHECK(history.history["loss"].size() == 30);
  CHECK(loss_of(history) < 0.7 * history.history["loss"][0]);
  CHECK(model.iterations() == 30 * 5);
  CHECK(history.epoch.back() == 29);
}

TEST_CASE("a batch larger than the set is one short batch, and a last batch may have one sample") {
  Sequential model = small_model();
  const History history = model.fit(x, y, {.batch_size = 1000, .verbose = 0});
  CHECK(model.iterations() == 1);
  CHECK(history.params.steps == 1);
  model.fit(x, y, {.batch_size = 7, .verbose = 0});  // 7 x 7 + 1
  CHECK(model.iterations() == 9);
}

TEST_CASE("evaluate is the mean over samples whatever the batches; loss first, then the metrics") {
  Sequential model = small_model();
  const Logs all = model.evaluate(x, y, {.batch_size = 50, .verbose = 0});
  CHECK(all.begin()->first == "loss");
  CHECK((all.begin() + 1)->first == "accuracy");
  CHECK(all.at("loss") == doctest::Approx(mean(losses(model, x, y))).epsilon(1e-6));
  for (const int64_t batch : {1, 7, 32}) {
    const Logs logs = model.evaluate(x, y, {.batch_size = batch, .verbose = 0});
    CHECK(logs.at("loss") == doctest::Approx(all.at("loss")).epsilon(1e-6));
    CHECK(logs.at("accuracy") == doctest::Approx(all.at("accuracy")).epsilon(1e-6));
  }
}

TEST_CASE("predict, predict_on_batch and predict_into agree; test_on_batch is evaluate on the batch") {
  Sequential model = small_model();
  const Tensor all = model.predict(x, {.batch_size = 50, .verbose = 0});
  CHECK(model.predict_on_batch(x) == all);
  Tensor into(DType::float32, {50, 3});
  model.predict_into(x, into);
  CHECK(into == all);
  CHECK(model.test_on_batch(x, y) == model.evaluate(x, y, {.batch_size = 50, .verbose = 0}));
  const std::vector<Tensor> before = model.get_weights();
  CHECK(model.get_weights() == before);
  CHECK(model.train_on_batch(x, y).at("loss") == doctest::Approx(mean(losses(model, x, y))).epsilon(0.2));
  CHECK_FALSE(model.get_weights() == before);
}

TEST_CASE("the validation split is the end of the data, before shuffling") {
  Sequential split = small_model(), given = small_model();
  const History a = split.fit(x, y, {.epochs = 3, .verbose = 0, .validation_split = 0.3});
  const History b = given.fit(x.rows(0, 35), y.rows(0, 35), {.epochs = 3, .verbose = 0, .validation_data = ValidationData(x.rows(35, 50), y.rows(35, 50))});
  CHECK(a.history == b.history);
  CHECK(split.get_weights() == given.get_weights());
}

TEST_CASE("sample weights weigh the loss, divided by the number of samples; class weights multiply them") {
  Sequential model = small_model();
  Tensor weight(DType::float32, {50});
  for (int i = 0; i < 50; ++i) weight.mutable_values<float>()[static_cast<size_t>(i)] = static_cast<float>(i % 4) / 2;
  const std::vector<double> each = losses(model, x, y);
  double weighted = 0, by_class = 0;
  for (size_t i = 0; i < 50; ++i) {
    const double w = weight.at(static_cast<int64_t>(i)), c = y.at(static_cast<int64_t>(i)) == 1 ? 3 : 1;
    weighted += w * each[i] / 50, by_class += w * c * each[i] / 50;
  }
  CHECK(model.test_on_batch(x, y, weight).at("loss") == doctest::Approx(weighted).epsilon(1e-5));
  CHECK(model.evaluate(x, y, {.batch_size = 50, .verbose = 0, .sample_weight = weight}).at("loss") == doctest::Approx(weighted).epsilon(1e-5));
  model.set_learning_rate(0);
  CHECK(loss_of(model.fit(x, y, {.batch_size = 50, .verbose = 0, .class_weight = {{1, 3.0}}, .sample_weight = weight})) == doctest::Approx(by_class).epsilon(1e-5));
}

TEST_CASE("weighted metrics see the weights, metrics do not") {
  Sequential model{Input{8}, Dense{3, "softmax"}};
  model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}, .weighted_metrics = {"sparse_categorical_crossentropy", "accuracy"}});
  Tensor weight(DType::float32, {50});
  weight.mutable_values<float>()[4] = 2;
  const Logs logs = model.test_on_batch(x, y, weight);
  const std::vector<double> each = losses(model, x, y);
  CHECK(logs.at("sparse_categorical_crossentropy") == doctest::Approx(each[4]).epsilon(1e-5));
  CHECK(logs.at("loss") == doctest::Approx(2 * each[4] / 50).epsilon(1e-5));
  CHECK(logs.size() == 4);
}

TEST_CASE("shuffling depends on the seed and the epoch; without it the order is the data's") {
  const auto run = [](uint64_t seed, bool shuffle, const Tensor& a, const Tensor& b) {
    Sequential model = small_model(seed);
    model.set_weights(small_model(1).get_weights());
    model.fit(a, b, {.batch_size = 8, .verbose = 0, .shuffle = shuffle});
    return model.get_weights();
  };
  CHECK(run(1, true, x, y) == run(1, true, x, y));
  CHECK_FALSE(run(1, true, x, y) == run(2, true, x, y));
  CHECK_FALSE(run(1, true, x, y) == run(1, false, x, y));
  CHECK(run(1, false, x, y) == run(2, false, x, y));
}

TEST_CASE("initial_epoch goes on counting where another fit ended, with the same shuffles") {
  Sequential whole = small_model(), parts = small_model();
  whole.fit(x, y, {.epochs = 4, .verbose = 0});
  parts.fit(x, y, {.epochs = 2, .verbose = 0});
  const History rest = parts.fit(x, y, {.epochs = 4, .verbose = 0, .initial_epoch = 2});
  CHECK(rest.epoch == std::vector<int>{2, 3});
  CHECK(parts.get_weights() == whole.get_weights());
}

TEST_CASE("hooks come in Keras's order, in every kind of run") {
  std::string log;
  const auto say = [&](const char* what) { return [&log, what] { log += std::string(what) + " "; }; };
  const Callback all = LambdaCallback{.on_epoch_begin = say("epoch"), .on_epoch_end = say("/epoch"), .on_train_begin = say("train"), .on_train_end = say("/train"), .on_train_batch_begin = say("b"),
                                      .on_train_batch_end = say("/b"), .on_test_begin = say("test"), .on_test_end = say("/test"), .on_test_batch_begin = say("tb"), .on_test_batch_end = say("/tb"),
                                      .on_predict_begin = say("predict"), .on_predict_end = say("/predict"), .on_predict_batch_begin = say("pb"), .on_predict_batch_end = say("/pb")};
  Sequential model = small_model();
  model.fit(x, y, {.batch_size = 25, .epochs = 1, .verbose = 0, .callbacks = {all}, .validation_data = ValidationData(x.rows(0, 5), y.rows(0, 5))});
  CHECK(log == "train epoch b /b b /b test tb /tb /test /epoch /train ");
  log.clear();
  model.evaluate(x, y, {.verbose = 0, .callbacks = {all}});
  model.predict(x, {.verbose = 0, .callbacks = {all}});
  CHECK(log == "test tb /tb tb /tb /test predict pb /pb pb /pb /predict ");
}

TEST_CASE("a callback stops training after a batch or after an epoch, and sees logs of the batches so far") {
  Sequential model = small_model();
  const History history = model.fit(x, y, {.batch_size = 10, .epochs = 5, .verbose = 0, .callbacks = {LambdaCallback{.on_epoch_end = [](int epoch, Logs&, Training& t) { t.stop_training = epoch == 1; }}}});
  CHECK(history.epoch == std::vector<int>{0, 1});
  Sequential other = small_model();
  other.fit(x, y, {.batch_size = 10, .epochs = 5, .verbose = 0, .callbacks = {LambdaCallback{.on_train_batch_end = [](int batch, Logs& logs, Training& t) {
                                                                   CHECK(logs.contains("accuracy"));
                                                                   t.stop_training = batch == 2;
                                                                 }}}});
  CHECK(other.iterations() == 3);
}

TEST_CASE("a generator trains as the tensors do, batch by batch") {
  Sequential tensors = small_model(), generated = small_model();
  tensors.fit(x, y, {.batch_size = 10, .epochs = 2, .verbose = 0, .shuffle = false});
  int64_t at = 0;
  const Source source(Generator([&]() -> std::optional<Samples> {
    if (at == 50) return at = 0, std::nullopt;
    at += 10;
    return Samples{{x.rows(at - 10, at)}, {y.rows(at - 10, at)}};
  }));
  generated.fit(source, {.epochs = 2, .verbose = 0});
  CHECK(generated.get_weights() == tensors.get_weights());
}

TEST_CASE("a model without an Input is built by its first data, and by build()") {
  Sequential model{Dense{6, "tanh"}, Dense{3, "softmax"}};
  model.compile({.optimizer = Adam{.learning_rate = 0.01}, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  CHECK_FALSE(model.built());
  model.fit(x, y, {.verbose = 0});
  CHECK(model.built());
  Sequential with_input = small_model();
  with_input.fit(x, y, {.verbose = 0});
  CHECK(model.get_weights() == with_input.get_weights());
  CHECK(model.output_shape() == Shape{Shape::unknown, 3});
  Sequential asked{Dense{6}};
  asked.build({Shape::unknown, 8});
  CHECK(asked.count_params() == 54);
}

TEST_CASE("layers are added and popped; the weights of those that stay, stay") {
  Sequential model = small_model();
  model.fit(x, y, {.verbose = 0});
  const std::vector<Tensor> before = model.get_weights();
  CHECK(model.pop().name() == "dense_1");
  CHECK(model.get_weights() == std::vector<Tensor>{before[0], before[1]});
  CHECK(model.predict_on_batch(x).shape() == Shape{50, 6});
  model.add(Dense{3, "softmax"});
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
  CHECK(model.get_weights()[0] == before[0]);
  model.fit(x, y, {.verbose = 0});
  CHECK_FALSE(model.get_weights()[0] == before[0]);
}

TEST_CASE("a layer that is not trainable keeps its weights; frozen later, after compile") {
  Sequential model{Input{8}, Layer(Dense{6, "tanh"}, {.trainable = false}), Dense{3, "softmax"}};
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
  const std::vector<Tensor> before = model.get_weights();
  model.fit(x, y, {.verbose = 0});
  const std::vector<Tensor> after = model.get_weights();
  CHECK(after[0] == before[0]);
  CHECK(after[1] == before[1]);
  CHECK_FALSE(after[2] == before[2]);
}

TEST_CASE("dropout drops while training and not when asked; the training loss has the penalties") {
  Sequential model{Input{8}, Dropout{.rate = 0.5}, Dense{3, "softmax"}};
  model.compile({.optimizer = SGD{.learning_rate = 0.0}, .loss = "sparse_categorical_crossentropy"});
  CHECK(model.predict_on_batch(x) == model.predict_on_batch(x));
  const double quiet = model.test_on_batch(x, y).at("loss"), first = model.train_on_batch(x, y).at("loss"), second = model.train_on_batch(x, y).at("loss");
  CHECK(quiet == doctest::Approx(mean(losses(model, x, y))).epsilon(1e-5));
  CHECK(first != second);
  CHECK(first != quiet);

  Sequential heavy{Input{8}, Dense{.units = 3, .activation = "softmax", .kernel_regularizer = L2{0.5}}};
  heavy.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy"});
  double squares = 0;
  const Tensor kernel = heavy.get_weights()[0];
  for (int64_t i = 0; i < kernel.size(); ++i) squares += kernel.at(i) * kernel.at(i);
  CHECK(heavy.test_on_batch(x, y).at("loss") == doctest::Approx(mean(losses(heavy, x, y)) + 0.5 * squares).epsilon(1e-5));
}

TEST_CASE("the learning rate changes without compiling again; at 0 nothing is learnt") {
  Sequential model = small_model();
  CHECK(model.learning_rate() == doctest::Approx(0.01));
  model.set_learning_rate(0);
  const std::vector<Tensor> before = model.get_weights();
  model.fit(x, y, {.verbose = 0});
  CHECK(model.get_weights() == before);
  model.set_learning_rate(0.1);
  model.fit(x, y, {.verbose = 0});
  CHECK_FALSE(model.get_weights() == before);
}

TEST_CASE("seeds: the same weights from the same seed, others from another; not after training") {
  CHECK(small_model(4).get_weights() == small_model(4).get_weights());
  CHECK_FALSE(small_model(4).get_weights() == small_model(5).get_weights());
  Sequential model = small_model();
  model.fit(x, y, {.verbose = 0});
  CHECK(has(text_of<ArgumentError>([&] { model.set_seed(3); }), "before training"));
}

TEST_CASE("x and y of any dtype: doubles, bytes, labels as floats or [n, 1]") {
  Sequential reference = small_model();
  reference.fit(x, y, {.verbose = 0});
  for (const auto& [a, b] : {std::pair(x.cast(DType::float64), y), std::pair(x, y.cast(DType::float32)), std::pair(x, y.cast(DType::uint8)), std::pair(x, y.reshaped({50, 1})), std::pair(x, y.cast(DType::int32))}) {
    Sequential model = small_model();
    model.fit(a, b, {.verbose = 0});
    CHECK(model.get_weights() == reference.get_weights());
  }
}

TEST_CASE("verbose 0 prints nothing, 2 prints a line for each epoch") {
  Sequential model = small_model();
  CHECK(printed([&] { model.fit(x, y, {.epochs = 2, .verbose = 0}); }) == "");
  const std::string two = printed([&] { model.fit(x, y, {.epochs = 2, .verbose = 2}); });
  CHECK(has(two, "Epoch 2/2\n2/2 - "));
  CHECK(has(two, "accuracy: "));
  CHECK_FALSE(has(two, "\x1b"));
}

TEST_CASE("a layer of one unit behind a wide one trains: its kernel is a row and a column at once") {
  const Tensor wide = some_x(50, 64), target = some_x(50, 1, 2);
  Sequential model{Input{64}, Dense{1}};
  model.compile({.optimizer = "adam", .loss = "mse"});
  const History history = model.fit(wide, target, {.epochs = 5, .verbose = 0});
  CHECK(loss_of(history) < history.history["loss"].front());
}
