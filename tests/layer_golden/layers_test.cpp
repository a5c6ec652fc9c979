// Every layer in every option against Keras: tests/golden/layers/*.json, made by tests/golden/generator/layer_cases/.
#include <doctest/doctest.h>

#include <cstdlib>
#include <set>

#include "each_case.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

/// Whether all that cornu writes is what Keras writes; numbers may differ in their last digit.
bool says_the_same(const Config& cornu, const Config& keras, bool top = true) {
  if (cornu.is_dict() && keras.is_dict()) {
    for (const auto& [key, value] : cornu.as_dict())
      if (!(key == "dtype" && !keras[key].is_string()) && key != "build_config" && !says_the_same(value, keras[key], false)) return false;
    return true;
  }
  if (cornu.is_list() && keras.is_list()) {
    if (cornu.as_list().size() != keras.as_list().size()) return false;
    for (size_t i = 0; i < cornu.as_list().size(); ++i)
      if (!says_the_same(cornu.as_list()[i], keras.as_list()[i], false)) return false;
    return true;
  }
  const auto is_number = [](const Config& c) { return c.is_int() || c.is_number(); };
  if (is_number(cornu) && is_number(keras)) return std::abs(cornu.as_double() - keras.as_double()) <= 1e-6 * std::abs(keras.as_double());
  // An object whose config is all defaults may be written by its name.
  if (cornu.is_string() && keras.is_dict() && !top) return cornu == keras["class_name"] || snake_case(keras["class_name"].as_string()) == cornu.as_string();
  return cornu == keras;
}

}  // namespace

TEST_CASE("a layer from Keras's config writes Keras's config") {
  for_each_case([](const Config& c) {
    const Layer layer = layer_from_config(c["serialized"]);
    const Config written = layer_to_config(layer);
    CAPTURE(text(written["config"]));
    CHECK(says_the_same(written, c["serialized"]));
    const Layer again = layer_from_config(written);
    CHECK(again.fields() == layer.fields());
    CHECK(again.name() == layer.name());
    CHECK(again.trainable() == layer.trainable());
  });
}

TEST_CASE("a layer gives Keras's outputs, masks, penalties, states and gradients") {
  for_each_case([](const Config& config) {
    const Case c = read_case(config);
    const Answer a = answer(c, DType::float32, true);
    std::vector<std::string> paths;
    for (const auto& [path, value] : c.weights) paths.push_back(path);
    std::vector<std::string> declared;
    for (size_t i = 0; i < a.paths.size(); ++i)
      if (std::find(paths.begin(), paths.end(), a.paths[i]) != paths.end()) declared.push_back(a.paths[i]);
    CHECK(declared == paths);  // in Keras's order
    for (size_t i = 0, k = 0; i < config["weights"].as_list().size(); ++i, ++k) CHECK(a.trainable[k] == config["weights"].as_list()[i]["trainable"].as_bool());

    REQUIRE(a.outputs.size() == config["outputs"].as_list().size());
    for (size_t i = 0; i < a.outputs.size(); ++i)
      CHECK(error(a.outputs[i], tensor(config["outputs"].as_list()[i], DType::float32, config["output_shapes"].as_list()[i])) < 1e-5);
    double penalties = 0;
    for (const Config& loss : config["losses"].as_list()) penalties += loss.as_double();
    CHECK(a.penalties == doctest::Approx(penalties).epsilon(1e-5));
    CHECK(a.mask.has_value() == !config["mask"].is_null());
    if (a.mask && !config["mask"].is_null()) CHECK(error(*a.mask, tensor(config["mask"], DType::boolean)) == 0);
    for (const auto& [path, value] : config["updated"].as_dict()) {
      CAPTURE(path);
      REQUIRE(a.states.contains(path));
      CHECK(error(a.states.at(path), Tensor(tensor(value, DType::float32).reshaped(a.states.at(path).shape()))) < 1e-5);
    }
    // A gradient that is zero but for rounding, as that of attention's key bias, is no larger than the others' rounding.
    double largest = 0;
    for (const char* which : {"input_gradients", "weight_gradients"})
      for (const Config& g : config[which].as_list())
        if (!g.is_null()) largest = std::max(largest, scale_of(tensor(g, DType::float32)));
    const auto compare = [&](const Tensors& ours, const Config& keras) {
      REQUIRE(ours.size() == keras.as_list().size());
      for (size_t i = 0; i < ours.size(); ++i) {
        CAPTURE(i);
        if (keras.as_list()[i].is_null()) CHECK(scale_of(ours[i]) <= 1e-3);  // Keras: no gradient
        else CHECK(error(ours[i], tensor(keras.as_list()[i], DType::float32).reshaped(ours[i].shape()), 0.01 * largest) < 1e-4);
      }
    };
    compare(a.input_gradients, config["input_gradients"]);
    compare(a.weight_gradients, config["weight_gradients"]);
  });
}

namespace {

/// How far the gradient of the outputs' weighted sum is from its slope along a random direction of inputs and weights, in float64.
double gradient_error_of(const Case& c, std::mt19937& rng) {
  const Answer at = answer(c, DType::float64, true);
  const auto move = [&](Tensor& t, const Tensor& by, double step) {
    t = t.cast(DType::float64);
    const auto to = t.mutable_values<double>();
    for (size_t i = 0; i < to.size(); ++i) to[i] += step * by.at(static_cast<int64_t>(i));
  };
  Case up = c, down = c;
  double exact = 0;
  constexpr double step = 1e-6;
  const auto along = [&](Tensor& a, Tensor& b, const Tensor& slope) {
    const Tensor v = noise({DType::float64, slope.shape()}, rng);
    exact += dot({slope}, {v});
    move(a, v, step), move(b, v, -step);
  };
  size_t k = 0;
  for (size_t i = 0; i < c.inputs.size(); ++i)
    if (is_float(c.inputs[i].dtype())) along(up.inputs[i], down.inputs[i], at.input_gradients[k++]);
  k = 0;
  for (size_t i = 0; i < at.paths.size(); ++i) {
    if (!at.trainable[i]) continue;
    for (size_t j = 0; j < c.weights.size(); ++j)
      if (c.weights[j].first == at.paths[i]) along(up.weights[j].second, down.weights[j].second, at.weight_gradients[k]);
    ++k;
  }
  const Answer plus = answer(up, DType::float64, false), minus = answer(down, DType::float64, false);
  double numeric = 0, scale = 1;
  for (size_t i = 0; i < plus.outputs.size(); ++i) {
    if (!is_float(plus.outputs[i].dtype())) continue;
    const Tensor seed = c.seeds[i].cast(DType::float64);
    numeric += (dot({plus.outputs[i]}, {seed}) - dot({minus.outputs[i]}, {seed})) / (2 * step);
    scale = std::max(scale, dot({seed}, {seed}));
  }
  return std::abs(numeric - exact) / std::max({scale, std::abs(numeric), std::abs(exact)});
}

}  // namespace

TEST_CASE("a layer's gradient is that of its outputs, in float64 along a random direction") {
  std::mt19937 rng(1);
  std::set<std::string_view> tried = {"InputLayer", "Discretization", "CategoryEncoding", "Hashing", "IntegerLookup"};  // these give numbers of classes
  for_each_case([&](const Config& config) {
    Case c = read_case(config);
    if (!config["smooth"].as_bool()) {
      // Where equal numbers stand beside each other the larger one changes: the same layer on others.
      if (config["class_name"] != Config("Maximum") && config["class_name"] != Config("Minimum")) return;
      for (Tensor& t : c.inputs) t = noise({DType::float64, t.shape()}, rng);
    }
    tried.insert(c.layer.class_name());
    CHECK(gradient_error_of(c, rng) < 1e-7);
  });
  for (const LayerRules* rules : all_layers()) {
    CAPTURE(rules->class_name);
    CHECK((tried.contains(rules->class_name) || std::getenv("CORNU_FAMILY")));
  }
}

TEST_CASE("every layer that files may name has cases") {
  if (std::getenv("CORNU_FAMILY")) return;
  std::set<std::string> tried = {"InputLayer"};
  for_each_case([&](const Config& c) { tried.insert(c["serialized"]["class_name"].as_string()); });
  for (const LayerRules* rules : all_layers()) {
    CAPTURE(rules->class_name);
    CHECK(tried.contains(std::string(rules->class_name)));
  }
}
