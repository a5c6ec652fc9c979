#include "cornu/callbacks/early_stopping.h"

#include "cornu/base/error.h"
#include "cornu/callbacks/monitor.h"

namespace cornu {

std::vector<Tensor> EarlyStopping::tensors() const { return best_weights.value_or(std::vector<Tensor>{}); }

void EarlyStopping::on_train_begin(Logs&, Training& training) {
  more_is_better("EarlyStopping", monitor, mode, training);  // a mistake should not cost an epoch
  warned = false;
  if (resumed) {
    resumed = false;
    return;
  }
  wait = stopped_epoch = best_epoch = 0;
  best.reset();
  best_weights.reset();
}

void EarlyStopping::on_epoch_end(int epoch, Logs& logs, Training& training) {
  const bool more = more_is_better("EarlyStopping", monitor, mode, training);
  const double* current = logs.find(monitor);
  if (!current && !warned) {
    training.console().warn(text("Early stopping conditioned on metric `", monitor,
                                 "` which is not available. Available metrics are: ", logs.names(",")));
    warned = true;
  }
  if (!current || epoch < start_from_epoch) return;

  if (restore_best_weights && !best_weights) {
    best_weights = training.get_weights();
    best_epoch = epoch;
  }
  ++wait;
  if (is_improvement(*current, best, more, min_delta)) {
    best = *current;
    best_epoch = epoch;
    if (restore_best_weights) best_weights = training.get_weights();
    if (!baseline || is_improvement(*current, baseline, more, min_delta)) wait = 0;
    return;
  }
  if (wait >= patience && epoch > 0) {
    stopped_epoch = epoch;
    training.stop_training = true;
  }
}

void EarlyStopping::on_train_end(Logs&, Training& training) {
  if (stopped_epoch > 0 && verbose > 0) training.console().print(text("Epoch ", stopped_epoch + 1, ": early stopping\n"));
  if (!restore_best_weights || !best_weights) return;
  if (verbose > 0)
    training.console().print(text("Restoring model weights from the end of the best epoch: ", best_epoch + 1, ".\n"));
  training.set_weights(*best_weights);
}

Config EarlyStopping::state() const {
  return Config::Dict{
      {"wait", wait}, {"stopped_epoch", stopped_epoch}, {"best", best_to_config(best)}, {"best_epoch", best_epoch}};
}

void EarlyStopping::set_state(const Config& state) {
  wait = static_cast<int>(state["wait"].as_int());
  stopped_epoch = static_cast<int>(state["stopped_epoch"].as_int());
  best = best_from_config(state["best"]);
  best_epoch = static_cast<int>(state["best_epoch"].as_int());
  resumed = true;
}

void EarlyStopping::set_tensors(std::vector<Tensor> tensors) {
  best_weights.reset();
  if (!tensors.empty()) best_weights = std::move(tensors);
}

}  // namespace cornu
