// What metrics say to shapes and options that do not fit; what files and logs hold of them.
#include <doctest/doctest.h>

#include "cornu/metrics/metrics.h"
#include "tests/harness.h"
#include "tests/messages.h"

using namespace cornu;
using namespace cornu::testing;

namespace {
std::string on(const Metric& metric, Shape y_true, Shape y_pred) {
  return error_of([&] {
    Graph g;
    std::vector<Value> states;
    for (const MetricState& s : metric.states(y_pred)) states.push_back(g.input(s.name, {s.initial.dtype(), s.initial.shape()}));
    metric.update(states, g.input("y", {DType::float32, y_true}), g.input("p", {DType::float32, y_pred}));
  });
}
template <class T> T read(const Config& c) {
  T t{};
  from_config(c, t);
  return t;
}
}  // namespace

TEST_CASE("a metric names itself, what it was given and what it wants") {
  for (const Metric& m : {Metric("AUC"), Metric("precision"), Metric("recall"), Metric("true_positives"), Metric("mse"), Metric("RootMeanSquaredError"), Metric("binary_accuracy"),
                          Metric(PrecisionAtRecall{.recall = 0.5}), Metric("pearson_correlation"), Metric("cosine_similarity")}) {
    CAPTURE(m.name());
    CHECK(has(on(m, {4, 3}, {4, 2}), "wants labels of the shape of the predictions, and was given labels [4, 3] for predictions [4, 2]"));
  }
  CHECK(has(on("top_k_categorical_accuracy", {4}, {4, 3}), "top_k_categorical_accuracy wants one-hot labels of the shape of the predictions, [4, 3], and was given [4]; use sparse_top_k"));
  CHECK(has(on(F1Score{.average = "macro"}, {4}, {4, 3}), "f1_score wants labels and predictions of shape [batch, classes], and was given [4] and [4, 3]"));
  CHECK(has(on(MeanIoU{.num_classes = 3}, {4}, {5}), "mean_io_u wants a class for each of the 5 predictions"));
  CHECK(has(on(Precision{.class_id = 3}, {4, 3}, {4, 3}), "precision: class_id is 3, and predictions of shape [4, 3] have 3 classes"));
  CHECK(has(on(Precision{.top_k = 4}, {4, 3}, {4, 3}), "precision: top_k must be in [1, 3], the number of classes, and was 4"));
  CHECK(has(on(AUC{.multi_label = true, .num_labels = 2}, {4, 3}, {4, 3}), "auc counts 2 labels, and was given predictions of shape [4, 3]"));
  CHECK(has(on(AUC{.label_weights = {1, 2}}, {4, 3}, {4, 3}), "auc: there are 2 label_weights for predictions of shape [4, 3]"));
  CHECK(has(on(Mean{}, {4}, {4}), "the metric mean takes values, not labels and predictions"));
}

TEST_CASE("options that cannot be are refused when the metric is made") {
  CHECK(has(error_of([] { Metric(Precision{.thresholds = 1.5}); }), "precision: thresholds must be in [0, 1], and one was 1.5"));
  CHECK(has(error_of([] { Metric("PrecisionAtRecall"); }), "precision_at_recall wants a recall in [0, 1]"));
  CHECK(has(error_of([] { Metric("IoU"); }), "io_u wants num_classes"));
  CHECK(has(error_of([] { Metric(IoU{.num_classes = 2, .target_class_ids = {2}}); }), "io_u: target class 2 is outside [0, 2)"));
  CHECK(has(error_of([] { Metric(AUC{.curve = "RCO"}); }), "auc: curve is 'RCO'; it can be ROC, PR or PRGAIN"));
  CHECK(has(error_of([] { Metric(AUC{.summation_method = "minorin"}); }), "did you mean 'minoring'"));
  CHECK(has(error_of([] { Metric(F1Score{.average = "mean"}); }), "f1_score: average is 'mean'; it can be micro, macro or weighted, or none"));
  CHECK(has(error_of([] { Metric(R2Score{.class_aggregation = "mean"}); }), "r2_score: class_aggregation is 'mean'"));
  CHECK(has(error_of([] { Metric("presicion"); }), "did you mean 'precision'"));
}

TEST_CASE("a metric that gives several numbers gives them all; asked for one, it says what they are") {
  const std::vector<Tensor> states = {Tensor{0, 3, 1}, Tensor{0, 1, 1}};  // above 0.25 and above 0.5
  const Metric precision = Precision{.thresholds = {0.5, 0.25}};
  CHECK(precision.results(states) == Tensor{0.5, 4.0f / 6});
  CHECK(precision.gives_several());
  CHECK(has(error_of([&] { precision.result(states); }), "the metric precision gives several numbers (one for each threshold); call results()"));
  CHECK(has(error_of([] { Metric(F1Score{}).result({}); }), "the metric f1_score gives several numbers (one for each class, unless average is"));
  CHECK(has(error_of([] { Metric(R2Score{.class_aggregation = std::nullopt}).result({}); }), "the metric r2_score gives several numbers (one for each output, unless class_aggregation"));
  for (const Metric& m : {Metric("accuracy"), Metric(F1Score{.average = "macro"}), Metric(Recall{.thresholds = 0.25}), Metric(R2Score{}), Metric()}) CHECK_FALSE(m.gives_several());
}

TEST_CASE("names in logs are told apart, also from the numbers of a metric that gives several") {
  CHECK(unique_names({F1Score{}, "accuracy", F1Score{}, F1Score{.average = "macro", .name = "f1_macro"}}) == std::vector<std::string>{"f1_score", "accuracy", "f1_score_1", "f1_macro"});
  CHECK(has(error_of([] { unique_names({F1Score{}, F1Score{.average = "macro"}}); }),
            "a metric is called f1_score_1, which is a number of f1_score too: that one gives several, f1_score_0, f1_score_1, ...; give one of the two another name"));
  CHECK(unique_names({F1Score{.average = "macro"}, F1Score{}}) == std::vector<std::string>{"f1_score", "f1_score_1"});  // f1_score_1_0, f1_score_1_1, ...
}

TEST_CASE("a metric that counts for each class has no states without a shape") {
  CHECK_THROWS_AS(Metric(F1Score{.average = "macro"}).states(), UnsupportedError);
  CHECK(Metric(F1Score{.average = "macro"}).states({Shape::unknown, 7})[0].initial.shape() == Shape{7});
  CHECK(Metric(F1Score{.average = "micro"}).states()[0].initial.shape() == Shape{});
  CHECK(Metric(AUC{}).states()[0].initial.shape() == Shape{201});
}

TEST_CASE("a loss is a metric: by its own name as Keras's, or as the mean of the loss") {
  CHECK(to_config(Metric(MeanSquaredError{.reduction = "sum"})) ==
        keras_object("keras.metrics", "MeanSquaredError", Config(Config::Dict{{"name", "mean_squared_error"}, {"dtype", "float32"}})));
  const Config huber = to_config(Metric(Huber{.delta = 2}));
  CHECK(huber["module"] == Config("keras.losses"));
  CHECK(huber["config"]["delta"] == Config(2.0));
  const auto back = read<Metric>(huber);
  CHECK(back.name() == "huber_loss");
  CHECK(to_config(back) == huber);
  CHECK(back.higher_is_better() == false);
  CHECK(Metric("huber").name() == "huber");
  // The metric and the loss of this name differ in sign, and so in direction.
  CHECK(Metric("cosine_similarity").higher_is_better() == true);
  CHECK(Metric(CosineSimilarity{}).higher_is_better() == false);
  CHECK(to_config(Metric(CosineSimilarity{}))["module"] == Config("keras.losses"));
  CHECK(read<Metric>(to_config(Metric(metrics::CosineSimilarity{}))).as<metrics::CosineSimilarity>());
}

TEST_CASE("the mean of a function is read as the metric of that function") {
  const auto function = [](const char* name) { return Config(Config::Dict{{"module", "builtins"}, {"class_name", "function"}, {"config", name}, {"registered_name", "function"}}); };
  const auto wrapper = [&](const char* name, Config::Dict more) {
    Config::Dict options = {{"name", "mine"}, {"dtype", "float32"}, {"fn", function(name)}};
    options.insert(options.end(), more.begin(), more.end());
    return keras_object("keras.metrics", "MeanMetricWrapper", Config(options));
  };
  const auto top = read<Metric>(wrapper("sparse_top_k_categorical_accuracy", {{"k", 3}}));
  REQUIRE(top.as<SparseTopKCategoricalAccuracy>());
  CHECK(top.as<SparseTopKCategoricalAccuracy>()->k == 3);
  CHECK(top.name() == "mine");
  CHECK(read<Metric>(wrapper("mean_squared_error", {})).as<MeanSquaredError>());
  CHECK(read<Metric>(wrapper("huber", {{"delta", 2.0}})).name() == "mine");
  CHECK(read<Metric>(wrapper("cosine_similarity", {})).higher_is_better() == false);  // among functions, the loss
  CHECK(read<Metric>(function("mean_absolute_error")).name() == "mean_absolute_error");
}

TEST_CASE("a metric of one's own has states, an update and a result") {
  struct Largest {
    std::vector<MetricState> states() const { return {{"largest", Tensor::scalar(-1e30f)}}; }
    std::vector<Value> update(Values states, Value, Value y_pred, std::optional<Value>) const { return {maximum(states[0], max(y_pred))}; }
    double result(std::span<const Tensor> states) const { return states[0].at(0); }
  };
  const Metric metric = Largest{};
  CHECK(metric.name() == "metric");
  const Tensor state = run({metric.states()[0].initial, Tensor{1, 5, 2}}, [&](const std::vector<Value>& v) { return metric.update(Values(v).first(1), v[1], v[1]); })[0];
  CHECK(metric.result(std::vector<Tensor>{state}) == 5);
}
