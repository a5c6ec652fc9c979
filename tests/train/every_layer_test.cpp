// Every layer in every option of tests/golden/layers/ as a model of its own: to a .keras file and back, with Keras's weights and outputs.
// The files stay in every_layer/ of the build folder for tests/golden/check_cornu_files.py, which reads them in real Keras.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "cornu/train/model_state.h"
#include "tests/allocations.h"
#include "tests/nn_golden/golden.h"
#include "tests/train/rows.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

/// The layer on Inputs "x0", "x1", ..., with what its call takes by keyword; nothing for cases that no file can say.
std::optional<Model> model_of(const Config& c, std::vector<Tensor>& fed) {
  if (const Config& noise = c["serialized"]["config"]["noise_shape"]; noise.is_list() && !noise.as_list()[0].is_null()) return {};  // fits one batch size
  for (const Config& mask : c["masks"].as_list())
    if (!mask.is_null()) return {};
  const auto add = [&](const Config& values, DType dtype) {
    fed.push_back(tensor(values, dtype));
    return input(fed.back().shape().drop_front(), {.name = text("x", fed.size() - 1), .dtype = dtype});
  };
  std::vector<Symbol> in;
  for (size_t i = 0; i < c["inputs"].as_list().size(); ++i) {
    const std::string& dtype = c["dtypes"].as_list()[i].as_string();
    in.push_back(add(c["inputs"].as_list()[i], dtype == "bool" ? DType::boolean : dtype_named(dtype)));
    if (fed.back().shape().rank() < 2) return {};
  }
  std::vector<Symbol> all = in;
  SymbolArguments arguments{.options = c["call_options"]};
  for (const auto& [key, list] : c["call_values"].as_dict())
    for (const Config& values : list.as_list()) {
      const Config* first = &values;
      while (first->is_list()) first = &first->as_list()[0];
      arguments.symbols[key].push_back(add(values, first->is_bool() ? DType::boolean : DType::float32));
      all.push_back(arguments.symbols[key].back());
    }
  const Symbol out = Layer(layer_from_config(c["serialized"]))(in, arguments);
  return Model{all, out.outputs()};
}

Config named_rows(const std::vector<Tensor>& tensors) {
  Config rows = Config::dict();
  for (size_t i = 0; i < tensors.size(); ++i) rows.set(text("x", i), rows_of(tensors[i]));
  return rows;
}

}  // namespace

/// Of two runs of f after one.
template <class F> int64_t allocations_in(F f) {
  f();
  const int64_t first = allocations;
  f(), f();
  return allocations - first;
}

TEST_CASE("every layer is saved and loaded with its weights, and then computes what Keras does, trains, and predicts without the heap") {
  const std::filesystem::path folder = std::filesystem::path(CORNU_BINARY_DIR) / "every_layer";
  std::filesystem::create_directories(folder);
  int tried = 0;
  for (const auto& family : std::filesystem::directory_iterator(std::string(CORNU_SOURCE_DIR) + "/tests/golden/layers")) {
    const Config all = golden("layers/" + family.path().filename().string());
    for (size_t i = 0; i < all["cases"].as_list().size(); ++i) {
      const Config& c = all["cases"].as_list()[i];
      const std::string name = text(family.path().stem().string(), "_", i);
      CAPTURE(name);
      CAPTURE(text(c["serialized"]["config"]));
      try {
        std::vector<Tensor> x;
        std::optional<Model> model = model_of(c, x);
        if (!model) continue;
        std::vector<Tensor> weights;
        for (const Config& w : c["weights"].as_list()) weights.push_back(tensor(w["value"], DType::float32, w["shape"]));
        model->set_weights(weights);
        const std::vector<Tensor> before = model->predict_all_on_batch(x);
        const std::string path = folder / (name + ".keras");
        model->save(path);
        Model again = load_model(path);
        const std::vector<Tensor> after = again.predict_all_on_batch(x);
        REQUIRE(after.size() == before.size());
        for (size_t k = 0; k < before.size(); ++k) {
          CHECK(after[k] == before[k]);
          if (!c["training"].as_bool()) CHECK(difference(before[k], tensor(c["outputs"].as_list()[k]), 0.1) < 1e-4);
        }
        Config::List outputs;
        for (const Tensor& y : before) outputs.push_back(rows_of(y));
        std::ofstream(folder / (name + ".json")) << write_json(Config(Config::Dict{{"x", Config(Config::Dict{{"inputs", named_rows(x)}})}, {"predictions", Config(Config::Dict{{"outputs", outputs}})}}));
        const bool alike = c["class_name"] != Config("RandomCrop") && c["call_values"].as_dict().empty();  // in training and else
        if (alike && before.size() == 1 && is_float(before[0].dtype()) && before[0].shape()[0] == x[0].shape()[0]) {  // and it can be trained
          again.compile({.optimizer = "adam", .loss = "mse"});
          CHECK(again.train_on_batch(x, before[0]).contains("loss"));
          const Samples batch{x, {before[0]}};
          Step& step = step_for(again.state(), signature_of(Mode::train, batch, batch.rows()));
          CHECK(allocations_in([&] { run_step(step, batch); }) == 0);
          Tensor out = again.predict_on_batch(x);
          if (x.size() == 1) CHECK(allocations_in([&] { again.predict_into(x[0], out); }) == 0);
        }
        ++tried;
      } catch (const Error& e) {
        FAIL_CHECK(std::string(e.what()));
      }
    }
  }
  CHECK(tried > 300);
}
