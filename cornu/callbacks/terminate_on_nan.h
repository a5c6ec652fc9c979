// TerminateOnNaN: ends training when the loss is no longer a number.
#pragma once
#include "cornu/callbacks/callback.h"

namespace cornu {

/// Looks at every batch of training. With raise_error it throws NumericError at once, so that no other callback's on_train_end
/// runs.
struct TerminateOnNaN {
  bool raise_error = false;

  void on_train_batch_end(int batch, Logs& logs, Training& training);
};

}  // namespace cornu
