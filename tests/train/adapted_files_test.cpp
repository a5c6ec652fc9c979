// What layers learn before training goes into files as Keras keeps it: vocabularies beside the config, weights of words, means, boundaries.
#include <doctest/doctest.h>

#include "cornu/io/keras_archive.h"
#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

Model counted(IntegerLookup lookup) {
  const Symbol x = input({4}, {.name = "tokens", .dtype = DType::int64});
  return Model{x, Layer(std::move(lookup), {.name = "words"})(x)};
}
const Tensor tokens({3, 4}, std::vector<int64_t>{5, 5, 7, 9, 9, 9, 9, 5, 2, 2, 2, 2});
const std::string asset = "assets/layers/integer_lookup/vocabulary.txt";

const Config& lookup_config(const KerasArchive& archive) { return archive.config["config"]["layers"].as_list()[1]["config"]; }

}  // namespace

TEST_CASE("a vocabulary that was learned is a text of the archive, one that was given is in the config") {
  TestFolder folder;
  const std::string path = folder.path / "words.keras";
  IntegerLookup learned{.num_oov_indices = 1, .output_mode = Encoding::tf_idf};
  learned.adapt(tokens);
  Model model = counted(learned);
  const Tensor before = model.predict_on_batch(tokens);
  model.save(path);
  const KerasArchive archive = read_keras_archive(path);
  REQUIRE(archive.assets.contains(asset));
  CHECK(archive.assets.at(asset) == "-1\n9\n2\n5\n7");
  CHECK(lookup_config(archive)["vocabulary"].is_null());
  CHECK(lookup_config(archive)["idf_weights"].is_null());
  CHECK(archive.weights.find("layers/integer_lookup/vars/idf_weights")->shape == Shape{5});

  Model again = load_model(path);
  CHECK(again.predict_on_batch(tokens) == before);
  again.save(path);
  CHECK(read_keras_archive(path).assets == archive.assets);

  counted(IntegerLookup{.vocabulary = {5, 7}}).save(path);
  CHECK(read_keras_archive(path).assets.empty());
  CHECK(lookup_config(read_keras_archive(path))["vocabulary"] == Config(Config::List{5, 7}));
}

TEST_CASE("lookups in models in models and second ones find their own vocabularies") {
  TestFolder folder;
  const std::string path = folder.path / "nested.keras";
  IntegerLookup first, second{.mask_token = 0};
  first.adapt(tokens);
  second.adapt(Tensor({1, 3}, std::vector<int64_t>{100, 200, 100}));
  const Symbol x = input({4}, {.name = "tokens", .dtype = DType::int64}), h = input({4}, {.name = "h", .dtype = DType::int64});
  Model inner{h, Layer(second)(h), "inner"};
  Model model{x, {Layer(first)(x), Layer(second)(x), inner(x)}};
  model.save(path);
  CHECK(read_keras_archive(path).assets.size() == 3);
  Model again = load_model(path);
  CHECK(again.predict_all_on_batch(tokens) == model.predict_all_on_batch(tokens));
}

TEST_CASE("a vocabulary that is none is refused, naming the line") {
  TestFolder folder;
  const std::string path = folder.path / "bad.keras";
  IntegerLookup learned;
  learned.adapt(tokens);
  Model model = counted(learned);
  model.save(path);
  const KerasArchive archive = read_keras_archive(path);
  write_keras_archive(path, archive.config, {}, {{"vars", "model", {}}}, system_io(), {{asset, "-1\nnine"}});
  CHECK(has(text_of<FormatError>([&] { load_model(path); }), "no integer: 'nine'"));
  write_keras_archive(path, archive.config, {}, {{"vars", "model", {}}});
  CHECK(has(text_of<Error>([&] { load_model(path); }), "IntegerLookup has no vocabulary"));
}

TEST_CASE("a model of Keras that takes texts is refused with what to do") {
  std::string json = counted(IntegerLookup{.vocabulary = {5, 7}}).to_json();
  const std::string dtype = "\"dtype\": \"int64\"";
  REQUIRE(has(json, dtype));
  json.replace(json.find(dtype), dtype.size(), "\"dtype\": \"string\"");
  CHECK(has(text_of<UnsupportedError>([&] { model_from_json(json); }), "an Input of dtype string takes texts, and cornu's models take numbers; in Keras, save the model from its first layer of numbers on"));
}
