#include "cornu/callbacks/swap_ema_weights.h"

#include "cornu/base/error.h"

namespace cornu {

void SwapEMAWeights::use_averages(bool averages, Training& training) {
  require(training.has_weight_averages(), "SwapEMAWeights must be used when `use_ema=True` is set on the optimizer, and it is not: give the optimizer .use_ema = true");
  if (averages_in_model == averages) return;
  training.swap_weight_averages();
  averages_in_model = averages;
}

void SwapEMAWeights::on_epoch_begin(int, Logs&, Training& training) {
  if (swap_on_epoch) use_averages(false, training);
}

void SwapEMAWeights::on_epoch_end(int epoch, Logs&, Training& training) {
  if (!swap_on_epoch) return;
  use_averages(true, training);
  // Fit ends by putting the averages in the weights' place: they must be the averages again by then.
  if (epoch + 1 == training.params().epochs || training.stop_training) {
    training.set_averages_to_weights();
    averages_in_model = false;
  }
}

}  // namespace cornu
