// Files that Keras wrote, and files that cornu writes: what they predict, how training goes on, what they say.
#include <doctest/doctest.h>

#include "cornu/io/keras_archive.h"
#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

const std::string fixtures = std::string(CORNU_SOURCE_DIR) + "/tests/golden/fixtures/";
constexpr const char* names[] = {"seed_untrained",  "seed_trained",  "small_adam",        "small_uncompiled",  "small_sgd_momentum", "small_sgd_nesterov_logits",
                                 "small_rmsprop",   "small_rmsprop_centered", "small_adamw_amsgrad", "small_regularized", "small_categorical", "small_binary",
                                 "small_regression", "small_mixed", "small_functional"};

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// The inputs that a fixture's predictions are of.
Tensor inputs(const Config& x) {
  if (!x.is_dict()) return tensor(x, DType::float32);
  const int64_t rows = x["pattern"].as_list()[0].as_int(), columns = x["pattern"].as_list()[1].as_int();
  Tensor t(DType::float32, {rows, columns});
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c) t.mutable_values<float>()[static_cast<size_t>(r * columns + c)] = static_cast<float>((37 * r + 11 * c) % 256) / 255.0f;
  return t;
}

/// The largest relative difference of the next losses from those that Keras had.
double next_losses(Model& model, const Config& next) {
  Tensor x, y;
  if (next["images"].is_dict()) {
    const int64_t first = next["images"]["first"].as_int(), last = first + next["images"]["count"].as_int();
    static const Dataset all = datasets::fashion_mnist();
    x = all.train.x.rows(first, last), y = all.train.y.rows(first, last);
  } else {
    x = tensor(next["x"], DType::float32);
    const Config* number = &next["y"].as_list()[0];
    while (number->is_list()) number = &number->as_list()[0];
    y = tensor(next["y"], number->is_int() ? DType::int32 : DType::float32);
    if (y.shape().rank() == 2) y = y.cast(DType::float32);
  }
  const int64_t batch = next["batch_size"].as_int();
  double worst = 0;
  for (size_t s = 0; s < next["losses"].as_list().size(); ++s) {
    const int64_t at = static_cast<int64_t>(s) * batch;
    const double loss = model.train_on_batch(x.rows(at, at + batch), y.rows(at, at + batch)).at("loss");
    worst = std::max(worst, std::abs(loss / next["losses"].as_list()[s].as_double() - 1));
  }
  return worst;
}

/// Keys with a value that never differs for what cornu has: Keras reads a config without them.
bool left_out(std::string_view key) {
  constexpr std::string_view keys[] = {"dtype", "sparse", "ragged", "optional", "build_config", "use_ema", "ema_momentum", "axis", "data_format"};
  return std::find(std::begin(keys), std::end(keys), key) != std::end(keys);
}

/// Everything in `theirs` that `ours` says otherwise: "config/layers/0/config/units: 3 here, 4 there".
void compare(const Config& ours, const Config& theirs, const std::string& where, std::vector<std::string>& differences) {
  if (theirs.is_dict() && ours.is_dict()) {
    for (const auto& [key, value] : theirs.as_dict())
      if (!left_out(key) || where.empty()) compare(ours[key], value, where + "/" + key, differences);
    return;
  }
  if (theirs.is_list() && ours.is_list() && theirs.as_list().size() == ours.as_list().size()) {
    for (size_t i = 0; i < theirs.as_list().size(); ++i) compare(ours.as_list()[i], theirs.as_list()[i], text(where, "/", i), differences);
    return;
  }
  if (ours.is_number() && theirs.is_number() && std::abs(ours.as_double() - theirs.as_double()) <= 1e-7 * std::abs(theirs.as_double())) return;
  const bool nothing = ours.is_null() && theirs.is_dict() && theirs.as_dict().empty();
  if (!(ours == theirs) && !nothing) differences.push_back(text(where, ": ", ours, " here, ", theirs, " there"));
}

std::vector<Tensor> optimizer_state(const std::string& path) {
  const KerasArchive archive = read_keras_archive(path);
  std::vector<Tensor> list;
  for (int i = 0; archive.weights.find(text("optimizer/vars/", i)); ++i) list.push_back(archive.weights.read(text("optimizer/vars/", i)));
  return list;
}

}  // namespace

TEST_CASE("every file of Keras predicts what it predicts there, to 1e-6") {
  for (const std::string name : names) {
    CAPTURE(name);
    const Config expected = golden("fixtures/" + name + ".json");
    Model model = load_model(fixtures + name + ".keras");
    CHECK(model.count_params() == expected["params"].as_int());
    CHECK(difference(model.predict(inputs(expected["x"]), {.verbose = 0}), tensor(expected["predictions"])) < 1e-6);
  }
}

TEST_CASE("training goes on from a file of Keras as it does there: 20 losses to 1e-5, predictions after") {
  for (const std::string name : names) {
    CAPTURE(name);
    const Config expected = golden("fixtures/" + name + ".json");
    if (!expected["next"].is_dict()) continue;
    Model model = load_model(fixtures + name + ".keras");
    CHECK(model.iterations() == expected["trained_steps"].as_int());
    CHECK(next_losses(model, expected["next"]) < 1e-5);
    CHECK(difference(model.predict_on_batch(inputs(expected["x"])), tensor(expected["next"]["predictions_after"])) < 1e-5);
  }
}

TEST_CASE("to_json says everything that Keras's says, with the same values") {
  for (const std::string name : names) {
    CAPTURE(name);
    const Config theirs = parse_json(read_text(fixtures + name + ".config.json"));
    std::vector<std::string> differences;
    compare(load_model(fixtures + name + ".keras").to_config(), theirs, "", differences);
    CHECK(text(differences) == "[]");
  }
}

TEST_CASE("a model comes back from its own JSON and from Keras's") {
  for (const std::string name : names) {
    CAPTURE(name);
    const Model keras = model_from_json(read_text(fixtures + name + ".config.json"));
    const Model again = model_from_json(keras.to_json());
    CHECK(again.to_json() == keras.to_json());
    CHECK(again.count_params() == golden("fixtures/" + name + ".json")["params"].as_int());
  }
}

TEST_CASE("summaries of files of Keras are Keras's, byte for byte") {
  for (const std::string name : names) {
    CAPTURE(name);
    if (name == "seed_untrained") continue;  // saved before its optimizer had slots; loading makes them, in Keras too
    CHECK(load_model(fixtures + name + ".keras").summary_text({.columns = 80}) == read_text(fixtures + name + ".summary.txt"));
  }
}

TEST_CASE("saved and loaded again: the same bits of predictions and of the optimizer's state, and training goes on alike") {
  TestFolder folder;
  const std::string path = folder.path / "again.keras";
  for (const std::string name : names) {
    CAPTURE(name);
    const Config expected = golden("fixtures/" + name + ".json");
    Model model = load_model(fixtures + name + ".keras");
    const Tensor x = inputs(expected["x"]);
    if (expected["next"].is_dict()) next_losses(model, expected["next"]);
    model.save(path);
    Model again = load_model(path);
    CHECK(again.predict_on_batch(x) == model.predict_on_batch(x));
    CHECK(again.get_weights() == model.get_weights());
    CHECK(again.iterations() == model.iterations());
    again.save(folder.path / "third.keras");
    CHECK(optimizer_state(folder.path / "third.keras") == optimizer_state(path));
    if (expected["next"].is_dict()) {
      next_losses(model, expected["next"]);
      next_losses(again, expected["next"]);
      CHECK(again.get_weights() == model.get_weights());
    }
  }
}

TEST_CASE("weights go both ways through .weights.h5") {
  TestFolder folder;
  const Config expected = golden("fixtures/small_adam.json");
  Sequential model = small_model();
  model.load_weights(fixtures + "small_adam.weights.h5");
  CHECK(difference(model.predict_on_batch(inputs(expected["x"])), tensor(expected["predictions"])) < 1e-6);
  CHECK(next_losses(model, expected["next"]) < 1e-5);  // the file holds Adam's state too

  const std::string path = folder.path / "own.weights.h5";
  model.save_weights(path);
  Sequential other = small_model(5);
  CHECK_FALSE(other.get_weights() == model.get_weights());
  other.load_weights(path);
  CHECK(other.get_weights() == model.get_weights());
  CHECK(other.iterations() == model.iterations());

  model.save(folder.path / "own.keras");
  Sequential third = small_model(6);
  third.load_weights(folder.path / "own.keras");
  CHECK(third.get_weights() == model.get_weights());

  Sequential wider{Input{8}, Dense{7}, Dense{3}};
  const std::string said = text_of<ShapeError>([&] { wider.load_weights(path); });
  CHECK(has(said, "own.weights.h5: 'dense/kernel' has shape [8, 7] in the model and [8, 6] in the file"));
  CHECK(has(text_of<ArgumentError>([&] { model.save_weights(folder.path / "weights"); }), ".weights.h5"));
}

TEST_CASE("what a file asks for and cornu lacks is named: layers, options, losses") {
  const std::string json = read_text(fixtures + "small_adam.config.json");
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string s = json;
    const size_t at = s.find(from);
    REQUIRE(at != std::string::npos);
    return s.replace(at, from.size(), to);
  };
  CHECK(has(text_of<UnsupportedError>([&] { model_from_json(with(R"("class_name": "Dense")", R"("class_name": "Conv2D")")); }), "Conv2D"));
  CHECK(has(text_of<FormatError>([&] { model_from_json(with(R"("units": 6)", R"("unitz": 6)")); }), "'unitz' (did you mean 'units'?)"));
  CHECK(has(text_of<UnsupportedError>([&] { model_from_json(with(R"("quantization_config": null)", R"("quantization_config": {"bits": 8})")); }), "quantization_config"));
  CHECK(has(text_of<FormatError>([&] { model_from_json(with(R"("units": 6)", R"("units": "six")")); }), "units"));
  CHECK(has(text_of<UnsafeError>([&] { model_from_json(with(R"("class_name": "Dense")", R"("class_name": "Lambda")")); }), "Lambda"));
  CHECK(has(text_of<FormatError>([&] { model_from_json("{"); }), "JSON"));
}
