// Callbacks that set the learning rate between epochs.
#pragma once
#include <functional>

#include "cornu/callbacks/callback.h"

namespace cornu {

/// Lowers the learning rate by `factor` when `monitor` has not got better for `patience` epochs. Logs "learning_rate".
/// Throws ArgumentError in on_train_begin when factor >= 1.
struct ReduceLROnPlateau {
  std::string monitor = "val_loss";
  double factor = 0.1;
  int patience = 10;
  int verbose = 0;
  std::string mode = "auto";
  double min_delta = 1e-4;
  int cooldown = 0;  // epochs of rest after a reduction
  double min_lr = 0;

  std::optional<double> best = {};
  int wait = 0;
  int cooldown_counter = 0;

  void on_train_begin(Logs& logs, Training& training);
  void on_epoch_end(int epoch, Logs& logs, Training& training);
  Config state() const;
  void set_state(const Config& state);

  bool resumed = false, warned = false;
};

/// Before each epoch sets schedule(epoch, present learning rate). Logs "learning_rate".
struct LearningRateScheduler {
  std::function<double(int epoch, double learning_rate)> schedule = {};
  int verbose = 0;

  void on_epoch_begin(int epoch, Logs& logs, Training& training);
  void on_epoch_end(int epoch, Logs& logs, Training& training);
};

}  // namespace cornu
