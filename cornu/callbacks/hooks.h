// The list of Keras's callback hooks. Everything that must agree on it (the handle, the list, LambdaCallback) is made from here.
#pragma once

namespace cornu {

// Around a whole run: name(Logs&, Training&).
#define CORNU_RUN_HOOKS(X) X(on_train_begin) X(on_train_end) X(on_test_begin) X(on_test_end) X(on_predict_begin) X(on_predict_end)
// Around an epoch: name(int epoch, Logs&, Training&), counted from 0.
#define CORNU_EPOCH_HOOKS(X) X(on_epoch_begin) X(on_epoch_end)
// Around a batch: name(int batch, Logs&, Training&), counted from 0 in each epoch. X(name, the older name that means the same).
#define CORNU_BATCH_HOOKS(X)                                                                                              \
  X(on_train_batch_begin, on_batch_begin)                                                                                 \
  X(on_train_batch_end, on_batch_end) X(on_test_batch_begin, on_test_batch_begin) X(on_test_batch_end, on_test_batch_end) \
      X(on_predict_batch_begin, on_predict_batch_begin) X(on_predict_batch_end, on_predict_batch_end)

enum class Hook {
#define CORNU_HOOK(name, ...) name,
  CORNU_RUN_HOOKS(CORNU_HOOK) CORNU_EPOCH_HOOKS(CORNU_HOOK) CORNU_BATCH_HOOKS(CORNU_HOOK)
#undef CORNU_HOOK
};

/// What a run does: fit, evaluate or predict. (Validation inside fit is Mode::test.)
enum class Mode { train, test, predict };

/// How closely a callback follows batches. `sometimes` is for those who only show where things stand: they need the first and
/// the last batch of an epoch and a few each second between, so that many steps can run between two calls.
enum class BatchCalls { none, sometimes, each };

}  // namespace cornu
