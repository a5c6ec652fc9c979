#include "cornu/optimizers/schedules.h"

#include <cmath>
#include <numbers>

#include "cornu/compiler/compile.h"
#include "cornu/nn/choose.h"
#include "cornu/optimizers/classes.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {
Value to_power(double base, Value exponent) { return power(scalar(exponent, base), exponent); }
/// (1 + cos(pi x)) / 2: from 1 at 0 to 0 at 1.
Value half_cosine(Value x) { return (cos(x * std::numbers::pi) + 1) * 0.5; }
}  // namespace

Value ExponentialDecay::operator()(Value step) const {
  const Value p = step / decay_steps;
  return to_power(decay_rate, staircase ? floor(p) : p) * initial_learning_rate;
}

Value PiecewiseConstantDecay::operator()(Value step) const {
  require(!boundaries.empty() && values.size() == boundaries.size() + 1, "PiecewiseConstantDecay takes one value more than boundaries, and at least one boundary; it was given ",
          values.size(), " values and ", boundaries.size(), " boundaries");
  Value rate = scalar(step, values.back());
  for (size_t i = boundaries.size(); i-- > 0;) rate = select(less_equal(step, scalar(step, boundaries[i])), scalar(step, values[i]), rate);
  return rate;
}

Value PolynomialDecay::operator()(Value step) const {
  Value p = step / decay_steps;
  if (cycle) p = p / maximum(ceil(p), scalar(p, 1));
  else p = minimum(p, scalar(p, 1));
  const Value left = 1 - p;
  return (power == 1 ? left : cornu::power(left, scalar(left, power))) * (initial_learning_rate - end_learning_rate) + end_learning_rate;
}

Value InverseTimeDecay::operator()(Value step) const {
  const Value p = step / decay_steps;
  return initial_learning_rate / ((staircase ? floor(p) : p) * decay_rate + 1);
}

Value CosineDecay::operator()(Value step) const {
  const double from = warmup_target.value_or(initial_learning_rate), warmup = warmup_target ? warmup_steps : 0;
  const Value after = clip(step - warmup, 0, decay_steps);
  const Value decayed = (half_cosine(after / decay_steps) * (1 - alpha) + alpha) * from;
  if (warmup <= 0) return decayed;
  const Value rising = step * ((from - initial_learning_rate) / warmup) + initial_learning_rate;
  return select(less(step, scalar(step, warmup)), rising, decayed);
}

Value CosineDecayRestarts::operator()(Value step) const {
  const Value done = step / first_decay_steps;
  Value period, within;
  if (t_mul == 1) {
    period = floor(done);
    within = done - period;
  } else {
    // Period i begins at (1 - t^i) / (1 - t) and is t^i long.
    period = floor(log(1 - done * (1 - t_mul)) / std::log(t_mul));
    const Value length = to_power(t_mul, period);
    within = (done - (1 - length) / (1 - t_mul)) / length;
  }
  return (half_cosine(within) * to_power(m_mul, period) * (1 - alpha) + alpha) * initial_learning_rate;
}

double LearningRate::at(int64_t steps) const {
  if (!scheduled()) return rate_;
  Graph graph;
  graph.output(self()->call(graph.constant(Tensor::scalar(static_cast<float>(steps)))));
  Execution execution(compile(graph));
  execution.run();
  return execution.output_tensor(0).at(0);
}

namespace {
const Family<ExponentialDecay, PiecewiseConstantDecay, PolynomialDecay, InverseTimeDecay, CosineDecay, CosineDecayRestarts> family = {"learning rate schedule"};
}

Value LearningRate::operator()(Value step) const { return self()->call(step); }

Config to_config(const LearningRate& rate) {
  if (!rate.scheduled()) return static_cast<double>(static_cast<float>(rate.number()));
  return rate.object_config("keras.optimizers.schedules", "the learning rate schedule");
}

std::vector<ClassInfo> schedule_classes() { return classes_of(family); }

void from_config(const Config& config, LearningRate& rate) {
  if (const auto* held = config.held<LearningRate>()) return void(rate = *held);
  if (config.is_number()) return void(rate = LearningRate(config.as_double()));
  const ObjectConfig object = read_object(config, "learning rate schedule");
  rate = choose<LearningRate>(family, object.name, object.config);
}

}  // namespace cornu
