// What optimizers refuse, what they keep, and steps that are left out.
#include <doctest/doctest.h>

#include <limits>

#include "cornu/compiler/compile.h"
#include "cornu/nn/initializers.h"
#include "cornu/optimizers/optimizers.h"
#include "cornu/ops/ops.h"
#include "tests/messages.h"

using namespace cornu;
using cornu::testing::error_of;
using cornu::testing::has;

namespace {

/// A weight "dense/kernel" [2] whose gradients the test says; on its own, without a model.
struct OneWeight {
  Optimizer optimizer;
  std::map<std::string, Tensor> states = {};
  std::unique_ptr<Execution> run = {};

  explicit OneWeight(Optimizer o, const char* path = "dense/kernel") : optimizer(std::move(o)) {
    Graph graph;
    const Value w = graph.state(path, {DType::float32, {2}}), gradient = graph.input("gradient", {DType::float32, {2}});
    const Value scaled = optimizer.scale_loss(sum(gradient * 0.0 + 1));  // the scale, doubled: what gradients are multiplied by
    for (const Assignment& a : optimizer.step(graph, {{path, w, gradient * (scaled / 2)}})) graph.assign(a.state, a.value);
    graph.output(scaled);
    states[path] = Tensor({2}, std::vector<float>{1, 1});
    for (const OptimizerVariable& v : optimizer.variables({{path, w.type()}})) states[v.path] = Constant{v.initial}(v.type.shape, v.type.dtype, 0);
    run = std::make_unique<Execution>(compile(graph));
    for (size_t i = 0; i < run->program().states.size(); ++i) run->bind_state(static_cast<int>(i), states.at(run->program().states[i].name).mutable_data());
  }
  void step(float a, float b) {
    const Tensor gradient({2}, std::vector<float>{a, b});
    run->bind_input(0, gradient.data());
    run->run();
  }
  double operator[](const std::string& state) const { return states.at(state).at(0); }
};

template <class T> std::string error_of_step(T optimizer) {
  return error_of([&] { OneWeight{Optimizer(optimizer)}; });
}

}  // namespace

TEST_CASE("a step with a gradient that is no finite number is left out, and the scale halved; good steps double it") {
  OneWeight one(LossScaleOptimizer{.inner_optimizer = SGD{.learning_rate = 0.5, .momentum = 0.5}, .initial_scale = 8, .dynamic_growth_steps = 2});
  const char *scale = LossScaleOptimizer::scale_path, *steps = LossScaleOptimizer::steps_path;
  one.step(1, 1);
  CHECK(one["dense/kernel"] == 0.5);
  CHECK(one[steps] == 1);
  one.step(0, std::numeric_limits<float>::infinity());
  CHECK(one["dense/kernel"] == 0.5);
  CHECK(one["optimizer/dense/kernel/momentum"] == -0.5);
  CHECK(one[Optimizer::iteration_path] == 1);
  CHECK(one[scale] == 4);
  CHECK(one[steps] == 0);
  one.step(std::numeric_limits<float>::quiet_NaN(), 1);
  CHECK(one[scale] == 2);
  one.step(0, 0);
  CHECK(one["dense/kernel"] == 0.25);
  one.step(0, 0);
  CHECK(one[scale] == 4);
  CHECK(one[steps] == 0);
  CHECK(one[Optimizer::iteration_path] == 3);
}

TEST_CASE("accumulated steps count once") {
  CHECK(Optimizer(SGD{.gradient_accumulation_steps = 4}).iterations(11) == 2);
  CHECK(Optimizer("sgd").iterations(11) == 11);
}

TEST_CASE("weight decay leaves out what it is told to, by name or by path") {
  const auto after = [](const std::vector<std::string>& names, const std::vector<std::string>& paths) {
    Optimizer optimizer = SGD{.learning_rate = 0.5, .weight_decay = 0.5};
    OneWeight one(optimizer.exclude_from_weight_decay(names, paths));
    one.step(0, 0);
    return one["dense/kernel"];
  };
  CHECK(after({}, {}) == 0.75);
  CHECK(after({"bias"}, {"dense/bias"}) == 0.75);
  CHECK(after({"ker.el$"}, {}) == 1);
  CHECK(after({}, {"dense/kernel"}) == 1);
  CHECK(after({"dense"}, {}) == 0.75);  // a path is no name
  CHECK(has(error_of([] { Optimizer("sgd").exclude_from_weight_decay({"("}); }), "is no regular expression"));
}

TEST_CASE("an optimizer's options that mean nothing are refused with what they were") {
  CHECK(has(error_of_step(SGD{.gradient_accumulation_steps = 1}), "gradient_accumulation_steps must be at least 2, and is 1"));
  CHECK(has(error_of_step(Adam{.use_ema = true, .ema_momentum = 1.5}), "ema_momentum must be between 0 and 1, and is 1.5"));
  CHECK(has(error_of_step(Adam{.use_ema = true, .ema_overwrite_frequency = 0}), "ema_overwrite_frequency must be at least 1"));
  CHECK(has(error_of_step(Adam{.clipnorm = 1, .clipvalue = 1}), "only one of clipnorm"));
  CHECK(has(error_of_step(Lion{.beta_1 = 0}), "Lion: beta_1"));
  CHECK(has(error_of_step(Ftrl{.learning_rate_power = 0.5}), "learning_rate_power must be negative or zero, and is 0.5"));
  CHECK(has(error_of_step(Ftrl{.l1_regularization_strength = -1}), "positive or zero"));
  CHECK(has(error_of([] { Optimizer(LossScaleOptimizer{.inner_optimizer = LossScaleOptimizer{}}); }), "one is enough"));
  CHECK(has(error_of([] { Optimizer(LossScaleOptimizer{.inner_optimizer = SGD{.loss_scale_factor = 2}}); }), "leave that out"));
}

TEST_CASE("every optimizer is found by Keras's name, whatever its case, and its dict comes back") {
  for (const char* name : {"sgd", "Adam", "adamw", "RMSPROP", "adagrad", "adadelta", "adamax", "nadam", "ftrl", "lion", "lamb", "adafactor", "muon", "schedulefreeadamw", "LossScaleOptimizer"}) {
    CAPTURE(name);
    const Optimizer optimizer = name;
    const Config config = to_config(optimizer);
    Optimizer again;
    from_config(config, again);
    CHECK(to_config(again) == config);
  }
}
