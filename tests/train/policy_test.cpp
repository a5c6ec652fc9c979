// Dtype policies: weights and arithmetic in double, or products of numbers rounded to bfloat16.
#include <doctest/doctest.h>

#include "cornu/train/model_state.h"
#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

Sequential small(std::string_view policy, const Optimizer& optimizer = Adam{.learning_rate = 0.01}) {
  Sequential model{Input{8}, Dense{16, "tanh"}, Dense{3, "softmax"}};
  model.set_dtype_policy(policy);
  model.compile({.optimizer = optimizer, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}
const Tensor x = some_x(64), y = some_y(x);
FitOptions quiet(int epochs) { return {.batch_size = 16, .epochs = epochs, .verbose = 0}; }

}  // namespace

TEST_CASE("float64: weights, slots and predictions are doubles, and losses are those of float32 but for its rounding") {
  Sequential single = small("float32"), twice = small("float64");
  std::vector<Tensor> weights;
  for (const Tensor& w : single.get_weights()) weights.push_back(w.cast(DType::float64));
  twice.set_weights(weights);
  const History a = single.fit(x, y, quiet(5)), b = twice.fit(x, y, quiet(5));
  for (size_t e = 0; e < 5; ++e) CHECK(a.history["loss"][e] == doctest::Approx(b.history["loss"][e]).epsilon(1e-5));
  for (const Tensor& w : twice.get_weights()) CHECK(w.dtype() == DType::float64);
  CHECK(twice.predict(x, {.verbose = 0}).dtype() == DType::float64);
  CHECK(twice.state().store.get("optimizer/dense/kernel/momentum").dtype() == DType::float64);
  CHECK(twice.dtype_policy() == "float64");
}

TEST_CASE("float64 sees differences that float32 cannot") {
  for (const auto& [policy, seen] : {std::pair{"float32", false}, std::pair{"float64", true}}) {
    Sequential model{Input{1}, Dense{1}};
    model.set_dtype_policy(policy);
    model.set_weights({Tensor({1, 1}, std::vector<double>{1.0}), Tensor({1}, std::vector<double>{1e-12})});
    const Tensor out = model.predict(Tensor({1, 1}, std::vector<double>{1.0}), {.verbose = 0});
    CHECK((out.at(0) != 1.0) == seen);
  }
}

TEST_CASE("mixed_bfloat16: weights stay float32, products are of rounded numbers, and the model learns nearly as well") {
  Sequential plain = small("float32"), mixed = small("mixed_bfloat16");
  CHECK(mixed.get_weights() == plain.get_weights());
  const Tensor a = plain.predict(x, {.verbose = 0}), b = mixed.predict(x, {.verbose = 0});
  CHECK(difference(a, b) > 1e-6);
  CHECK(difference(a, b) < 1e-2);
  const History full = plain.fit(x, y, quiet(20)), rounded = mixed.fit(x, y, quiet(20));
  CHECK(full.history["loss"].back() < 0.7 * full.history["loss"][0]);
  for (size_t e = 0; e < 20; ++e) CHECK(rounded.history["loss"][e] == doctest::Approx(full.history["loss"][e]).epsilon(0.02));
  for (const Tensor& w : mixed.get_weights()) CHECK(w.dtype() == DType::float32);
}

TEST_CASE("mixed_bfloat16: a product is that of the rounded operands, summed in float32") {
  Sequential model{Input{2}, Dense{.units = 1, .use_bias = false}};
  model.set_dtype_policy("mixed_bfloat16");
  const float w = 1.0f + 1.0f / 256, v = 3.0f + 1.0f / 128;  // halfway: ties to even
  model.set_weights({Tensor({2, 1}, std::vector<float>{w, v})});
  const auto round = [](float f) { return static_cast<double>(static_cast<float>(bfloat16(f))); };
  CHECK(model.predict(Tensor({1, 2}, std::vector<float>{1, 1 + 1.0f / 64}), {.verbose = 0}).at(0) == round(w) + round(v) * round(1 + 1.0f / 64));
}

TEST_CASE("a policy is kept in files, as Keras's layers name it") {
  for (const char* policy : {"float64", "mixed_bfloat16"}) {
    CAPTURE(policy);
    TestFolder folder;
    const std::string path = folder.path / "model.keras";
    Sequential model = small(policy);
    model.fit(x, y, quiet(2));
    model.save(path);
    Model loaded = load_model(path);
    CHECK(loaded.dtype_policy() == policy);
    CHECK(loaded.get_weights() == model.get_weights());
    CHECK(loaded.predict(x, {.verbose = 0}) == model.predict(x, {.verbose = 0}));
    CHECK(loaded.fit(x, y, quiet(2)).history == model.fit(x, y, quiet(2)).history);
    CHECK(clone_model(model).dtype_policy() == policy);
    CHECK(has(model.to_json(), "\"DTypePolicy\""));
  }
}

TEST_CASE("a layer may have a policy of its own: float32 in a model of mixed_bfloat16, and the other way round") {
  const float w = 1.0f + 1.0f / 256, v = 3.0f + 1.0f / 128;  // halfway: ties to even
  const Tensor one({1, 2}, std::vector<float>{1, 1 + 1.0f / 64});
  const auto round = [](float f) { return static_cast<double>(static_cast<float>(bfloat16(f))); };
  const double exact = w + v * (1 + 1.0 / 64), rounded = round(w) + round(v) * round(1 + 1.0f / 64);
  REQUIRE(exact != rounded);
  for (const auto& [of_model, of_layer, expected] : {std::tuple{"mixed_bfloat16", "float32", exact}, std::tuple{"float32", "mixed_bfloat16", rounded}, std::tuple{"mixed_bfloat16", "", rounded}}) {
    CAPTURE(of_model);
    CAPTURE(of_layer);
    TestFolder folder;
    Sequential model{Input{2}, Layer(Dense{.units = 1, .use_bias = false}, {.dtype = of_layer})};
    model.set_dtype_policy(of_model);
    model.set_weights({Tensor({2, 1}, std::vector<float>{w, v})});
    CHECK(model.predict(one, {.verbose = 0}).at(0) == expected);
    model.save(folder.path / "model.keras");
    Model loaded = load_model(folder.path / "model.keras");
    CHECK(loaded.predict(one, {.verbose = 0}).at(0) == expected);
    Model clone = clone_model(model);
    clone.set_weights(model.get_weights());
    CHECK(clone.predict(one, {.verbose = 0}).at(0) == expected);
  }
}

TEST_CASE("layers in a layer with a policy have it too, in loops as well") {
  const auto compute = [](const char* of_model, const char* of_layer) {
    Sequential model{Input{2, 4}, Layer(Bidirectional{.layer = LSTM{.units = 3}}, {.dtype = of_layer})};
    model.set_dtype_policy(of_model);
    return model.predict(some_x(5, 8).reshaped({5, 2, 4}), {.verbose = 0});
  };
  CHECK(compute("mixed_bfloat16", "float32") == compute("float32", ""));
  CHECK(compute("float32", "mixed_bfloat16") == compute("mixed_bfloat16", ""));
  CHECK_FALSE(compute("mixed_bfloat16", "") == compute("float32", ""));
}

TEST_CASE("a model in a model keeps the policy that it was given, in files too") {
  const Tensor x = some_x(5);
  const auto outer_of = [&](const char* of_inner) {
    Sequential inner{Input{8}, Dense{16, "tanh"}, Dense{4}};
    inner.set_dtype_policy(of_inner);
    return Sequential{Input{8}, inner, Layer(Dense{3}, {.name = "last"})};
  };
  Sequential plain = outer_of("float32"), all = outer_of("float32"), model = outer_of("mixed_bfloat16");
  all.set_dtype_policy("mixed_bfloat16");
  all.set_weights(plain.get_weights()), model.set_weights(plain.get_weights());
  const Tensor out = model.predict_on_batch(x);
  CHECK(out != all.predict_on_batch(x));       // the outer model's own layer does not round
  CHECK(out != plain.predict_on_batch(x));
  TestFolder folder;
  model.save(folder.path / "model.keras");
  Model loaded = load_model(folder.path / "model.keras");
  CHECK(loaded.predict_on_batch(x) == out);
  CHECK(loaded.get_layer("last").options().dtype == "float32");
  CHECK(has(text_of<UnsupportedError>([&] { outer_of("float64"); }), "a model of the dtype policy float64 is part of one of float32"));
}

TEST_CASE("a file of Keras of mixed_bfloat16 whose last layer is float32 loads, computes and trains nearly as there, and is written as it was") {
  const std::string file = std::string(CORNU_SOURCE_DIR) + "/tests/golden/fixtures/policies/mixed_head.keras";
  const Config e = golden("fixtures/policies/mixed_head.json");
  Model model = load_model(file);
  CHECK(model.dtype_policy() == "mixed_bfloat16");
  CHECK(model.get_layer("head").options().dtype == "float32");
  CHECK(difference(model.predict(tensor(e["x"], DType::float32), {.verbose = 0}), tensor(e["predictions"])) < 0.01);
  const Config::List layers = model.to_config()["config"]["layers"].as_list();
  for (const Config& layer : layers)
    if (layer["class_name"] != Config("InputLayer")) CHECK(layer["config"]["dtype"]["config"]["name"] == Config(layer["config"]["name"] == Config("head") ? "float32" : "mixed_bfloat16"));
  const Config& next = e["next"];
  const int64_t batch = next["batch_size"].as_int();
  const Tensor later = tensor(next["x"], DType::float32), labels = tensor(next["y"], DType::int32);
  for (size_t s = 0; s < next["losses"].as_list().size(); ++s) {
    const int64_t at = static_cast<int64_t>(s) * batch;
    CHECK(model.train_on_batch(later.rows(at, at + batch), labels.rows(at, at + batch)).at("loss") == doctest::Approx(next["losses"].as_list()[s].as_double()).epsilon(0.03));
  }
}

TEST_CASE("policies that cannot be are refused by name") {
  Sequential model{Input{8}, Dense{3}};
  CHECK(has(text_of<UnsupportedError>([&] { model.set_dtype_policy("mixed_float16"); }), "mixed_float16 is not supported; float32, float64 and mixed_bfloat16 are"));
  CHECK(has(text_of<ArgumentError>([&] { model.set_dtype_policy("floatt64"); }), "no dtype policy 'floatt64' (did you mean 'float64'?)"));
  model.compile({.loss = "mse"});
  CHECK(has(text_of<ArgumentError>([&] { model.set_dtype_policy("float64"); }), "before the model is compiled"));
  Config two = Sequential{Input{8}, Dense{3}, Dense{2}}.to_config();
  std::string json = write_json(two);
  const std::string last = "\"dtype\": \"float32\"";
  json.replace(json.rfind(last), last.size(), "\"dtype\": \"float64\"");
  CHECK(has(text_of<UnsupportedError>([&] { model_from_json(json); }), "has the dtype policy float32 and 'dense_1' has float64"));
  CHECK(has(text_of<UnsupportedError>([&] { Sequential{Input{8}, Layer(Dense{3}, {.name = "last", .dtype = "float64"})}; }), "last: the dtype policy float64 of one layer is not supported; float32 and mixed_bfloat16 are"));
  CHECK(has(text_of<UnsupportedError>([&] { Sequential{Input{8}, Layer(Dense{3}, {.name = "last", .dtype = "float32"})}.set_dtype_policy("float64"); }), "last: the layer has the dtype policy float32 in a model of float64"));
}
