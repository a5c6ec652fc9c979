// What losses say to shapes and options that do not fit, and what they make of odd batches.
#include <doctest/doctest.h>

#include "cornu/losses/losses.h"
#include "tests/harness.h"
#include "tests/messages.h"

using namespace cornu;
using namespace cornu::testing;

namespace {
/// What tracing the loss on labels and predictions of these shapes says.
std::string on(const Loss& loss, Shape y_true, Shape y_pred) {
  return error_of([&] {
    Graph g;
    loss.total(g.input("y", {DType::float32, y_true}), g.input("p", {DType::float32, y_pred}));
  });
}
double value_of(const Loss& loss, const Tensor& y_true, const Tensor& y_pred) {
  return run({y_true, y_pred}, [&](const std::vector<Value>& in) { return std::vector<Value>{loss.total(in[0], in[1])}; })[0].at(0);
}
Tensor gradient_of(const Loss& loss, const Tensor& y_true, const Tensor& y_pred) {
  return run({y_true, y_pred}, [&](const std::vector<Value>& in) { return gradients(loss.total(in[0], in[1]), {in[1]}); })[0];
}
}  // namespace

TEST_CASE("a loss names itself, what it was given and what it wants") {
  for (const char* name : {"mse", "mae", "mape", "msle", "huber", "log_cosh", "cosine_similarity", "binary_crossentropy", "kl_divergence", "poisson", "hinge", "squared_hinge",
                           "categorical_hinge", "binary_focal_crossentropy", "dice", "tversky"}) {
    CAPTURE(name);
    const std::string said = on(name, {4, 3}, {4, 2});
    CHECK(has(said, "wants labels of the shape of the predictions, and was given labels [4, 3] for predictions [4, 2]"));
  }
  CHECK(has(on("categorical_crossentropy", {4}, {4, 3}), "use sparse_categorical_crossentropy for integer labels"));
  CHECK(has(on("categorical_focal_crossentropy", {4}, {4, 3}), "categorical_focal_crossentropy wants one-hot labels of the shape of the predictions, [4, 3]"));
  CHECK(has(on("sparse_categorical_crossentropy", {4, 3}, {4, 3}), "wants integer labels of shape [4] or [4, 1]"));
  CHECK(has(on("categorical_generalized_cross_entropy", {3}, {4, 3}), "categorical_generalized_cross_entropy wants integer labels of shape [4]"));
  CHECK(has(on("circle", {4}, {4}), "circle wants embeddings of shape [batch, size], and was given [4]"));
  CHECK(has(on("circle", {3}, {4, 2}), "circle wants one integer label for each of 4 embeddings"));
  CHECK(has(on("ctc", {4, 2}, {4, 3}), "ctc wants logits of shape [batch, steps, classes], and was given [4, 3]"));
  CHECK(has(on("ctc", {4}, {4, 5, 3}), "ctc wants integer labels of shape [4, longest]"));
}

TEST_CASE("options that cannot be are refused when the loss is made") {
  CHECK(has(error_of([] { Loss(MeanSquaredError{.reduction = "summ"}); }), "mean_squared_error: unknown reduction 'summ' (did you mean 'sum'?)"));
  CHECK(has(error_of([] { Loss(CategoricalGeneralizedCrossEntropy{.q = 1}); }), "q must be inside (0, 1), and was 1"));
  CHECK(has(on(Dice{.axis = 2}, {4, 3}, {4, 3}), "dice: axis 2 is none of values of shape [4, 3]"));
  CHECK(has(on(CategoricalCrossentropy{.axis = 3}, {4, 3}, {4, 3}), "categorical_crossentropy: axis 3 is none of"));
  CHECK(has(on(SparseCategoricalCrossentropy{.axis = 1}, {4, 3}, {4, 5, 3}), "the classes can only be on the last axis, and axis was 1"));
  CHECK(has(on(MeanSquaredError{.reduction = "none"}, {4, 3}, {4, 3}), "the reduction 'none' leaves many numbers"));
  CHECK(has(error_of([] { Loss("tverski"); }), "did you mean 'tversky'"));
}

TEST_CASE("no reduction may be null in a file, and axes one number or a list") {
  Loss loss;
  from_config(keras_object("keras.losses", "Dice", Config(Config::Dict{{"reduction", nullptr}, {"axis", 1}})), loss);
  CHECK(loss.reduction() == "none");
  CHECK(to_config(loss)["config"]["axis"] == Config(1));
  from_config(keras_object("keras.losses", "Tversky", Config(Config::Dict{{"axis", Config(Config::List{1, 2})}})), loss);
  CHECK(to_config(loss)["config"]["axis"] == Config(Config::List{1, 2}));
}

TEST_CASE("a loss of one's own has a reduction, a mask and options too") {
  struct Distance {
    double power = 1;
    std::string reduction = "sum";
    Value operator()(Value y_true, Value y_pred) const { return power_of(absolute(y_true - y_pred)); }
    Value power_of(Value x) const { return power == 2 ? x * x : x; }
    Value mask(Value y_true, Value, Value) const { return not_equal(y_true, scalar(y_true, 0)); }
  };
  const Tensor y{0, 1, 2}, p{5, 3, 3};
  CHECK(value_of(Distance{}, y, p) == 3);
  CHECK(value_of(Distance{.power = 2}, y, p) == 5);
  CHECK(value_of(Distance{.reduction = "sum_over_batch_size"}, y, p) == doctest::Approx(1.5));  // of the two that count
  CHECK(has(error_of([] { to_config(Loss(Distance{})); }), "cannot be saved"));
}

TEST_CASE("a batch in which nothing counts has a loss of zero, and no gradient") {
  const Tensor none(Shape{2}, std::vector<int64_t>{7, 7}), logits{{1, 2}, {3, 4}};
  for (const char* how : {"sum_over_batch_size", "sum", "mean_with_sample_weight"}) {
    const SparseCategoricalCrossentropy loss{.from_logits = true, .ignore_class = 7, .reduction = how};
    CHECK(value_of(loss, none, logits) == 0);
    CHECK(gradient_of(loss, none, logits) == Tensor(DType::float32, {2, 2}));
  }
  // Circle: no two samples of one class.
  const Tensor classes(Shape{2}, std::vector<int64_t>{0, 1}), embeddings{{1, 0}, {0, 1}};
  CHECK(value_of(Circle{}, classes, embeddings) == 0);
  CHECK(gradient_of(Circle{}, classes, embeddings) == Tensor(DType::float32, {2, 2}));
}

TEST_CASE("labels that too few steps can spell cost 707 and have no gradient; the others train on") {
  const Tensor labels(Shape{2, 2}, std::vector<int64_t>{1, 1, 1, 2});
  const Tensor logits(Shape{2, 2, 3}, std::vector<float>(12, 0));
  const Tensor values = run({labels, logits}, [](const std::vector<Value>& in) { return std::vector<Value>{CTC{}(in[0], in[1])}; })[0];
  CHECK(values.at(0) == doctest::Approx(706.8936));
  CHECK(values.at(1) == doctest::Approx(2 * std::log(3)));
  const Tensor gradient = gradient_of(CTC{}, labels, logits);
  for (int64_t i = 0; i < 6; ++i) CHECK(gradient.at(i) == 0);
  CHECK(gradient.at(7) < 0);
}

TEST_CASE("one sample, and long sequences, are batches too") {
  CHECK(value_of("mse", Tensor{{1, 2}}, Tensor{{1, 4}}) == 2);
  CHECK(value_of("mse", Tensor{1}, Tensor(Shape{1, 1}, std::vector<float>{3})) == 4);
  const int64_t steps = 500;  // e^-550: far below the smallest float
  const double long_one = value_of("ctc", Tensor(Shape{1, 1}, std::vector<int64_t>{1}), Tensor(Shape{1, steps, 3}, std::vector<float>(static_cast<size_t>(steps * 3), 0)));
  CHECK(long_one == doctest::Approx(steps * std::log(3.0) - std::log(steps * (steps + 1) / 2.0)).epsilon(1e-5));
}

TEST_CASE("predictions in bfloat16 are judged in float32, and from their logits where there are some") {
  const Tensor p = Tensor{{1, 2}}.cast(DType::bfloat16);
  const Tensor mse = run({Tensor{{1.001f, 2}}, p}, [](const std::vector<Value>& in) { return std::vector<Value>{Loss("mse").total(in[0], in[1])}; })[0];
  CHECK(mse.dtype() == DType::float32);
  CHECK(mse.at(0) == doctest::Approx(0.001 * 0.001 / 2).epsilon(1e-3));
  const Tensor label(Shape{1}, std::vector<int64_t>{0}), logits = Tensor{{-100, 100}}.cast(DType::bfloat16);
  const Tensor far = run({label, logits}, [](const std::vector<Value>& in) { return std::vector<Value>{SparseCategoricalCrossentropy{}(in[0], cast(softmax(in[1]), DType::float32))}; })[0];
  CHECK(far.at(0) == 200);
}

TEST_CASE("a loss chosen by a name that Keras does not know is written as an object, which Keras reads") {
  for (const char* name : {"logcosh", "kullback_leibler_divergence", "categorical_generalized_cross_entropy", "CategoricalGeneralizedCrossEntropy"}) {
    const Config written = to_config(Loss(name));
    REQUIRE(written.is_dict());
    CHECK(written["module"] == Config("keras.losses"));
    CHECK(written["class_name"] == Config(Loss(name).class_name()));
    Loss again;
    from_config(written, again);
    CHECK(again.class_name() == Loss(name).class_name());
  }
  CHECK(to_config(Loss("mse")) == Config("mse"));
}
