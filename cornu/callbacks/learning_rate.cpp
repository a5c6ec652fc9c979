#include "cornu/callbacks/learning_rate.h"

#include <algorithm>

#include "cornu/base/error.h"
#include "cornu/callbacks/monitor.h"
#include "cornu/callbacks/numbers.h"

namespace cornu {

void ReduceLROnPlateau::on_train_begin(Logs&, Training& training) {
  require(factor < 1, "ReduceLROnPlateau does not support a factor >= 1.0. Received factor=", float_repr(factor));
  more_is_better("ReduceLROnPlateau", monitor, mode, training);
  warned = false;
  if (!resumed) best.reset(), wait = cooldown_counter = 0;
  resumed = false;
}

void ReduceLROnPlateau::on_epoch_end(int epoch, Logs& logs, Training& training) {
  const double rate = training.learning_rate();
  logs.set("learning_rate", rate);
  const double* current = logs.find(monitor);
  if (!current) {
    if (!warned)
      training.console().warn(text("Learning rate reduction is conditioned on metric `", monitor,
                                   "` which is not available. Available metrics are: ", logs.names(","), "."));
    warned = true;
    return;
  }
  if (cooldown_counter > 0) --cooldown_counter, wait = 0;
  if (is_improvement(*current, best, more_is_better("ReduceLROnPlateau", monitor, mode, training), min_delta)) {
    best = *current;
    wait = 0;
    return;
  }
  if (cooldown_counter > 0 || ++wait < patience || rate <= static_cast<double>(static_cast<float>(min_lr))) return;
  const double next = std::max(rate * factor, min_lr);
  training.set_learning_rate(next);
  if (verbose > 0)
    training.console().print(
        text("\nEpoch ", epoch + 1, ": ReduceLROnPlateau reducing learning rate to ", float_repr(next), ".\n"));
  cooldown_counter = cooldown;
  wait = 0;
}

Config ReduceLROnPlateau::state() const {
  return Config::Dict{{"best", best_to_config(best)}, {"wait", wait}, {"cooldown_counter", cooldown_counter}};
}

void ReduceLROnPlateau::set_state(const Config& state) {
  best = best_from_config(state["best"]);
  wait = static_cast<int>(state["wait"].as_int());
  cooldown_counter = static_cast<int>(state["cooldown_counter"].as_int());
  resumed = true;
}

void LearningRateScheduler::on_epoch_begin(int epoch, Logs&, Training& training) {
  require(static_cast<bool>(schedule), "LearningRateScheduler has no schedule: give it a function of (epoch, learning rate)");
  const double rate = schedule(epoch, training.learning_rate());
  training.set_learning_rate(rate);
  if (verbose > 0)
    training.console().print(
        text("\nEpoch ", epoch + 1, ": LearningRateScheduler setting learning rate to ", float_repr(rate), ".\n"));
}

void LearningRateScheduler::on_epoch_end(int, Logs& logs, Training& training) {
  logs.set("learning_rate", training.learning_rate());
}

}  // namespace cornu
