// The part of a step that all optimizers share: state, clipping, weight decay, constraints.
#include "cornu/nn/choose.h"
#include "cornu/optimizers/optimizers.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

constexpr std::string_view refused[] = {"Adadelta", "Adafactor", "Adagrad", "Adamax", "Ftrl", "Lion", "Lamb", "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap", "Muon", "Nadam", "ScheduleFreeAdamW"};
const Family<SGD, Adam, AdamW, RMSprop> family = {"optimizer", refused};

/// Keras ignores the case of an optimizer's name: "rmsprop", "RMSprop", "AdamW".
std::string_view as_listed(std::string_view name) {
  const auto same = [&](std::string_view other) {
    if (name.size() != other.size()) return false;
    for (size_t i = 0; i < name.size(); ++i)
      if (std::tolower(static_cast<unsigned char>(name[i])) != std::tolower(static_cast<unsigned char>(other[i]))) return false;
    return true;
  };
  for (const std::string_view known : {SGD::class_name, Adam::class_name, AdamW::class_name, RMSprop::class_name})
    if (same(known)) return known;
  for (const std::string_view known : refused)
    if (same(known)) return known;
  return name;
}

/// Gradients, clipped. At most one kind of clipping is in force.
void clip_gradients(std::vector<TrainableWeight>& weights, const OptimizerOptions& o) {
  const int kinds = o.clipnorm.has_value() + o.clipvalue.has_value() + o.global_clipnorm.has_value();
  require(kinds <= 1, "only one of clipnorm, clipvalue and global_clipnorm can be given to an optimizer");
  for (const std::optional<double>& c : {o.clipnorm, o.clipvalue, o.global_clipnorm})
    require(!c || *c > 0, "an optimizer's clipnorm, clipvalue and global_clipnorm must be positive, and one is ", c.value_or(0));
  if (o.clipvalue)
    for (TrainableWeight& w : weights) w.gradient = clip(w.gradient, -*o.clipvalue, *o.clipvalue);
  if (o.clipnorm)
    for (TrainableWeight& w : weights) {
      const Value norm = sqrt(sum(square(w.gradient)));
      w.gradient = w.gradient * (*o.clipnorm / maximum(norm, scalar(norm, *o.clipnorm)));
    }
  if (o.global_clipnorm && !weights.empty()) {
    Value total;
    for (const TrainableWeight& w : weights) {
      const Value part = sum(square(w.gradient));
      total = !total ? part : total + (part.dtype() == total.dtype() ? part : cast(part, total.dtype()));
    }
    const Value norm = sqrt(total);
    const Value scale = *o.global_clipnorm / maximum(norm, scalar(norm, *o.global_clipnorm)) + (norm - norm);  // NaN where the norm is infinite
    for (TrainableWeight& w : weights) w.gradient = w.gradient * (scale.dtype() == w.gradient.dtype() ? scale : cast(scale, w.gradient.dtype()));
  }
}

}  // namespace

Optimizer::Optimizer(std::string_view name) : Optimizer(choose<Optimizer>(family, as_listed(name))) { given_name_ = name; }

std::vector<OptimizerVariable> Optimizer::variables(const std::vector<std::pair<std::string, TensorType>>& weights) const {
  std::vector<OptimizerVariable> all = {{iteration_path, {DType::int64, {}}, 0}};
  const LearningRate rate = options().learning_rate;
  if (!rate.scheduled()) all.push_back({learning_rate_path, {DType::float32, {}}, rate.number()});
  for (const std::vector<std::string_view>& group : self_->slots())
    for (const auto& [path, type] : weights)
      for (const std::string_view slot : group) all.push_back({text("optimizer/", path, "/", slot), type, 0});
  return all;
}

std::vector<Assignment> Optimizer::step(Graph& graph, const std::vector<TrainableWeight>& all_weights) const {
  const std::string where = std::exchange(graph.where, "optimizer");
  const OptimizerOptions o = options();
  std::vector<TrainableWeight> weights;
  for (const TrainableWeight& w : all_weights)
    if (w.gradient) weights.push_back(w);
  clip_gradients(weights, o);

  const Value iteration = graph.state(iteration_path, {DType::int64, {}});
  const Value next_iteration = iteration + 1;
  const Value rate = o.learning_rate.scheduled() ? o.learning_rate(cast(iteration, DType::float32)) : graph.state(learning_rate_path, {DType::float32, {}});

  std::vector<Assignment> assignments;
  std::map<std::string, Value> shared;
  for (const TrainableWeight& w : weights) {
    WeightUpdate u;
    u.weight = w.weight;
    u.gradient = w.gradient;
    u.path_ = w.path;
    u.assignments_ = &assignments;
    u.shared_ = &shared;
    const DType dtype = w.weight.dtype();
    u.learning_rate = u.once("learning_rate", [&] { return rate.dtype() == dtype ? rate : cast(rate, dtype); });
    u.step = u.once("step", [&] { return cast(next_iteration, dtype); });
    if (o.weight_decay && *o.weight_decay != 0)
      u.weight = w.weight - w.weight * u.once("weight_decay", [&] { return u.learning_rate * *o.weight_decay; });
    Value next = self_->update(u);
    if (w.constraint) next = w.constraint(next);
    assignments.push_back({w.weight, next});
  }
  assignments.push_back({iteration, next_iteration});
  graph.where = where;
  return assignments;
}

Config to_config(const Optimizer& optimizer) { return optimizer.object_config("keras.optimizers", "the optimizer"); }

void from_config(const Config& config, Optimizer& optimizer) {
  const ObjectConfig object = read_object(config, "optimizer");
  optimizer = choose<Optimizer>(family, as_listed(object.name), object.config);
}

}  // namespace cornu
