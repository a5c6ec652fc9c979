// .keras archives and .weights.h5 files.
#include "cornu/io/keras_archive.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "cornu/io/hdf5_write.h"
#include "cornu/io/json.h"
#include "cornu/io/zip.h"
#include "failing_io.h"

using namespace cornu;

namespace {

const std::string fixtures = std::string(CORNU_SOURCE_DIR) + "/tests/io/fixtures/";

Tensor halves(Shape shape) {
  Tensor t(DType::float32, std::move(shape));
  int i = 0;
  for (float& v : t.mutable_values<float>()) v = static_cast<float>(i++) / 2;
  return t;
}

Bytes archive_of(std::vector<std::pair<std::string, Bytes>> members) {
  std::vector<ZipInput> inputs;
  for (auto& [name, content] : members) {
    inputs.emplace_back();
    inputs.back().name = name;
    inputs.back().content.add(std::move(content));
  }
  return write_zip(std::move(inputs)).joined();
}
Bytes bytes(std::string_view s) { return {view_of(s).begin(), view_of(s).end()}; }

/// One Dense layer, compiled with Adam, as small as Keras accepts.
Config dense_model() {
  return parse_json(R"({"module": "keras", "class_name": "Sequential", "registered_name": null, "config": {"name": "sequential", "layers": [
    {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [null, 4], "dtype": "float32", "name": "input_layer"}, "registered_name": null},
    {"module": "keras.layers", "class_name": "Dense", "config": {"name": "dense", "units": 3}, "registered_name": null}],
    "build_input_shape": [null, 4]}, "build_config": {"input_shape": [null, 4]},
    "compile_config": {"optimizer": {"module": "keras.optimizers", "class_name": "Adam", "config": {"name": "adam", "learning_rate": 0.001}, "registered_name": null},
    "loss": "mse", "loss_weights": null, "metrics": null, "weighted_metrics": null, "run_eagerly": false, "steps_per_execution": 1, "jit_compile": false}})");
}
std::vector<WeightsGroup> dense_weights() {
  const Tensor kernel = halves({4, 3}), bias = halves({3}), zeros(DType::float32, Shape{4, 3}), zero_bias(DType::float32, Shape{3});
  return {{"vars", "sequential", {}},
          {"layers/dense/vars", "dense", {kernel, bias}},
          {"optimizer/vars", "adam", {Tensor::scalar<int64_t>(7), Tensor::scalar(0.001f), zeros, zeros, zero_bias, zero_bias}}};
}

}  // namespace

TEST_CASE("an archive of Keras is read: configs, groups, names and weights") {
  const KerasArchive a = read_keras_archive(fixtures + "small.keras");
  CHECK(a.config["class_name"].as_string() == "Sequential");
  CHECK(a.metadata["keras_version"].as_string() == "3.15.1");
  CHECK(a.weights.has_group("layers/batch_normalization/vars"));
  const SavedWeights::Variable* kernel = a.weights.find("layers/dense/vars/0");
  REQUIRE(kernel);
  CHECK(kernel->shape == Shape{4, 3});
  CHECK(a.weights.read("layers/dense/vars/0") == halves({4, 3}));
  CHECK(a.weights.read("layers/dense_1/vars/1") == halves({2}));
  CHECK(a.weights.read("optimizer/vars/0").dtype() == DType::int64);
  std::string last;
  for (const auto& g : a.weights.groups())
    if (g.path == "layers/dense_1/vars") last = g.name.value_or("");
  CHECK(last == "dense_1");
  // "vars/2" stands before "vars/10".
  std::vector<std::string> optimizer;
  for (const auto& v : a.weights.variables())
    if (v.path.starts_with("optimizer")) optimizer.push_back(v.path);
  REQUIRE(optimizer.size() > 11);
  CHECK(optimizer[10] == "optimizer/vars/10");
  CHECK_THROWS_WITH_AS(a.weights.read("layers/dense/vars/9"), doctest::Contains("no dataset 'layers/dense/vars/9'"), ArgumentError);
}

TEST_CASE("config.json of Keras is written back to the byte") {
  const Bytes file = read_file(fixtures + "small.keras");
  Budget budget({}, file.size());
  const ZipReader zip(file, "small.keras", budget);
  Bytes scratch;
  const std::string_view json = text_of(zip.read(*zip.find("config.json"), scratch));
  CHECK(write_json(parse_json(json)) == json);
}

TEST_CASE("weights alone are read") {
  const SavedWeights w = read_weights_file(fixtures + "small.weights.h5");
  CHECK(w.read("layers/dense/vars/0") == halves({4, 3}));
  CHECK(w.total_bytes() > 4 * (12 + 3));
}

TEST_CASE("an archive comes back as it was written, with the keys for resuming") {
  const TestFolder folder;
  const std::string path = folder.path / "m.keras";
  Config extra = Config::dict();
  extra.set("epoch", 3);
  write_keras_archive(path, dense_model(), extra, dense_weights());
  const KerasArchive a = read_keras_archive(path);
  CHECK(a.config == dense_model());
  CHECK(a.metadata["epoch"].as_int() == 3);
  CHECK(a.metadata["date_saved"].as_string().size() == 19);
  CHECK(a.weights.groups().size() == 6);  // the three, and those above them
  CHECK(a.weights.read("layers/dense/vars/0") == halves({4, 3}));
  CHECK(a.weights.read("optimizer/vars/0").at(0) == 7);

  write_weights_file(folder.path / "m.weights.h5", dense_weights());
  CHECK(read_weights_file(folder.path / "m.weights.h5").read("layers/dense/vars/1") == halves({3}));
}

TEST_CASE("archives that lack a part, or keep it elsewhere, say so") {
  const Bytes h5 = Hdf5Writer().finish().joined();
  const auto refused = [&](std::vector<std::pair<std::string, Bytes>> members, const char* why) {
    CHECK_THROWS_WITH(parse_keras_archive(archive_of(std::move(members)), "m.keras"), doctest::Contains(why));
  };
  CHECK(parse_keras_archive(archive_of({{"config.json", bytes("{}")}, {"model.weights.h5", h5}}), "m.keras").metadata.is_dict());
  refused({{"config.json", bytes("{}")}}, "m.keras: no model.weights.h5 in the archive; is this a .keras file?");
  refused({{"model.weights.h5", h5}}, "no config.json");
  refused({{"config.json", bytes("[]")}, {"model.weights.h5", h5}}, "m.keras: config.json: expected a dict, found a list");
  refused({{"config.json", bytes("{]")}, {"model.weights.h5", h5}}, "m.keras: config.json: JSON, byte 1");
  refused({{"config.json", bytes("{}")}, {"model.weights.h5", bytes("no")}}, "m.keras: model.weights.h5: ");
  refused({{"config.json", bytes("{}")}, {"model.weights.h5", h5}, {"model.weights.npz", bytes("")}}, "Save the model again");
}

TEST_CASE("a .keras file cut short at any byte is refused") {
  const Bytes whole = read_file(fixtures + "small.keras");
  for (size_t n = 0; n < whole.size(); n += n + 64 < whole.size() ? 7 : 1)
    CHECK_THROWS_AS(parse_keras_archive(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n)), "m.keras"), FormatError);
}

TEST_CASE("a damaged byte anywhere in a .keras file is an error or changes nothing") {
  const TestFolder folder;
  const std::string path = folder.path / "m.keras";
  write_keras_archive(path, parse_json(R"({"a": 1})"), {}, {{"vars", "m", {halves({3})}}});
  const Bytes whole = read_file(path);
  size_t refused = 0;
  for (size_t i = 0; i < whole.size(); ++i) {
    Bytes damaged = whole;
    damaged[i] ^= static_cast<std::byte>(1u << (i % 8));
    try {
      const KerasArchive a = parse_keras_archive(damaged, "m.keras");
      CHECK(a.config["a"].as_int() == 1);
      CHECK(a.weights.read("vars/0") == halves({3}));
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(refused > whole.size() * 9 / 10);
}

TEST_CASE("a damaged byte in a weights file never crashes") {
  const Bytes whole = read_file(fixtures + "chunks.h5");
  size_t refused = 0;
  for (size_t i = 0; i < whole.size(); i += 3) {
    Bytes damaged = whole;
    damaged[i] ^= static_cast<std::byte>(1u << (i % 8));
    try {
      const SavedWeights w = parse_weights_file(damaged, "w.h5");
      for (const auto& v : w.variables()) w.read(v.path);
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(refused > 100);
}

TEST_CASE("files for h5py and Keras are written" * doctest::description("check_with_keras.py opens them")) {
  const char* keep = std::getenv("CORNU_KEEP");
  const TestFolder temporary;
  const std::filesystem::path folder = keep ? keep : temporary.path;
  std::filesystem::create_directories(folder);
  Hdf5Writer types, many;
  for (const DType d : {DType::float32, DType::float64, DType::bfloat16, DType::int32, DType::int64, DType::uint8})
    types.add_dataset(name_of(d), halves(d == DType::bfloat16 ? Shape{6} : Shape{2, 3}).cast(d));
  types.add_dataset("bool", Tensor(Shape{3}, std::vector<bool>{false, true, true}));
  types.add_dataset("scalar", Tensor::scalar(0.5f));
  types.add_dataset("empty", Tensor(DType::float32, Shape{0, 4}));
  write_file_atomically(folder / "types.h5", types.finish());
  for (int i = 0; i < 1000; ++i) many.add_group("layers/dense_" + std::to_string(i), {{"name", text("the ", i, "th")}});
  many.add_dataset("layers/dense_31/0", halves({3}));
  many.add_group("long", {{"name", std::string(100'000, 'x')}});
  write_file_atomically(folder / "many.h5", many.finish());
  write_keras_archive(folder / "model.keras", dense_model(), {}, dense_weights());
  write_weights_file(folder / "model.weights.h5", dense_weights());
  CHECK(read_weights_file(folder / "model.weights.h5").groups().size() == 6);
}
