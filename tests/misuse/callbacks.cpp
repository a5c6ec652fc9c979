// Callbacks whose hooks could never be called.
// MISTAKE_1: on_epoch_end takes ([int number,] Logs&, Training&), or less from the left
// MISTAKE_2: a hook takes ([int number,] Logs&, Training&), or less from the left
#include "cornu/callbacks/callbacks.h"

using namespace cornu;

struct Right {
  void on_epoch_end(int, Logs&) {}
};
struct Wrong {
  void on_epoch_end(Training&, int) {}
};

void callbacks() {
  Callback right = Right{};
  LambdaCallback also{.on_epoch_end = [](int, Logs&) {}};
#if defined MISTAKE_1
  Callback wrong = Wrong{};
#elif defined MISTAKE_2
  LambdaCallback wrong{.on_epoch_end = [](Training&, const char*) {}};
#endif
}
