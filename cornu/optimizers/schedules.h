// The learning rate: a number, or a function of the number of steps done.
#pragma once
#include <array>
#include <concepts>

#include "cornu/graph/op.h"
#include "cornu/nn/regularizers.h"

namespace cornu {

// Each is called with the step, a float32 scalar, and gives a float32 scalar. Names and formulas are Keras's.

/// initial * rate^(step / decay_steps); with staircase the exponent is floored.
struct ExponentialDecay {
  double initial_learning_rate = 0.01;
  double decay_steps = 1000;
  double decay_rate = 0.96;
  bool staircase = false;
  std::string name = "ExponentialDecay";
  static constexpr std::string_view class_name = "ExponentialDecay";
  CORNU_FIELDS(initial_learning_rate, decay_steps, decay_rate, staircase, name)
  Value operator()(Value step) const;
};
/// values[i] up to and including step boundaries[i], the last value after all of them.
struct PiecewiseConstantDecay {
  std::vector<double> boundaries = {};
  std::vector<double> values = {};
  std::string name = "PiecewiseConstant";
  static constexpr std::string_view class_name = "PiecewiseConstantDecay";
  CORNU_FIELDS(boundaries, values, name)
  Value operator()(Value step) const;
};
/// (initial - end) (1 - step / decay_steps)^power + end, and end after decay_steps. With cycle, decay_steps grows to its next
/// multiple instead.
struct PolynomialDecay {
  double initial_learning_rate = 0.01;
  double decay_steps = 1000;
  double end_learning_rate = 0.0001;
  double power = 1;
  bool cycle = false;
  std::string name = "PolynomialDecay";
  static constexpr std::string_view class_name = "PolynomialDecay";
  CORNU_FIELDS(initial_learning_rate, decay_steps, end_learning_rate, power, cycle, name)
  Value operator()(Value step) const;
};
/// initial / (1 + rate * step / decay_steps); with staircase the quotient is floored.
struct InverseTimeDecay {
  double initial_learning_rate = 0.01;
  double decay_steps = 1000;
  double decay_rate = 0.5;
  bool staircase = false;
  std::string name = "InverseTimeDecay";
  static constexpr std::string_view class_name = "InverseTimeDecay";
  CORNU_FIELDS(initial_learning_rate, decay_steps, decay_rate, staircase, name)
  Value operator()(Value step) const;
};
/// Half a cosine from the initial rate down to alpha times it over decay_steps (Loshchilov and Hutter 2016); before that,
/// given warmup_target and warmup_steps, a line from the initial rate up to the target, from which the cosine then starts.
struct CosineDecay {
  double initial_learning_rate = 0.01;
  double decay_steps = 1000;
  double alpha = 0;
  std::string name = "CosineDecay";
  std::optional<double> warmup_target = {};
  double warmup_steps = 0;
  static constexpr std::string_view class_name = "CosineDecay";
  CORNU_FIELDS(initial_learning_rate, decay_steps, alpha, name, warmup_target, warmup_steps)
  Value operator()(Value step) const;
};

/// A cosine from the initial rate to alpha times it, again and again: each period t_mul times as long as the one before and
/// starting m_mul times as high.
struct CosineDecayRestarts {
  double initial_learning_rate = 0.01;
  double first_decay_steps = 1000;
  double t_mul = 2, m_mul = 1, alpha = 0;
  std::string name = "SGDRDecay";
  static constexpr std::string_view class_name = "CosineDecayRestarts";
  CORNU_FIELDS(initial_learning_rate, first_decay_steps, t_mul, m_mul, alpha, name)
  Value operator()(Value step) const;
};

/// A number or a schedule: 1e-3, CosineDecay{...}, or a function from the step to the rate.
class LearningRate : public Choice<ValueFunctionInterface> {
 public:
  LearningRate() = default;
  LearningRate(double rate) : rate_(rate) {}
  template <ValueFunction T> LearningRate(T schedule) : Choice(std::make_shared<ValueFunctionHolder<T>>(std::move(schedule))) {}

  /// The number; where there is a schedule it means nothing.
  double number() const { return rate_; }
  bool scheduled() const { return self_ != nullptr; }
  Value operator()(Value step) const;
  /// The rate after that many steps, whether it is a number or scheduled.
  double at(int64_t steps) const;

 private:
  double rate_ = 0.001;
  friend Config to_config(const LearningRate& rate);
};

/// The number as float32 holds it, as Keras writes it, or the schedule's object dict.
Config to_config(const LearningRate& rate);
void from_config(const Config& config, LearningRate& rate);

}  // namespace cornu
