// Every layer in every option of tests/golden/layers/ as a model of its own: to a .keras file and back, with Keras's weights and outputs.
// The files stay in every_layer/ of the build folder for tests/golden/check_cornu_files.py, which reads them in real Keras.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "cornu/train/model.h"
#include "tests/nn_golden/golden.h"
#include "tests/train/rows.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

bool has_one_plain_input(const Config& c) {
  if (c["inputs"].as_list().size() != 1 || c["dtypes"].as_list()[0] != Config("float32")) return false;
  if (const Config& noise = c["serialized"]["config"]["noise_shape"]; noise.is_list() && !noise.as_list()[0].is_null()) return false;  // fits one batch size
  return c["masks"].as_list()[0].is_null() && c["call_values"].as_dict().empty() && c["call_options"].as_dict().empty();
}

}  // namespace

TEST_CASE("every layer is saved and loaded with its weights, and then computes what Keras does") {
  const std::filesystem::path folder = std::filesystem::path(CORNU_BINARY_DIR) / "every_layer";
  std::filesystem::create_directories(folder);
  int tried = 0;
  for (const auto& family : std::filesystem::directory_iterator(std::string(CORNU_SOURCE_DIR) + "/tests/golden/layers")) {
    const Config all = golden("layers/" + family.path().filename().string());
    for (size_t i = 0; i < all["cases"].as_list().size(); ++i) {
      const Config& c = all["cases"].as_list()[i];
      if (!has_one_plain_input(c)) continue;
      const std::string name = text(family.path().stem().string(), "_", i);
      CAPTURE(name);
      CAPTURE(text(c["serialized"]["config"]));
      try {
        const Tensor x = tensor(c["inputs"].as_list()[0], DType::float32);
        if (x.shape().rank() < 2) continue;
        const Symbol in = input(x.shape().drop_front());
        Model model{std::vector{in}, std::vector{Layer(layer_from_config(c["serialized"]))(in)}};
        std::vector<Tensor> weights;
        for (const Config& w : c["weights"].as_list()) weights.push_back(tensor(w["value"], DType::float32, w["shape"]));
        model.set_weights(weights);
        const std::vector<Tensor> before = model.predict_all_on_batch(x);
        const std::string path = folder / (name + ".keras");
        model.save(path);
        Model again = load_model(path);
        const std::vector<Tensor> after = again.predict_all_on_batch(x);
        REQUIRE(after.size() == before.size());
        for (size_t k = 0; k < before.size(); ++k) CHECK(after[k] == before[k]);
        if (!c["training"].as_bool() && before.size() == 1) CHECK(difference(before[0], tensor(c["outputs"].as_list()[0]), 0.1) < 1e-4);
        if (before.size() == 1) std::ofstream(folder / (name + ".json")) << write_json(Config(Config::Dict{{"x", rows_of(x)}, {"predictions", rows_of(before[0])}}));
        if (before.size() == 1 && is_float(before[0].dtype()) && before[0].shape()[0] == x.shape()[0]) {  // and it can be trained
          again.compile({.optimizer = "sgd", .loss = "mse"});
          CHECK(again.train_on_batch(x, before[0]).contains("loss"));
        }
        ++tried;
      } catch (const Error& e) {
        FAIL_CHECK(std::string(e.what()));
      }
    }
  }
  CHECK(tried > 200);
}
