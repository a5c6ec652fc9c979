// Models with several inputs and outputs through every door: a tensor, a list, a map by name; what does not fit is named.
#include <doctest/doctest.h>

#include "cornu/train/model_state.h"
#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

const Tensor a = some_x(20, 4, 1), b = some_x(20, 3, 2), kind = some_y(a), size = some_x(20, 2, 3);

Model two(uint64_t seed = 3) {
  Symbol in_a = input({4}, {.name = "a"}), in_b = input({3}, {.name = "b"});
  Symbol h = Layer(Dense{5, "tanh"})(Layer(Concatenate{})({in_a, in_b}));
  Model model{{in_a, in_b}, {Layer(Dense{3, "softmax"}, {.name = "kind"})(h), Layer(Dense{2}, {.name = "size"})(h)}};
  model.set_seed(seed);
  return model;
}
CompileConfig config() { return {.optimizer = SGD{.learning_rate = 0.1}, .loss = {"sparse_categorical_crossentropy", "mse"}, .metrics = {{"kind", {"accuracy"}}}}; }
Model compiled() {
  Model model = two();
  model.compile(config());
  return model;
}
FitOptions quiet(int epochs = 2) { return {.batch_size = 8, .epochs = epochs, .verbose = 0}; }

}  // namespace

TEST_CASE("lists and maps by name are the same data, in fit, evaluate, predict and on a batch") {
  Model listed = compiled(), named = compiled();
  const History h = listed.fit({a, b}, {kind, size}, quiet());
  const History by_name = named.fit({{"b", b}, {"a", a}}, {{"size", size}, {"kind", kind}}, quiet());
  CHECK(h.history == by_name.history);
  CHECK(text(h.history.keys()) == "[kind_accuracy, kind_loss, loss, size_loss]");
  CHECK(listed.get_weights() == named.get_weights());
  const Logs scores = listed.evaluate({a, b}, {kind, size}, {.verbose = 0});
  CHECK(scores == named.evaluate({{"a", a}, {"b", b}}, {{"kind", kind}, {"size", size}}, {.verbose = 0}));
  CHECK(scores.names() == "loss, kind_loss, size_loss, kind_accuracy");
  CHECK(listed.test_on_batch({a, b}, {kind, size}).at("loss") == doctest::Approx(scores.at("loss")).epsilon(1e-6));
  const std::vector<Tensor> all = listed.predict_all({a, b}, {.verbose = 0});
  REQUIRE(all.size() == 2);
  CHECK(all[0].shape() == Shape{20, 3});
  CHECK(all[1].shape() == Shape{20, 2});
  CHECK(difference(named.predict_all_on_batch({{"a", a}, {"b", b}})[1], all[1]) < 1e-6);
  CHECK(listed.train_on_batch({a, b}, {kind, size}) == named.train_on_batch({{"a", a}, {"b", b}}, {{"kind", kind}, {"size", size}}));
}

TEST_CASE("several inputs and one output: predict returns the tensor") {
  Symbol in_a = input({4}, {.name = "a"}), in_b = input({3}, {.name = "b"});
  Model model{{in_a, in_b}, Layer(Dense{1})(Layer(Concatenate{})({in_a, in_b}))};
  CHECK(model.predict({a, b}, {.verbose = 0}).shape() == Shape{20, 1});
  CHECK(model.predict_on_batch({a, b}) == model.predict({{"a", a}, {"b", b}}, {.verbose = 0}));
}

TEST_CASE("several inputs are shuffled, split and validated row by row together") {
  Model model = compiled();
  FitOptions o = quiet(3);
  o.validation_split = 0.25;
  o.sample_weight = Tensor(Shape{20}, std::vector<float>(20, 1.0f));
  const History h = model.fit({a, b}, {kind, size}, o);
  CHECK(h.history["val_size_loss"].size() == 3);
  Model again = compiled();
  FitOptions given = quiet(3);
  given.validation_data = ValidationData({a.rows(15, 20), b.rows(15, 20)}, {kind.rows(15, 20), size.rows(15, 20)});
  CHECK(again.fit({a.rows(0, 15), b.rows(0, 15)}, {kind.rows(0, 15), size.rows(0, 15)}, given).history == h.history);
}

TEST_CASE("a generator of several inputs and outputs trains as the tensors do") {
  Model whole = compiled(), generated = compiled();
  FitOptions o = quiet();
  o.shuffle = false;
  whole.fit({a, b}, {kind, size}, o);
  int64_t at = 0;
  const Generator batches = [&]() -> std::optional<Samples> {
    if (at == 20) return at = 0, std::nullopt;
    const int64_t end = std::min<int64_t>(at + 8, 20);
    Samples s{{a.rows(at, end), b.rows(at, end)}, {kind.rows(at, end), size.rows(at, end)}};
    at = end;
    return s;
  };
  generated.fit(Source(batches), quiet());
  CHECK(generated.get_weights() == whole.get_weights());
  CHECK(generated.evaluate(Source(batches), {.verbose = 0}).at("size_loss") == doctest::Approx(whole.evaluate({a, b}, {kind, size}, {.batch_size = 8, .verbose = 0}).at("size_loss")));
}

TEST_CASE("an output without a loss needs no labels, and is left alone by training") {
  Model model = two();
  model.compile({.optimizer = "adam", .loss = {{"kind", "sparse_categorical_crossentropy"}}, .metrics = {{"kind", {"accuracy"}}}});
  const auto size_weights = model.get_layer("size").get_weights();
  const History h = model.fit({a, b}, kind, quiet());
  CHECK(text(h.history.keys()) == "[kind_accuracy, loss]");
  CHECK(model.get_layer("size").get_weights() == size_weights);
  Model with_all = two();
  with_all.compile({.optimizer = "adam", .loss = {{"kind", "sparse_categorical_crossentropy"}}, .metrics = {{"kind", {"accuracy"}}}});
  CHECK(with_all.fit({a, b}, {{"kind", kind}, {"size", size}}, quiet()).history == h.history);
}

TEST_CASE("sample weights by output: those left out weigh one") {
  Tensor w(DType::float32, {20});
  for (int i = 0; i < 20; ++i) w.mutable_values<float>()[static_cast<size_t>(i)] = static_cast<float>(i % 3);
  const Tensor ones(Shape{20}, std::vector<float>(20, 1.0f));
  Model model = compiled();
  const Logs by_name = model.test_on_batch({a, b}, {kind, size}, {{"size", w}});
  CHECK(by_name == model.test_on_batch({a, b}, {kind, size}, {ones, w}));
  CHECK(by_name.at("kind_loss") == model.test_on_batch({a, b}, {kind, size}).at("kind_loss"));
  CHECK(by_name.at("size_loss") != model.test_on_batch({a, b}, {kind, size}).at("size_loss"));
}

TEST_CASE("a compiled model of several outputs is saved and loaded with its losses, weights and metrics") {
  TestFolder folder;
  const std::string path = folder.path / "two.keras";
  Model model = two();
  CompileConfig c = config();
  c.loss_weights = {{"kind", 2.0}, {"size", 0.5}};
  c.weighted_metrics = std::vector<std::vector<Metric>>{{"accuracy"}, {"mae", "mse"}};
  model.compile(c);
  model.fit({a, b}, {kind, size}, quiet());
  model.save(path);
  Model loaded = load_model(path);
  CHECK(loaded.evaluate({a, b}, {kind, size}, {.verbose = 0}) == model.evaluate({a, b}, {kind, size}, {.verbose = 0}));
  CHECK(loaded.fit({a, b}, {kind, size}, quiet()).history == model.fit({a, b}, {kind, size}, quiet()).history);
}

TEST_CASE("tensors that do not fit the model's inputs and outputs: the error names which, what was given and what is wanted") {
  Model model = compiled();
  const auto fit_error = [&](const TensorGroup& x, const TensorGroup& y, FitOptions o = quiet()) { return text_of<ArgumentError>([&] { model.fit(x, y, o); }); };
  CHECK(has(fit_error(a, {kind, size}), "x holds 1 tensor, and the model has 2 inputs [a, b]; give one for each"));
  CHECK(has(fit_error({a, b}, {kind, size, size}), "y holds 3 tensors, and the model has 2 outputs [kind, size]"));
  CHECK(has(fit_error({{"a", a}, {"bb", b}}, {kind, size}), "x names 'bb', which is no input of the model (did you mean 'b'?); it has: [a, b]"));
  CHECK(has(fit_error({{"a", a}}, {kind, size}), "x lacks 'b'"));
  CHECK(has(fit_error({a, b}, {{"kind", kind}}), "y lacks 'size', an output with a loss"));
  CHECK(has(fit_error({a, a}, {kind, size}), "x['b'] has shape [20, 4], and the model's input 'b' takes [?, 3]"));
  CHECK(has(fit_error({a, b.rows(0, 19)}, {kind, size}), "x['a'] has 20 samples but x['b'] has 19"));
  CHECK(has(fit_error({a, b}, {kind, size.rows(0, 19)}), "y[1] has 19"));
  CHECK(has(fit_error({a, b}, {kind, a}), "output 'size'"));
  Tensor bad = copy_of(b);
  bad.mutable_values<float>()[4] = std::numeric_limits<float>::quiet_NaN();
  CHECK(has(fit_error({a, bad}, {kind, size}), "x['b'] holds nan"));
  FitOptions o = quiet();
  o.class_weight = {{0, 2.0}};
  CHECK(has(fit_error({a, b}, {kind, size}, o), "class_weight is for models with one output"));
  o = quiet();
  o.sample_weight = {{"sizes", kind}};
  CHECK(has(fit_error({a, b}, {kind, size}, o), "sample_weight names 'sizes', which is no output of the model (did you mean 'size'?)"));
  o.sample_weight = Tensor(DType::float32, {7});
  CHECK(has(fit_error({a, b}, {kind, size}, o), "sample_weight has 7 numbers for 20 samples"));
  CHECK(has(text_of<ArgumentError>([&] { model.predict({a, b}); }), "predict returns one tensor, and the model 'functional' has the outputs [kind, size]; call predict_all"));
}

TEST_CASE("compile says which of its options does not fit the outputs") {
  const auto compile_error = [](CompileConfig c) { return text_of<ArgumentError>([&] { two().compile(std::move(c)); }); };
  CHECK(has(compile_error({.loss = {"mse", "mse", "mse"}}), "loss has 3 entries, and the model has 2 outputs [kind, size]"));
  CHECK(has(text_of<UnsupportedError>([] { Sequential{Input{8}, Layer(Dense{2}, {.name = "out"})}.compile({.loss = {"mse", "mae"}}); }),
            "loss has 2 entries for the only output, 'out': several losses of one output are not supported (Keras 3.15 takes them and trains on the first alone); add them up in one function"));
  CHECK(has(compile_error({.loss = {{"kinds", "mse"}}}), "loss names 'kinds', which is no output of the model (did you mean 'kind'?); it has: [kind, size]"));
  CHECK(has(compile_error({.loss = "mse", .loss_weights = {1.0, 2.0, 3.0}}), "loss_weights has 3 entries"));
  CHECK(has(compile_error({.loss = "mse", .metrics = {"mae"}}), "metrics has 1 entry, and the model has 2 outputs [kind, size]"));
  CHECK(has(compile_error({.loss = "mse", .weighted_metrics = {{"x", {"mae"}}}}), "weighted_metrics names 'x'"));
}

TEST_CASE("the names of logs are Keras's: numbered, and weighted where a name is taken") {
  const auto names = [](const CompileConfig& c, const std::vector<std::string>& outputs) {
    std::string all;
    const Objectives o = objectives_of(c, outputs);
    for (const Objective& l : o.losses) all += l.log + " ";
    for (const TrackedMetric& m : o.metrics) all += m.log + " ";
    return all;
  };
  CHECK(names({.loss = "mse", .metrics = {"mae", "mae"}, .weighted_metrics = {"mae", "mse"}}, {"out"}) == " mae mae_1 weighted_mae mse ");
  CHECK(names({.loss = {"mse", "mae"}, .metrics = {"acc", "mae"}, .weighted_metrics = {"acc", "mse"}}, {"a", "b"}) == "a_loss b_loss a_acc b_mae a_weighted_acc b_mse ");
}
