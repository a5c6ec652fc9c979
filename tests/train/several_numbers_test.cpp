// Metrics that give a number for each class, threshold or output, through compile, fit and evaluate: a name in the logs for each.
#include <doctest/doctest.h>

#include "cornu/train/training_step.h"
#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

const Tensor x = some_x(60);

/// One-hot rows of a class that x decides.
Tensor one_hot(const Tensor& labels, int64_t classes = 3) {
  Tensor t(DType::float32, {labels.size(), classes});
  for (int64_t i = 0; i < labels.size(); ++i) t.mutable_values<float>()[static_cast<size_t>(i * classes + static_cast<int64_t>(labels.at(i)))] = 1;
  return t;
}
const Tensor y = one_hot(some_y(x));

Sequential classifier(OutputMetrics metrics, int threads = 0) {
  Sequential model{Input{8}, Dense{6, "tanh"}, Dense{3, "softmax"}};
  model.compile({.optimizer = Adam{.learning_rate = 0.01}, .loss = "categorical_crossentropy", .metrics = std::move(metrics), .threads = threads});
  return model;
}

/// F1 of one class: 2 tp / (2 tp + fp + fn), of what is predicted most.
double f1_of(const Tensor& predictions, int64_t of) {
  double tp = 0, wrong = 0;
  for (int64_t i = 0; i < predictions.shape()[0]; ++i) {
    int64_t best = 0;
    for (int64_t c = 1; c < 3; ++c)
      if (predictions.at(i * 3 + c) > predictions.at(i * 3 + best)) best = c;
    const bool said = best == of, is = y.at(i * 3 + of) == 1;
    tp += said && is, wrong += said != is;
  }
  return tp == 0 ? 0 : 2 * tp / (2 * tp + wrong);
}

}  // namespace

TEST_CASE("F1Score as Keras has it, of every class: f1_score_0, f1_score_1, ... in history, logs and evaluate") {
  Sequential model = classifier({F1Score{}, "accuracy", F1Score{.average = "macro", .name = "f1_macro"}});
  const History history = model.fit(x, y, {.epochs = 3, .verbose = 0, .validation_split = 0.25});
  CHECK(text(history.history.keys()) == "[accuracy, f1_macro, f1_score_0, f1_score_1, f1_score_2, loss, val_accuracy, val_f1_macro, val_f1_score_0, val_f1_score_1, val_f1_score_2, val_loss]");
  const Logs scores = model.evaluate(x, y, {.verbose = 0});
  CHECK(scores.names() == "loss, f1_score_0, f1_score_1, f1_score_2, accuracy, f1_macro");
  const Tensor predictions = model.predict(x, {.verbose = 0});
  double mean = 0;
  for (int64_t c = 0; c < 3; ++c) {
    CHECK(scores.at(text("f1_score_", c)) == doctest::Approx(f1_of(predictions, c)).epsilon(1e-5));
    mean += scores.at(text("f1_score_", c)) / 3;
  }
  CHECK(scores.at("f1_macro") == doctest::Approx(mean).epsilon(1e-6));
}

TEST_CASE("one of several numbers may be watched: callbacks know which way is better") {
  Sequential model = classifier({F1Score{}});
  const Callback stopping = EarlyStopping{.monitor = "val_f1_score_1", .patience = 1};
  model.set_learning_rate(0);  // no epoch is better than the first
  const History history = model.fit(x, y, {.epochs = 9, .verbose = 0, .callbacks = {stopping}, .validation_split = 0.25});
  CHECK(history.history["loss"].size() == 2);
}

TEST_CASE("thresholds and outputs have names too, of several outputs after the output's") {
  Symbol in = input({8});
  Model model{in, {Layer(Dense{1, "sigmoid"}, {.name = "yes"})(in), Layer(Dense{2}, {.name = "size"})(in)}};
  model.compile({.loss = {"binary_crossentropy", "mse"}, .metrics = {{"yes", {Recall{.thresholds = {0.25, 0.75}}}}, {"size", {R2Score{.class_aggregation = std::nullopt}, "mae"}}}});
  const Tensor yes = y.rows(0, 60).cast(DType::float32), sizes = some_x(60, 2, 7);
  Tensor first(DType::float32, {60, 1});
  for (int64_t i = 0; i < 60; ++i) first.mutable_values<float>()[static_cast<size_t>(i)] = static_cast<float>(yes.at(3 * i));
  const Logs scores = model.evaluate(x, {first, sizes}, {.verbose = 0});
  CHECK(scores.names() == "loss, yes_loss, size_loss, size_mae, size_r2_score_0, size_r2_score_1, yes_recall_0, yes_recall_1");
  CHECK(scores.at("yes_recall_0") >= scores.at("yes_recall_1"));
}

TEST_CASE("a file keeps a metric of every class") {
  TestFolder folder;
  Sequential model = classifier({F1Score{}, Precision{.thresholds = {0.3, 0.6}}});
  model.fit(x, y, {.verbose = 0});
  model.save(folder.path / "m.keras");
  CHECK(load_model(folder.path / "m.keras").evaluate(x, y, {.verbose = 0}) == model.evaluate(x, y, {.verbose = 0}));
}

TEST_CASE("a step of one's own reports every number") {
  Sequential model = classifier({});
  TrainingStep step([&](StepScope& s, const std::vector<Value>& batch) {
    const Value p = s.call(model, batch[0]);
    s.track(F1Score{}, batch[1], p);
    return std::vector{mean(p)};
  });
  step({x, y});
  CHECK(step.metrics().names() == "f1_score_0, f1_score_1, f1_score_2");
  CHECK(step.metrics().at("f1_score_2") == doctest::Approx(f1_of(model.predict_on_batch(x), 2)).epsilon(1e-5));
}

TEST_CASE("two metrics that would have one name are told so by compile") {
  CHECK(has(text_of<ArgumentError>([] { classifier({F1Score{}, F1Score{.average = "macro"}}); }), "a metric is called f1_score_1, which is a number of f1_score too"));
}

TEST_CASE("every metric gives the same bits on one, two and three threads") {
  const Tensor many = some_x(3000, 8, 4), classes = some_y(many), labels = one_hot(classes), weight = some_x(3000, 1, 5);
  Tensor positive(DType::float32, {3000});
  for (int64_t i = 0; i < 3000; ++i) positive.mutable_values<float>()[static_cast<size_t>(i)] = static_cast<float>(std::abs(weight.at(i)));
  const OutputMetrics metrics = {"accuracy", "mae", "mse", "msle", "cosine_similarity", "top_k_categorical_accuracy", "kullback_leibler_divergence", "poisson", "logcosh", F1Score{}, FBetaScore{.average = "weighted", .beta = 2},
                                 R2Score{.class_aggregation = std::nullopt}, AUC{}, AUC{.name = "auc_of_labels", .multi_label = true, .num_labels = 3}, Precision{.thresholds = {0.2, 0.5}}, Recall{.top_k = 2}, "TruePositives",
                                 PrecisionAtRecall{.recall = 0.5}, SensitivityAtSpecificity{.specificity = 0.5}, OneHotMeanIoU{.num_classes = 3}, "RootMeanSquaredError", "PearsonCorrelation"};
  std::vector<Logs> all;
  for (const int threads : {1, 2, 3}) {
    Sequential model{Input{8}, Dense{512, "tanh"}, Dense{512, "tanh"}, Dense{3, "softmax"}};
    model.compile({.loss = "categorical_crossentropy", .metrics = metrics, .weighted_metrics = metrics, .threads = threads});
    all.push_back(model.evaluate(many, labels, {.batch_size = 1000, .verbose = 0, .sample_weight = positive}));
  }
  CHECK(all[0].size() > 50);
  for (const auto& [name, value] : all[0]) CHECK_MESSAGE(value == value, name);  // none of them is nan
  CHECK(all[0] == all[1]);
  CHECK(all[0] == all[2]);
}
