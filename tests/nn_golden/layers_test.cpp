// Every layer against Keras's outputs, penalties and configs.
#include <doctest/doctest.h>

#include "cornu/layers/layers.h"
#include "golden.h"

using namespace cornu;
using namespace cornu::testing;

TEST_CASE("layers read from Keras's configs compute what Keras computes") {
  const Config all = golden("layers.json");
  int tried = 0;
  for (const Config& c : all["cases"].as_list()) {
    CAPTURE(c["class_name"].as_string());
    CAPTURE(text(c["serialized"]["config"]));
    std::optional<Layer> layer;
    try {
      layer = layer_from_config(c["serialized"]);
    } catch (const UnsupportedError&) {
      continue;
    }
    ++tried;
    Graph graph;
    Scope scope(graph);
    const Tensor x = tensor(c["x"], DType::float32);
    graph.output((*layer)({graph.input("x", {x.dtype(), x.shape()})}, scope)[0]);
    for (const Value loss : scope.losses()) graph.output(loss);

    Execution run(compile(graph));
    run.bind_input(0, x.data());
    std::map<std::string, Tensor> weights;
    for (size_t i = 0; i < run.program().states.size(); ++i) {
      const std::string& path = run.program().states[i].name;
      weights[path] = tensor(c["weights"][path.substr(path.rfind('/') + 1)], DType::float32);
      run.bind_state(static_cast<int>(i), weights[path].mutable_data());
    }
    run.run();
    CHECK(difference(run.output_tensor(0), tensor(c["y"])) < 1e-5);
    double penalties = 0, wanted = 0;
    for (size_t i = 0; i < scope.losses().size(); ++i) penalties += run.output_tensor(static_cast<int>(i) + 1).at(0);
    for (const Config& loss : c["losses"].as_list()) wanted += loss.as_double();
    CHECK(penalties == doctest::Approx(wanted).epsilon(1e-5));

    // What is written again says the same as Keras's, key by key, as far as cornu writes them.
    const Config written = layer_to_config(*layer)["config"];
    for (const auto& [key, value] : written.as_dict())
      if (key != "dtype" && key.find("initializer") == std::string::npos) CHECK(text(value) == text(c["serialized"]["config"][key]));
  }
  CHECK(tried > 30);
}
