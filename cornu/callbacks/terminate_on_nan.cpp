#include "cornu/callbacks/terminate_on_nan.h"

#include <cmath>

#include "cornu/base/error.h"
#include "cornu/callbacks/numbers.h"

namespace cornu {

void TerminateOnNaN::on_train_batch_end(int batch, Logs& logs, Training& training) {
  const double* loss = logs.find("loss");
  if (!loss || std::isfinite(*loss)) return;
  require<NumericError>(!raise_error, "NaN or Inf loss encountered at batch ", batch, ". Loss value: ", float_repr(*loss),
                        ". Terminating training immediately.");
  training.console().print(text("Batch ", batch, ": Invalid loss, terminating training\n"));
  training.stop_training = true;
}

}  // namespace cornu
