// What compile and fit take, against Keras: losses and metrics of each output, their weights, masks; histories, evaluate,
// predictions and weights of the cases in golden/training.json.
#include <doctest/doctest.h>

#include "cornu/train/model_state.h"
#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

const Config& cases() {
  static const Config all = golden("training.json");
  return all;
}

/// Numbers without a fraction may be printed as integers: only labels are such throughout.
std::vector<Tensor> tensors(const Config& list, const std::vector<Shape>& like = {}) {
  std::vector<Tensor> all;
  for (size_t i = 0; i < list.as_list().size(); ++i) {
    const Config& c = list.as_list()[i];
    Tensor t = tensor(c, DType::float32);
    bool whole = true;
    for (int64_t k = 0; k < t.size(); ++k) whole = whole && t.at(k) == std::floor(t.at(k)) && t.at(k) >= 0;
    if (whole && like.empty()) t = t.cast(DType::int32);
    all.push_back(std::move(t));
  }
  return all;
}

void check_same(const std::vector<Tensor>& ours, const std::vector<Tensor>& keras, double tolerance = 1e-5) {
  REQUIRE(ours.size() == keras.size());
  for (size_t i = 0; i < ours.size(); ++i) {
    CHECK(ours[i].shape() == keras[i].shape());
    CHECK(difference(ours[i], keras[i]) < tolerance);
  }
}

std::vector<Tensor> floats(const Config& list) {
  std::vector<Tensor> all;
  for (const Config& c : list.as_list()) all.push_back(tensor(c, DType::float32));
  return all;
}

}  // namespace

TEST_CASE("several inputs and outputs, losses, weights, metrics and masks: histories and weights are Keras's") {
  for (const auto& [name, c] : cases().as_dict()) {
    CAPTURE(name);
    Model model = model_from_json(write_json(c["model"]));
    model.set_weights(floats(c["weights"]));
    model.compile(compile_config_from(c["compile"]));

    FitOptions fit{.batch_size = 4, .epochs = 2, .verbose = 0, .shuffle = false};
    const std::vector<Tensor> x = tensors(c["x"]), y = tensors(c["y"]), weights = floats(c["sample_weight"]);
    fit.sample_weight = weights;
    for (const auto& [label, weight] : c["class_weight"].as_dict()) fit.class_weight[std::stoi(label)] = weight.as_double();
    const History history = model.fit(TensorGroup(x), TensorGroup(y), fit);
    const auto names = history.history.keys();
    std::vector<std::string> keras_names;
    for (const auto& [key, values] : c["history"].as_dict()) {
      CAPTURE(key);
      keras_names.push_back(key);
      if (!history.history.contains(key)) continue;
      for (size_t e = 0; e < 2; ++e) CHECK(history.history[key][e] == doctest::Approx(values.as_list()[e].as_double()).epsilon(1e-5));
    }
    CHECK(text(names) == text(keras_names));
    check_same(model.get_weights(), floats(c["weights_after"]));
    CHECK(model.iterations() == c["iterations"].as_int());
    check_same(model.predict_all(TensorGroup(x), {.verbose = 0}), floats(c["predict"]));

    const Logs scores = model.evaluate(TensorGroup(x), TensorGroup(y), {.batch_size = 4, .verbose = 0, .sample_weight = weights});
    CHECK(scores.size() == c["evaluate"].as_dict().size());
    for (const auto& [key, value] : c["evaluate"].as_dict()) {
      CAPTURE(key);
      REQUIRE(scores.contains(key));
      CHECK(scores.at(key) == doctest::Approx(value.as_double()).epsilon(1e-5));
    }
    if (model.output_names().size() > 1) {  // Keras's list repeats a metric that two lists name; ours is in its order
      const auto& list = c["evaluate_list"].as_list();
      size_t i = 0;
      REQUIRE(list.size() == scores.size());
      for (const auto& [key, value] : scores) CHECK(value == doctest::Approx(list[i++].as_double()).epsilon(1e-5));
    }
  }
}

TEST_CASE("compile configurations of several outputs are written as Keras writes them") {
  for (const auto& [name, c] : cases().as_dict()) {
    CAPTURE(name);
    const CompileConfig config = compile_config_from(c["compile"]);
    CHECK(text(to_config(config.loss_weights)) == text(c["compile"]["loss_weights"]));
    const auto lists = [](const Config& metrics) {  // a list of one and its one are the same to Keras
      return text(metrics);
    };
    if (name == "no_loss_in_list") continue;  // a null is written as an empty list
    CHECK(lists(to_config(config.metrics)) == lists(c["compile"]["metrics"]));
    CHECK(lists(to_config(config.weighted_metrics)) == lists(c["compile"]["weighted_metrics"]));
    if (c["compile"]["loss"].is_string() || name == "lists" || name == "maps") CHECK(text(to_config(config.loss)) == text(c["compile"]["loss"]));
  }
}
