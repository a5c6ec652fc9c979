// What freezing does to a model's graph: batch normalization goes into the weights before it, and the answers stay.
#include "cornu/infer/frozen.h"

#include <doctest/doctest.h>

#include "cornu/infer/predictor.h"
#include "tests/kernels/numbers.h"
#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

/// With statistics, factors and offsets as training would leave them.
Sequential trained(Sequential model, unsigned seed = 5) {
  std::vector<Tensor> weights = model.get_weights();
  const std::vector<std::string> names = model.weight_names();
  for (size_t i = 0; i < weights.size(); ++i) {
    const bool variance = names[i].ends_with("moving_variance"), kernel = names[i].ends_with("kernel");
    if (kernel) continue;
    const Tensor noise = normal_numbers(weights[i].shape(), DType::float32, seed + static_cast<unsigned>(i), 0.5, variance ? 3 : 0.2);
    for (int64_t k = 0; k < noise.size(); ++k) weights[i].mutable_values<float>()[static_cast<size_t>(k)] = static_cast<float>(variance ? std::abs(noise.at(k)) + 0.1 : noise.at(k));
  }
  model.set_weights(weights);
  return model;
}

/// How many steps of the Program say so.
int count(const std::string& program, std::string_view what) {
  int n = 0;
  for (size_t at = program.find(what); at != std::string::npos; at = program.find(what, at + 1)) ++n;
  return n;
}

void check_same_answers(Sequential& model, const Shape& sample) {
  const Predictor predictor(model);
  const Tensor x = normal_numbers(Shape{7} + sample, DType::float32, 2);
  check_near(predictor.predict(x), model.predict_on_batch(x), 1e-4, 2e-5);
}

}  // namespace

TEST_CASE("batch normalization after a convolution, a dense layer, a depthwise or a transposed one leaves no step of its own") {
  const std::vector<std::pair<Sequential, Shape>> models = [] {
    std::vector<std::pair<Sequential, Shape>> all;
    const auto add = [&](Shape sample, auto... layers) { all.emplace_back(trained(Sequential{Input(sample), layers...}), sample); };
    add({8, 8, 3}, Conv2D{.filters = 6, .kernel_size = 3}, BatchNormalization{});
    add({8, 8, 3}, Conv2D{.filters = 6, .kernel_size = 3, .padding = "same", .use_bias = false}, BatchNormalization{.center = false}, layers::Activation{"relu"});
    add({8, 8, 3}, Conv2D{.filters = 6, .kernel_size = 3, .strides = 2}, BatchNormalization{.scale = false});
    add({8, 8, 3}, Conv2D{.filters = 6, .kernel_size = 3}, BatchNormalization{.center = false, .scale = false});
    add({5, 5, 4}, DepthwiseConv2D{.kernel_size = 3}, BatchNormalization{}, layers::Activation{"relu"});
    add({5, 5, 4}, Conv2DTranspose{.filters = 3, .kernel_size = 3, .strides = 2}, BatchNormalization{});
    add({12}, Dense{7}, BatchNormalization{}, layers::Activation{"tanh"});
    add({6, 12}, Dense{7}, BatchNormalization{});  // a reshape in between
    add({12}, Dense{7}, BatchNormalization{}, BatchNormalization{});
    return all;
  }();
  for (const auto& [given, sample] : models) {
    Sequential& model = const_cast<Sequential&>(given);
    CAPTURE(model.summary_text());
    const Predictor predictor(model);
    const Tensor x = normal_numbers(Shape{7} + sample, DType::float32, 2);
    check_near(predictor.predict(x), model.predict_on_batch(x), 1e-4, 2e-5);
    const std::string program = predictor.program_text();
    CHECK_MESSAGE(count(program, "batch_normalization") <= 1, program);  // the product and its epilogue are one step
    CHECK_MESSAGE(count(program, "\n") <= 3, program);
  }
}

TEST_CASE("batch normalization stays where an activation, another reader or another axis stands in between") {
  Sequential after = trained(Sequential{Input{12}, Dense{7, "relu"}, BatchNormalization{}, Dense{3}});
  check_same_answers(after, {12});
  Sequential axis = trained(Sequential{Input{6, 6, 2}, Conv2D{.filters = 4, .kernel_size = 1}, BatchNormalization{.axis = 1}});
  check_same_answers(axis, {6, 6, 2});

  const Symbol x = input({10});
  const Symbol product = x | Dense{10}, normal = product | BatchNormalization{};
  Model both{x, Layer(Add{})({product, normal})};
  std::vector<Tensor> weights = both.get_weights();
  for (Tensor& w : weights)
    if (w.shape().rank() == 1) w = normal_numbers(w.shape(), DType::float32, 3, 0.1, 2);
  both.set_weights(weights);
  const Tensor numbers = normal_numbers({5, 10});
  check_near(Predictor(both).predict(numbers), both.predict_on_batch(numbers), 1e-5, 1e-5);
}

TEST_CASE("what depends on weights alone is a constant") {
  Graph g;
  const Value x = g.input("x", {DType::float32, {2, 3}}), w = g.state("w", {DType::float32, {4, 3}}), s = g.state("s", {DType::float32, {4}});
  g.output(matmul(x, transpose(w / sqrt(reshape(s, {4, 1})))));
  const auto frozen = infer::frozen(g, {{"w", normal_numbers({4, 3})}, {"s", Tensor{1, 4, 9, 16}}}, false);
  int ops = 0;
  for (const Node& n : frozen->nodes) ops += n.op.has_value();
  CHECK(ops == 1);
  CHECK(std::abs((*frozen->nodes[1].constant).at(1) - normal_numbers({4, 3}).at(3) / 2) < 1e-6);
}

TEST_CASE("Predictors' parts of several sizes share their weights") {
  Sequential model{Input{30}, Dense{40}, Dense{2}};
  CHECK(Predictor(model, {.max_batch = 64}).weight_bytes() == Predictor(model, {.max_batch = 1}).weight_bytes());
  CHECK(Predictor(model).weight_bytes() == 4 * model.count_params());
}
