// SwapEMAWeights: evaluation with the moving averages of the weights.
#pragma once
#include "cornu/callbacks/callback.h"

namespace cornu {

/// With an optimizer that has use_ema: averages stand in the weights' place while the model is evaluated or predicts, and with
/// swap_on_epoch also from the end of each epoch to the beginning of the next, so that checkpoints hold them.
/// Throws ArgumentError without use_ema.
struct SwapEMAWeights {
  bool swap_on_epoch = false;

  void on_epoch_begin(int epoch, Logs& logs, Training& training);
  void on_epoch_end(int epoch, Logs& logs, Training& training);
  void on_test_begin(Logs&, Training& training) { use_averages(true, training); }
  void on_test_end(Logs&, Training& training) { use_averages(false, training); }
  void on_predict_begin(Logs&, Training& training) { use_averages(true, training); }
  void on_predict_end(Logs&, Training& training) { use_averages(false, training); }

  bool averages_in_model = false;

 private:
  void use_averages(bool averages, Training& training);
};

}  // namespace cornu
