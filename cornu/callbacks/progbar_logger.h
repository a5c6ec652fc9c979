// ProgbarLogger: shows a run's progress; every run has one.
#pragma once
#include "cornu/callbacks/callback.h"
#include "cornu/callbacks/progress.h"

namespace cornu {

/// "Epoch 1/10" and a bar that is redrawn (verbose 1, on a terminal), or one line per epoch without escapes (verbose 2, or
/// verbose 1 into a file or pipe). Validation inside fit is silent: its val_* values join the epoch's last line.
struct ProgbarLogger {
  /// Redraw even where no terminal is: Keras's behaviour, byte for byte. Null: only on terminals.
  std::optional<bool> redraw = {};

  void on_train_begin(Logs& logs, Training& training);
  void on_train_end();
  void on_test_begin(Logs& logs, Training& training);
  void on_predict_begin(Logs& logs, Training& training);
  void on_epoch_begin(int epoch, Logs& logs, Training& training);
  void on_train_batch_end(int batch, Logs& logs, Training& training);
  void on_test_batch_end(int batch, Logs& logs, Training& training);
  void on_predict_batch_end(int batch, Logs& logs, Training& training);
  void on_epoch_end(int epoch, Logs& logs, Training& training);
  void on_test_end(Logs& logs, Training& training);
  void on_predict_end(Logs& logs, Training& training);
  BatchCalls batch_calls(Mode mode, const Training& training) const;

  bool in_fit = false;
  std::optional<int64_t> target = {};  // learnt in the first epoch when the trainer does not know it
  int64_t seen = 0;
  std::optional<Progress> bar = {};

 private:
  void start(Training& training);
  void advance(int batch, const Logs& logs, Training& training);
  void finish(const Logs& logs, Training& training);
};

}  // namespace cornu
