// Constraints, regularizers and STFT kernels against Keras's, and windows against SciPy's.
#include <doctest/doctest.h>

#include "cornu/nn/constraints.h"
#include "cornu/nn/initializers.h"
#include "cornu/nn/regularizers.h"
#include "golden.h"
#include "tests/messages.h"

using namespace cornu;
using namespace cornu::testing;

TEST_CASE("constraints project as Keras's do, along any axes") {
  const Config all = golden("weights.json");
  for (const Config& c : all["constraints"].as_list()) {
    CAPTURE(text(c["serialized"]));
    Constraint constraint;
    from_config(c["serialized"], constraint);
    CHECK(text(to_config(constraint)["config"]) == text(c["serialized"]["config"]));
    for (const char* which : {"matrix", "kernel"}) {
      const Tensors y = run({tensor(all[which])}, [&](const std::vector<Value>& in) { return std::vector<Value>{constraint(in[0])}; });
      CHECK(difference(y[0], tensor(c[which])) < float64_of_keras);
    }
  }
}

TEST_CASE("penalties and their gradients are Keras's") {
  const Config all = golden("weights.json");
  for (const Config& c : all["regularizers"].as_list()) {
    CAPTURE(text(c["serialized"]));
    Regularizer regularizer;
    from_config(c["serialized"], regularizer);
    CHECK(to_config(regularizer)["class_name"] == c["serialized"]["class_name"]);
    const Tensors y = run({tensor(all["matrix"])}, [&](const std::vector<Value>& in) {
      const Value penalty = regularizer(in[0]);
      return std::vector<Value>{penalty, gradients(penalty, {in[0]})[0]};
    });
    CHECK(difference(y[0], tensor(c["value"])) < 1e-6);  // Keras: in float32
    CHECK(difference(y[1], tensor(c["gradient"])) < 1e-6);
  }
}

TEST_CASE("an OrthogonalRegularizer is for matrices") {
  Graph g;
  const Value cube = g.input("x", {DType::float32, {2, 3, 2}}), row = g.input("y", {DType::float32, {1, 3}});
  CHECK(has(error_of([&] { OrthogonalRegularizer{}(cube); }), "OrthogonalRegularizer is for matrices, and was given [2, 3, 2]"));
  CHECK(has(error_of([&] { OrthogonalRegularizer{}(row); }), "needs more than one of the rows of [1, 3]"));
  CHECK(has(error_of([&] { OrthogonalRegularizer{0.1, "row"}(cube); }), "mode must be rows or columns, and is 'row'"));
  CHECK(Regularizer("orthogonal_regularizer").as<OrthogonalRegularizer>() != nullptr);
}

TEST_CASE("STFT kernels are Keras's, windows SciPy's") {
  const Config all = golden("weights.json");
  for (const Config& c : all["stft"].as_list()) {
    CAPTURE(text(c["serialized"]));
    Initializer stft;
    from_config(c["serialized"], stft);
    CHECK(text(to_config(stft)["config"]) == text(c["serialized"]["config"]));
    CHECK(difference(stft({5, 1, 4}, DType::float64, 1, 0), tensor(c["values"])) < float64_of_keras);
  }
  for (const Config& w : all["windows"].as_list()) {
    CAPTURE(text(w["name"], " ", w["size"], " ", w["periodic"]));
    const std::vector<double> ours = window_named(w["name"].as_string(), w["size"].as_int(), w["periodic"].as_bool());
    REQUIRE(ours.size() == w["values"].as_list().size());
    for (size_t i = 0; i < ours.size(); ++i) CHECK(std::abs(ours[i] - w["values"].as_list()[i].as_double()) < 1e-12);
  }
}

TEST_CASE("an STFT kernel says what it cannot be") {
  const auto make = [](STFT stft, Shape shape) { return error_of([&] { stft(shape, DType::float32, 1); }); };
  CHECK(has(make({.side = "left"}, {5, 1, 4}), "STFT: side must be real or imag, and is 'left'"));
  CHECK(has(make({.scaling = "loud"}, {5, 1, 4}), "scaling must be density, spectrum or null, and is 'loud'"));
  CHECK(has(make({}, {5, 2, 4}), "STFT initializes kernels [time, 1, frequencies], and was asked for [5, 2, 4]"));
  CHECK(has(make({.window = {.name = "han"}}, {5, 1, 4}), "the window 'han' is not supported (did you mean 'hann'?)"));
  CHECK(has(make({.window = {.numbers = std::vector<double>{1, 2}}}, {5, 1, 4}), "the window has 2 numbers, and the kernel 5 steps"));
}

TEST_CASE("fans along named axes are products of their sizes") {
  const Initializer glorot = with_fans("glorot_uniform", {0}, {1, 2});
  const Tensor w = glorot({64, 8, 8}, DType::float64, 1, 0);
  double most = 0;
  for (int64_t i = 0; i < w.size(); ++i) most = std::max(most, std::abs(w.at(i)));
  CHECK(most <= std::sqrt(6.0 / 128));
  CHECK(most > 0.99 * std::sqrt(6.0 / 128));
  CHECK(to_config(glorot)["config"]["input_axes"] == Config(Config::List{0}));
  CHECK_FALSE(to_config(Initializer("glorot_uniform"))["config"].contains("input_axes"));
  CHECK(with_fans("zeros", {0}, {1}).as<Zeros>() != nullptr);
  const Initializer own = with_fans(HeNormal{.input_axes = {{1}}, .output_axes = {{0}}}, {0}, {1});
  CHECK(own.as<HeNormal>()->input_axes == FanAxes{{1}});
}
