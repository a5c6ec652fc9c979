// Callback: the handle of any struct that has some of Keras's hooks.
#pragma once
#include <concepts>
#include <memory>
#include <typeinfo>

#include "cornu/base/config.h"
#include "cornu/callbacks/hooks.h"
#include "cornu/callbacks/logs.h"
#include "cornu/callbacks/training.h"

namespace cornu {

/// A callback is a struct with any of the hooks of hooks.h:
///
///   struct Stopwatch {
///     void on_epoch_end(int epoch, Logs& logs, Training& training);
///   };
///
/// Arguments may be left out from the end. A missing hook costs nothing. The struct may also say
///   BatchCalls batch_calls(Mode, const Training&) const;   when its batch hooks matter (default: each, where it has one)
///   Config state() const; void set_state(const Config&);    what --resume restores; set_state is called before
///       on_train_begin, which then goes on from there instead of starting anew
///   std::vector<Tensor> tensors() const; void set_tensors(std::vector<Tensor>);   the part of the state that is tensors
///
/// Copies of a handle are the same callback: keep one, pass it to fit, and read as<EarlyStopping>()->stopped_epoch after.
class Callback {
 public:
  template <class T>
  requires(!std::same_as<T, Callback>) Callback(T callback) : shared_(std::make_shared<Holder<T>>(std::move(callback))) {}
  CORNU_SPECIAL_MEMBERS(Callback)

  /// `number` is the epoch or batch; hooks around a run ignore it.
  void call(Hook hook, int number, Logs& logs, Training& training);
  BatchCalls batch_calls(Mode mode, const Training& training) const;
  Config state() const;
  void set_state(const Config& state);
  std::vector<Tensor> tensors() const;
  void set_tensors(std::vector<Tensor> tensors);

  /// The struct inside, or null when it is of another type.
  template <class T>
  T* as() const {
    auto* holder = dynamic_cast<Holder<T>*>(shared_.get());
    return holder ? &holder->callback : nullptr;
  }
  bool is(const Callback& other) const { return shared_ == other.shared_; }

 private:
  struct Erased {
    virtual ~Erased() = default;
    virtual void call(Hook hook, int number, Logs& logs, Training& training) = 0;
    virtual BatchCalls batch_calls(Mode mode, const Training& training) const = 0;
    virtual Config state() const = 0;
    virtual void set_state(const Config& state) = 0;
    virtual std::vector<Tensor> tensors() const = 0;
    virtual void set_tensors(std::vector<Tensor> tensors) = 0;
  };
  template <class T>
  struct Holder;
  std::shared_ptr<Erased> shared_;
};

// A hook that exists but cannot be called as described must not be skipped in silence.
#define CORNU_CALL(object, name, otherwise, ...)                                                                    \
  if constexpr (requires { object.name(__VA_ARGS__ __VA_OPT__(, ) logs, training); }) {                             \
    object.name(__VA_ARGS__ __VA_OPT__(, ) logs, training);                                                         \
  } else if constexpr (requires { object.name(__VA_ARGS__ __VA_OPT__(, ) logs); }) {                                \
    object.name(__VA_ARGS__ __VA_OPT__(, ) logs);                                                                   \
  } else if constexpr (requires { object.name(__VA_ARGS__); }) {                                                    \
    object.name(__VA_ARGS__);                                                                                       \
  } else if constexpr (requires { object.name(); }) {                                                               \
    object.name();                                                                                                  \
  } else {                                                                                                          \
    static_assert(!requires { &T::name; }, #name " takes ([int number,] Logs&, Training&), or less from the left"); \
    otherwise                                                                                                       \
  }

template <class T>
struct Callback::Holder final : Erased {
  explicit Holder(T c) : callback(std::move(c)) {}

  void call(Hook hook, [[maybe_unused]] int number, [[maybe_unused]] Logs& logs, [[maybe_unused]] Training& training) override {
    switch (hook) {
#define CORNU_CASE(name) \
  case Hook::name:       \
    CORNU_CALL(callback, name, ) break;
      CORNU_RUN_HOOKS(CORNU_CASE)
#undef CORNU_CASE
#define CORNU_CASE(name) \
  case Hook::name:       \
    CORNU_CALL(callback, name, , number) break;
      CORNU_EPOCH_HOOKS(CORNU_CASE)
#undef CORNU_CASE
#define CORNU_CASE(name, older) \
  case Hook::name:              \
    CORNU_CALL(callback, name, CORNU_CALL(callback, older, , number), number) break;
      CORNU_BATCH_HOOKS(CORNU_CASE)
#undef CORNU_CASE
    }
  }
  BatchCalls batch_calls([[maybe_unused]] Mode mode, [[maybe_unused]] const Training& training) const override {
    if constexpr (requires { callback.batch_calls(mode, training); }) {
      return callback.batch_calls(mode, training);
    } else {
      constexpr bool train = requires { &T::on_train_batch_begin; }
      || requires { &T::on_train_batch_end; }
      || requires { &T::on_batch_begin; }
      || requires { &T::on_batch_end; };
      constexpr bool test = requires { &T::on_test_batch_begin; }
      || requires { &T::on_test_batch_end; };
      constexpr bool predict = requires { &T::on_predict_batch_begin; }
      || requires { &T::on_predict_batch_end; };
      const bool has = mode == Mode::train ? train : mode == Mode::test ? test : predict;
      return has ? BatchCalls::each : BatchCalls::none;
    }
  }
  Config state() const override {
    if constexpr (requires { callback.state(); }) return callback.state();
    return {};
  }
  void set_state([[maybe_unused]] const Config& state) override {
    if constexpr (requires { callback.set_state(state); }) callback.set_state(state);
  }
  std::vector<Tensor> tensors() const override {
    if constexpr (requires { callback.tensors(); }) return callback.tensors();
    return {};
  }
  void set_tensors([[maybe_unused]] std::vector<Tensor> tensors) override {
    if constexpr (requires { callback.set_tensors(std::move(tensors)); }) callback.set_tensors(std::move(tensors));
  }

  T callback;
};
#undef CORNU_CALL

}  // namespace cornu
