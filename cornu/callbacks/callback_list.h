// The callbacks of one run, called in order.
#pragma once
#include "cornu/callbacks/callback.h"

namespace cornu {

class CallbackList {
 public:
  CallbackList();
  explicit CallbackList(std::vector<Callback> callbacks);

  /// Keras's order: the user's callbacks, then History and ProgbarLogger unless the user brought their own.
  void add_history();
  void add_progbar();
  /// The first callback made from a T, or null.
  template <class T>
  T* find() const {
    for (const Callback& c : callbacks_)
      if (T* found = c.as<T>()) return found;
    return nullptr;
  }

  // Each sorts the logs by name, as Keras does, and calls every callback with the same logs: what one adds
  // (learning_rate), those after it see.
#define CORNU_HOOK(name) \
  void name(Logs& logs, Training& training) { call(Hook::name, 0, logs, training); }
  CORNU_RUN_HOOKS(CORNU_HOOK)
#undef CORNU_HOOK
#define CORNU_HOOK(name, ...) \
  void name(int number, Logs& logs, Training& training) { call(Hook::name, number, logs, training); }
  CORNU_EPOCH_HOOKS(CORNU_HOOK)
  CORNU_BATCH_HOOKS(CORNU_HOOK)
#undef CORNU_HOOK

  /// The closest that any of them follows batches.
  BatchCalls batch_calls(Mode mode, const Training& training) const;

  /// One entry for each callback, in order, null for those without state.
  Config state() const;
  /// Throws FormatError when the list has another length than the callbacks: they are not those of the saved run.
  void set_state(const Config& state);
  /// The tensors of each callback, in order.
  std::vector<std::vector<Tensor>> tensors() const;
  void set_tensors(std::vector<std::vector<Tensor>> tensors);

  const std::vector<Callback>& callbacks() const { return callbacks_; }

 private:
  void call(Hook hook, int number, Logs& logs, Training& training);
  std::vector<Callback> callbacks_;
};

}  // namespace cornu
