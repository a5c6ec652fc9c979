// Every optimizer: twenty steps of a small network against Keras's losses, weights and slots.
#include <doctest/doctest.h>

#include "cornu/layers/layers.h"
#include "cornu/losses/losses.h"
#include "cornu/optimizers/optimizers.h"
#include "golden.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

struct Outcome {
  std::vector<double> losses;
  std::map<std::string, Tensor> states;
};

Outcome train(const Optimizer& optimizer, const Config& all, DType dtype) {
  const Tensor x = tensor(all["x"], dtype), y = tensor(all["y"], DType::int64);
  const int64_t batch = 4, steps = x.shape()[0] / batch;
  Graph graph;
  Scope scope(graph, {.training = true, .dtype = dtype});
  const Value in = graph.input("x", {dtype, {batch, x.shape()[1]}}), labels = graph.input("y", {DType::int64, {batch}});
  Value out = Layer(Dense{6, "tanh"}, {.name = "dense"})({in}, scope)[0];
  out = Layer(Dense{3, "softmax"}, {.name = "dense_1"})({out}, scope)[0];
  const Loss loss = "sparse_categorical_crossentropy";
  const Value value = loss.reduce(loss(labels, out));
  const std::vector<Value> grads = gradients(optimizer.scale_loss(value), scope.values());
  std::vector<TrainableWeight> weights;
  std::vector<std::pair<std::string, TensorType>> types;
  for (size_t i = 0; i < scope.variables().size(); ++i) {
    weights.push_back({scope.variables()[i].path, scope.values()[i], grads[i]});
    types.emplace_back(scope.variables()[i].path, scope.variables()[i].type);
  }
  for (const Assignment& a : optimizer.step(graph, weights)) graph.assign(a.state, a.value);
  graph.output(value);

  Outcome outcome;
  for (const auto& [path, type] : types) outcome.states[path] = tensor(all["initial_weights"][path], dtype);
  for (const OptimizerVariable& v : optimizer.variables(types))
    outcome.states[v.path] = Constant{v.initial}(v.type.shape, v.type.dtype, 0);
  Execution run(compile(graph));
  for (size_t i = 0; i < run.program().states.size(); ++i) {
    Tensor& state = outcome.states.at(run.program().states[i].name);
    run.bind_state(static_cast<int>(i), state.mutable_data());
  }
  for (int64_t s = 0; s < steps; ++s) {
    const Tensor rows = x.rows(s * batch, (s + 1) * batch), these = y.rows(s * batch, (s + 1) * batch);
    run.bind_input(run.program().input("x"), rows.data());
    run.bind_input(run.program().input("y"), these.data());
    run.run();
    outcome.losses.push_back(run.output_tensor(0).at(0));
  }
  return outcome;
}

}  // namespace

TEST_CASE("optimizers take Keras's steps") {
  const Config all = golden("optimizers.json");
  int tried = 0;
  for (const auto& entry : all["cases"].as_dict()) {  // clang 14 cannot capture structured bindings
    const std::string& name = entry.first;
    const Config& c = entry.second;
    CAPTURE(name);
    Optimizer optimizer;
    from_config(keras_object("keras.optimizers", c["class_name"].as_string(), c["config"]), optimizer);
    if (name.ends_with("_exclude")) optimizer.exclude_from_weight_decay({"bi.s"});
    ++tried;
    const Outcome narrow = train(optimizer, all, DType::float32), wide = train(optimizer, all, DType::float64);
    const Config &losses = c["losses"], &losses64 = c["losses_float64"];
    for (size_t i = 0; i < narrow.losses.size(); ++i) {
      CHECK(narrow.losses[i] == doctest::Approx(losses.as_list()[i].as_double()).epsilon(1e-5));
      CHECK(wide.losses[i] == doctest::Approx(losses64.as_list()[i].as_double()).epsilon(1e-5));  // Keras's 1 - 0.999^t has float32's 0.999 in float64 too
    }
    // Keras's own float32 differs from its float64 by this much; rmsprop divides small numbers by small numbers.
    const double noise = 10 * c["weight_difference"].as_double() + 1e-6;
    for (const auto& [path, weight] : c["weights"].as_dict()) CHECK(difference(narrow.states.at(path), tensor(weight)) < noise);
    CHECK(narrow.states.at(Optimizer::iteration_path).at(0) == 20);

    // The config is Keras's too, key by key.
    const Config mine = optimizer.fields();
    for (const auto& [key, value] : c["config"].as_dict()) {
      CAPTURE(key);
      if (value.is_number()) CHECK(mine[key].as_double() == doctest::Approx(value.as_double()).epsilon(1e-6));
      else if (value.is_dict()) CHECK(mine[key]["class_name"] == value["class_name"]);
      else CHECK(mine[key] == value);
    }
    std::vector<std::string> keys, theirs = {"name"};
    for (const auto& [key, value] : mine.as_dict()) keys.push_back(key);
    for (const auto& [key, value] : c["config"].as_dict()) theirs.push_back(key);
    CHECK(keys == theirs);

    // The variables are Keras's, in its order and with its values.
    std::vector<std::pair<std::string, TensorType>> types;
    for (const char* path : {"dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"}) types.emplace_back(path, TensorType{DType::float32, narrow.states.at(path).shape()});
    const std::vector<OptimizerVariable> variables = optimizer.variables(types);
    const Config::List& want = c["variables"].as_list();
    REQUIRE(variables.size() == want.size());
    for (size_t i = 0; i < variables.size(); ++i) {
      const std::string& path = variables[i].path;
      CAPTURE(path);
      const std::string slot = path.substr(path.rfind('/') + 1), theirs_is = want[i].as_list()[0].as_string();
      if (slot != "r" && slot != "c" && slot != "u_product") CHECK(theirs_is.ends_with(slot));  // Keras gives those no name
      const Tensor theirs_now = tensor(want[i].as_list()[1]);
      CHECK(theirs_now.shape() == variables[i].type.shape);
      CHECK(difference(narrow.states.at(path), theirs_now) < 10 * noise);
    }
  }
  CHECK(tried >= 60);
}
