// EarlyStopping: ends training when a watched number no longer gets better.
#pragma once
#include "cornu/callbacks/callback.h"

namespace cornu {

struct EarlyStopping {
  std::string monitor = "val_loss";
  double min_delta = 0;
  int patience = 0;  // epochs without improvement before training ends
  int verbose = 0;
  std::string mode = "auto";
  std::optional<double> baseline = {};  // patience is counted until this is beaten
  bool restore_best_weights = false;    // also when training ends by itself
  int start_from_epoch = 0;

  // What happened, to be read after fit.
  int stopped_epoch = 0;  // 0: it did not stop training
  int wait = 0;
  std::optional<double> best = {};
  int best_epoch = 0;
  std::optional<std::vector<Tensor>> best_weights = {};

  void on_train_begin(Logs& logs, Training& training);
  void on_epoch_end(int epoch, Logs& logs, Training& training);
  void on_train_end(Logs& logs, Training& training);
  Config state() const;
  void set_state(const Config& state);
  std::vector<Tensor> tensors() const;
  void set_tensors(std::vector<Tensor> tensors);

  bool resumed = false;  // set_state came before on_train_begin
  bool warned = false;
};

}  // namespace cornu
