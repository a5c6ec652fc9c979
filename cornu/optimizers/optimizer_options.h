// What all optimizers have: the fields that each of their structs repeats, and how they are read from it.
#pragma once
#include "cornu/optimizers/schedules.h"

namespace cornu {

// Options that all of them share, as members (an aggregate cannot inherit them) and as the beginning of Keras's config.
//   clipnorm, global_clipnorm, clipvalue: at most one of them. Each gradient is brought to that norm, or all of them together, or
//     each number of them to that size.
//   weight_decay (each struct has it itself: its default varies): takes weight_decay * learning_rate * w off each weight before
//     the update; Optimizer::exclude_from_weight_decay says which are left alone.
//   use_ema: a moving average of each weight, average = m average + (1 - m) w with m = ema_momentum (0 in the first step). It
//     replaces the weight every ema_overwrite_frequency steps, if given, and when fit ends.
//   loss_scale_factor: gradients are taken of the loss times that, and divided by it again.
//   gradient_accumulation_steps: only every n-th step (n >= 2) updates the weights, with the mean of the last n gradients.
#define CORNU_OPTIMIZER_OPTIONS                               \
  std::optional<double> clipnorm = {};                        \
  std::optional<double> clipvalue = {};                       \
  std::optional<double> global_clipnorm = {};                 \
  bool use_ema = false;                                       \
  double ema_momentum = 0.99;                                 \
  std::optional<int64_t> ema_overwrite_frequency = {};        \
  std::optional<double> loss_scale_factor = {};               \
  std::optional<int64_t> gradient_accumulation_steps = {};
#define CORNU_OPTIMIZER_FIELDS                                                                                               \
  name, learning_rate, weight_decay, clipnorm, global_clipnorm, clipvalue, use_ema, ema_momentum, ema_overwrite_frequency,   \
      loss_scale_factor, gradient_accumulation_steps

/// Keys of old files that mean nothing any more, with the only values that are accepted.
Config old_optimizer_options();

/// What every optimizer has, read from its struct; a struct of the user's may leave out all but the learning rate.
struct OptimizerOptions {
  LearningRate learning_rate;
  std::string name = {};
  std::optional<double> weight_decay = {};
  CORNU_OPTIMIZER_OPTIONS
};

/// Throws ArgumentError for values that mean nothing.
void check_options(const OptimizerOptions& o);

template <class T> OptimizerOptions options_of(const T& t) {
  OptimizerOptions o{t.learning_rate};
  if constexpr (requires { t.name; }) o.name = t.name;
  if constexpr (requires { t.weight_decay; }) o.weight_decay = t.weight_decay;
  if constexpr (requires { t.clipnorm; }) o.clipnorm = t.clipnorm;
  if constexpr (requires { t.clipvalue; }) o.clipvalue = t.clipvalue;
  if constexpr (requires { t.global_clipnorm; }) o.global_clipnorm = t.global_clipnorm;
  if constexpr (requires { t.use_ema; }) o.use_ema = t.use_ema;
  if constexpr (requires { t.ema_momentum; }) o.ema_momentum = t.ema_momentum;
  if constexpr (requires { t.ema_overwrite_frequency; }) o.ema_overwrite_frequency = t.ema_overwrite_frequency;
  if constexpr (requires { t.loss_scale_factor; }) o.loss_scale_factor = t.loss_scale_factor;
  if constexpr (requires { t.gradient_accumulation_steps; }) o.gradient_accumulation_steps = t.gradient_accumulation_steps;
  return o;
}

}  // namespace cornu
