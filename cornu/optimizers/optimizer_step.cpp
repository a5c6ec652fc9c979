// The part of a step that all optimizers share: state, accumulation, clipping, weight decay, averages, constraints.
#include "cornu/ops/ops.h"
#include "cornu/optimizers/loss_scale.h"

namespace cornu {
namespace {

/// Gradients, clipped. At most one kind of clipping is in force.
void clip_gradients(std::vector<TrainableWeight>& weights, const OptimizerOptions& o) {
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

Value is_multiple(Value count, int64_t of) { return equal(mod(count, scalar(count, static_cast<double>(of))), scalar(count, 0)); }

/// Keeps the sum of the gradients; in a step that is due the gradient becomes their mean, and the sum starts anew.
void accumulate(TrainableWeight& w, Value due, int64_t steps, std::vector<Assignment>& assignments) {
  const Value kept = w.weight.graph->state(text("optimizer/", w.path, "/gradient_accumulator"), w.weight.type());
  const Value total = w.gradient + kept;
  assignments.push_back({kept, select(due, scalar(total, 0), total)});
  w.gradient = total / static_cast<double>(steps);
}

/// Takes `next` into the weight's moving average; in steps that overwrite, the average is what the weight becomes.
Value averaged(WeightUpdate& u, Value next, Value updates, const OptimizerOptions& o) {
  const Value average = u.slot("average");
  const Value keep = u.once("ema_momentum", [&] { return cast(not_equal(updates, scalar(updates, 0)), next.dtype()) * o.ema_momentum; });
  const Value add = u.once("1 - ema_momentum", [&] { return 1 - keep; });
  const Value next_average = average * keep + next * add;
  u.set(average, next_average);
  if (!o.ema_overwrite_frequency) return next;
  return select(u.once("ema_overwrite", [&] { return is_multiple(updates + 1, *o.ema_overwrite_frequency); }), next_average, next);
}

}  // namespace

std::vector<OptimizerVariable> Optimizer::variables(const WeightTypes& weights) const {
  if (const auto* scaled = as<LossScaleOptimizer>()) return scaled->variables(weights);
  const OptimizerOptions o = options();
  std::vector<OptimizerVariable> all = {{iteration_path, {DType::int64, {}}, 0}};
  if (!o.learning_rate.scheduled()) all.push_back({learning_rate_path, {DType::float32, {}}, o.learning_rate.number()});
  const auto one_each = [&](std::string_view name) {
    for (const auto& [path, type] : weights) all.push_back({text("optimizer/", path, "/", name), type});
  };
  if (o.use_ema) one_each("average");
  if (o.gradient_accumulation_steps) one_each("gradient_accumulator");
  for (const std::vector<std::string_view>& group : self()->slots())
    for (const auto& [path, type] : weights)
      for (const std::string_view name : group)
        if (std::optional<Slot> slot = self()->slot(name, path, type)) all.push_back({text("optimizer/", path, "/", name), std::move(slot->type), slot->initial});
  for (const auto& [name, initial] : self()->scalars()) all.push_back({text("optimizer/", name), {DType::float32, {}}, initial});
  return all;
}

Value Optimizer::scale_loss(Value loss) const {
  if (const auto* scaled = as<LossScaleOptimizer>()) {
    const Value scale = scaled->scale(*loss.graph);
    return loss * (loss.dtype() == scale.dtype() ? scale : cast(scale, loss.dtype()));
  }
  const std::optional<double> factor = options().loss_scale_factor;
  return factor ? loss * *factor : loss;
}

std::vector<Assignment> Optimizer::step(Graph& graph, const std::vector<TrainableWeight>& all_weights) const {
  if (const auto* scaled = as<LossScaleOptimizer>()) return scaled->step(graph, all_weights);
  const std::string where = std::exchange(graph.where, "optimizer");
  const OptimizerOptions o = options();
  check_options(o);
  std::vector<Assignment> assignments;
  std::vector<TrainableWeight> weights;
  for (const TrainableWeight& w : all_weights)
    if (w.gradient) weights.push_back(w);
  if (o.loss_scale_factor)
    for (TrainableWeight& w : weights) w.gradient = w.gradient / *o.loss_scale_factor;
  std::optional<Value> due;  // where gradients accumulate: whether this step updates anything
  const auto steps_done = [&] { return graph.state(iteration_path, {DType::int64, {}}); };
  if (o.gradient_accumulation_steps) {
    due = is_multiple(steps_done() + 1, *o.gradient_accumulation_steps);
    for (TrainableWeight& w : weights) accumulate(w, *due, *o.gradient_accumulation_steps, assignments);
  }
  clip_gradients(weights, o);

  const Value iteration = steps_done(), next_iteration = iteration + 1;
  const Value updates = due ? floor_divide(iteration, scalar(iteration, static_cast<double>(*o.gradient_accumulation_steps))) : iteration;
  const Value rate = o.learning_rate.scheduled() ? o.learning_rate(cast(iteration, DType::float32)) : graph.state(learning_rate_path, {DType::float32, {}});

  std::map<std::string, Value> shared;
  const auto turn_of = [&](const TrainableWeight& w) {
    WeightUpdate u;
    u.weight = w.weight;
    u.gradient = w.gradient;
    u.path_ = w.path;
    u.scheduled = o.learning_rate.scheduled();
    u.assignments_ = &assignments;
    u.shared_ = &shared;
    const DType dtype = w.weight.dtype();
    u.learning_rate = u.once("learning_rate", [&] { return rate.dtype() == dtype ? rate : cast(rate, dtype); });
    u.step = u.once("step", [&] { return cast(due ? updates + 1 : next_iteration, dtype); });
    return u;
  };
  for (const TrainableWeight& w : weights) {
    WeightUpdate u = turn_of(w);
    const size_t first = assignments.size();
    if (const std::optional<double> decay = self()->weight_decay(w.path, w.weight.type()); decay && *decay != 0 && decays(w.path))
      u.weight = w.weight - w.weight * u.once(text("weight_decay ", *decay), [&] { return u.learning_rate * *decay; });
    Value next = self()->update(u);
    if (due) {
      for (size_t i = first; i < assignments.size(); ++i) assignments[i].value = select(*due, assignments[i].value, assignments[i].state);
      next = select(*due, next, w.weight);
    }
    if (o.use_ema) next = averaged(u, next, updates, o);
    if (w.constraint) next = w.constraint(next);
    assignments.push_back({w.weight, next});
  }
  if (o.use_ema)
    for (const TrainableWeight& w : all_weights) {
      if (w.gradient) continue;
      WeightUpdate u = turn_of(w);
      const Value next = averaged(u, w.weight, updates, o);
      if (o.ema_overwrite_frequency) assignments.push_back({w.weight, next});
    }
  assignments.push_back({iteration, next_iteration});
  graph.where = where;
  return assignments;
}

}  // namespace cornu
