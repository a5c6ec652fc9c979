#include "cornu/optimizers/loss_scale.h"

#include "cornu/ops/ops.h"

namespace cornu {
namespace {

struct LossScaleHolder final : Chosen<OptimizerInterface, LossScaleOptimizer> {
  using Chosen::Chosen;
  OptimizerOptions options() const override {
    OptimizerOptions o = object.inner_optimizer.options();
    o.name = object.name;
    return o;
  }
  // Asked for by the inner optimizer's step, never of this one.
  std::vector<std::vector<std::string_view>> slots() const override { return {}; }
  std::optional<Slot> slot(std::string_view, const std::string&, const TensorType&) const override { return {}; }
  std::vector<std::pair<std::string_view, double>> scalars() const override { return {}; }
  std::optional<double> weight_decay(const std::string&, const TensorType&) const override { return {}; }
  Value update(WeightUpdate& u) const override { return u.weight; }
};

Value in_type(Value x, DType dtype) { return x.dtype() == dtype ? x : cast(x, dtype); }

}  // namespace

Optimizer::Optimizer(LossScaleOptimizer object) {
  require(object.initial_scale > 0, "LossScaleOptimizer: initial_scale must be positive, and is ", object.initial_scale);
  require(object.dynamic_growth_steps > 0, "LossScaleOptimizer: dynamic_growth_steps must be positive, and is ", object.dynamic_growth_steps);
  require(!object.inner_optimizer.inner(), "LossScaleOptimizer: the inner optimizer is a LossScaleOptimizer too; one is enough");
  require(!object.inner_optimizer.options().loss_scale_factor, "LossScaleOptimizer: the inner optimizer has a loss_scale_factor; it is scaled already, leave that out");
  self_ = std::make_shared<LossScaleHolder>(std::move(object));
}

Config LossScaleOptimizer::extras() {
  return Config(Config::Dict{{"dynamic", true}, {"learning_rate", 0.0}, {"weight_decay", nullptr}, {"clipnorm", nullptr}, {"global_clipnorm", nullptr}, {"clipvalue", nullptr},
                             {"use_ema", false}, {"ema_momentum", 0.99}, {"ema_overwrite_frequency", nullptr}, {"loss_scale_factor", nullptr}, {"gradient_accumulation_steps", nullptr}});
}

std::vector<OptimizerVariable> LossScaleOptimizer::variables(const WeightTypes& weights) const {
  std::vector<OptimizerVariable> all = {{"optimizer/loss_scale/iteration", {DType::int64, {}}},
                                        {"optimizer/loss_scale/learning_rate", {DType::float32, {}}},
                                        {steps_path, {DType::int64, {}}},
                                        {scale_path, {DType::float32, {}}, initial_scale}};
  for (OptimizerVariable& v : inner_optimizer.variables(weights)) all.push_back(std::move(v));
  return all;
}

Value LossScaleOptimizer::scale(Graph& graph) const { return graph.state(scale_path, {DType::float32, {}}); }

std::vector<Assignment> LossScaleOptimizer::step(Graph& graph, const std::vector<TrainableWeight>& all_weights) const {
  const std::string where = std::exchange(graph.where, "optimizer");
  const Value scale = this->scale(graph), steps = graph.state(steps_path, {DType::int64, {}});
  std::vector<TrainableWeight> weights = all_weights;
  Value finite;
  for (TrainableWeight& w : weights) {
    if (!w.gradient) continue;
    // A sum may be infinite where its terms are not; the least of zeros and ones cannot.
    const Value ones = cast(isfinite(w.gradient), DType::float32), all = greater(min(ones), graph.constant(Tensor::scalar(0.5f)));
    finite = finite ? logical_and(finite, all) : all;
    w.gradient = w.gradient / in_type(scale, w.gradient.dtype());
  }
  graph.where = where;
  std::vector<Assignment> assignments = inner_optimizer.step(graph, weights);
  graph.where = "optimizer";
  if (finite) {
    for (Assignment& a : assignments) a.value = select(finite, a.value, a.state);
    const Value grown = greater_equal(steps, scalar(steps, static_cast<double>(dynamic_growth_steps - 1))), zero = scalar(steps, 0);
    assignments.push_back({steps, select(finite, select(grown, zero, steps + 1), zero)});
    assignments.push_back({scale, select(finite, select(grown, scale * 2, scale), scale * 0.5)});
  }
  graph.where = where;
  return assignments;
}

}  // namespace cornu
