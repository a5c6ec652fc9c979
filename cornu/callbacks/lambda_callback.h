// LambdaCallback: hooks given as functions.
#pragma once
#include <functional>

#include "cornu/callbacks/callback.h"

namespace cornu {

/// A function of ([int number,] Logs&, Training&), whose arguments may be left out from the end; or nothing.
template <class... Number>
class HookFunction {
 public:
  HookFunction() = default;
  template <class F>
  requires(!std::same_as<F, HookFunction>) HookFunction(F f) {
    if constexpr (requires(Number... n, Logs & l, Training & t) { f(n..., l, t); }) {
      function_ = std::move(f);
    } else if constexpr (requires(Number... n, Logs & l) { f(n..., l); }) {
      function_ = [f = std::move(f)](Number... n, Logs& l, Training&) mutable { f(n..., l); };
    } else if constexpr (requires(Number... n) { f(n...); }) {
      function_ = [f = std::move(f)](Number... n, Logs&, Training&) mutable { f(n...); };
    } else {
      static_assert(requires { f(); }, "a hook takes ([int number,] Logs&, Training&), or less from the left");
      function_ = [f = std::move(f)](Number..., Logs&, Training&) mutable { f(); };
    }
  }
  void operator()(Number... n, Logs& logs, Training& training) const {
    if (function_) function_(n..., logs, training);
  }
  explicit operator bool() const { return static_cast<bool>(function_); }

 private:
  std::function<void(Number..., Logs&, Training&)> function_;
};

///   Callback print = LambdaCallback{.on_epoch_end = [](int epoch, Logs& logs) { ... }};
struct LambdaCallback {
  // Keras's order.
  HookFunction<int> on_epoch_begin = {};
  HookFunction<int> on_epoch_end = {};
  HookFunction<> on_train_begin = {};
  HookFunction<> on_train_end = {};
  HookFunction<int> on_train_batch_begin = {};
  HookFunction<int> on_train_batch_end = {};
  HookFunction<> on_test_begin = {};
  HookFunction<> on_test_end = {};
  HookFunction<int> on_test_batch_begin = {};
  HookFunction<int> on_test_batch_end = {};
  HookFunction<> on_predict_begin = {};
  HookFunction<> on_predict_end = {};
  HookFunction<int> on_predict_batch_begin = {};
  HookFunction<int> on_predict_batch_end = {};

  BatchCalls batch_calls(Mode mode, const Training&) const {
    const bool has = mode == Mode::train  ? on_train_batch_begin || on_train_batch_end
                     : mode == Mode::test ? on_test_batch_begin || on_test_batch_end
                                            : on_predict_batch_begin || on_predict_batch_end;
    return has ? BatchCalls::each : BatchCalls::none;
  }
};

// A hook that LambdaCallback lacked would do nothing in silence; it fails to compile here instead.
#define CORNU_HOOK(name, ...) static_assert(requires(LambdaCallback & c) { c.name; });
CORNU_RUN_HOOKS(CORNU_HOOK) CORNU_EPOCH_HOOKS(CORNU_HOOK) CORNU_BATCH_HOOKS(CORNU_HOOK)
#undef CORNU_HOOK

}  // namespace cornu
