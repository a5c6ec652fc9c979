// Callbacks: cornu's own with their options and what they found out, and those that Python wrote.
#include "callbacks.h"

#include "cornu/callbacks/callbacks.h"

namespace cornu::python {
namespace {

// ---- cornu's own: their members by name

template <class F> void members(EarlyStopping& c, F f) {
  f("monitor", c.monitor), f("min_delta", c.min_delta), f("patience", c.patience), f("verbose", c.verbose), f("mode", c.mode), f("baseline", c.baseline);
  f("restore_best_weights", c.restore_best_weights), f("start_from_epoch", c.start_from_epoch);
  f("stopped_epoch", c.stopped_epoch), f("wait", c.wait), f("best", c.best), f("best_epoch", c.best_epoch);
}
template <class F> void members(ModelCheckpoint& c, F f) {
  f("filepath", c.filepath), f("monitor", c.monitor), f("verbose", c.verbose), f("save_best_only", c.save_best_only), f("save_weights_only", c.save_weights_only);
  f("mode", c.mode), f("save_freq", c.save_freq), f("initial_value_threshold", c.initial_value_threshold), f("best", c.best);
}
template <class F> void members(ReduceLROnPlateau& c, F f) {
  f("monitor", c.monitor), f("factor", c.factor), f("patience", c.patience), f("verbose", c.verbose), f("mode", c.mode), f("min_delta", c.min_delta);
  f("cooldown", c.cooldown), f("min_lr", c.min_lr), f("best", c.best), f("wait", c.wait), f("cooldown_counter", c.cooldown_counter);
}
template <class F> void members(LearningRateScheduler& c, F f) { f("schedule", c.schedule), f("verbose", c.verbose); }
template <class F> void members(CSVLogger& c, F f) { f("filename", c.filename), f("separator", c.separator), f("append", c.append); }
template <class F> void members(TensorBoard& c, F f) {
  f("log_dir", c.log_dir), f("histogram_freq", c.histogram_freq), f("write_graph", c.write_graph), f("write_steps_per_second", c.write_steps_per_second), f("update_freq", c.update_freq);
}
template <class F> void members(BackupAndRestore& c, F f) { f("backup_dir", c.backup_dir), f("save_freq", c.save_freq), f("delete_checkpoint", c.delete_checkpoint); }
template <class F> void members(SwapEMAWeights& c, F f) { f("swap_on_epoch", c.swap_on_epoch); }
template <class F> void members(TerminateOnNaN&, F) {}
template <class F> void members(ProgbarLogger&, F) {}

template <class Frequency> Frequency frequency(nb::handle v) { return PyLong_Check(v.ptr()) ? Frequency(nb::cast<int>(v)) : Frequency(nb::cast<std::string>(v).c_str()); }
void read(nb::handle v, SaveFrequency& to) { to = frequency<SaveFrequency>(v); }
void read(nb::handle v, UpdateFrequency& to) { to = frequency<UpdateFrequency>(v); }
void read(nb::handle v, std::function<double(int, double)>& to) {
  const Reference function(v);
  to = [function](int epoch, double rate) {
    const nb::gil_scoped_acquire gil;
    return nb::cast<double>(nb::float_(function.get()(epoch, rate)));
  };
}
template <class T> void read(nb::handle v, T& to) { from_config(config_from(v), to); }

nb::object written(const SaveFrequency& f) { return f.is_epoch() ? nb::object(nb::str("epoch")) : nb::object(nb::int_(f.batches())); }
nb::object written(const UpdateFrequency& f) { return f.is_epoch() ? nb::object(nb::str("epoch")) : nb::object(nb::int_(f.batches())); }
nb::object written(const std::function<double(int, double)>&) { return nb::none(); }
template <class T> nb::object written(const T& v) { return to_python(to_config(v)); }

template <class T> Callback made(nb::dict options) {
  T callback;
  for (const auto& [key, value] : options) {
    const std::string name = nb::str(key).c_str();
    members(callback, [&](std::string_view member, auto& to) {
      if (member == name) read(value, to);
    });
  }
  return callback;
}

/// Calls f(T&) for the T that the callback is.
template <class... Ts, class F> void visit_one(const Callback& callback, F f) {
  const auto attempt = [&]<class T>(T* found) {
    if (found) f(*found);
  };
  (attempt(callback.as<Ts>()), ...);
}
template <class F> void visit(const Callback& callback, F f) {
  visit_one<EarlyStopping, ModelCheckpoint, ReduceLROnPlateau, LearningRateScheduler, CSVLogger, TensorBoard, BackupAndRestore, SwapEMAWeights, TerminateOnNaN, ProgbarLogger>(callback, f);
}

// ---- Python's

constexpr std::pair<std::string_view, Hook> hook_names[] = {
#define CORNU_HOOK(name, ...) {#name, Hook::name},
    CORNU_RUN_HOOKS(CORNU_HOOK) CORNU_EPOCH_HOOKS(CORNU_HOOK) CORNU_BATCH_HOOKS(CORNU_HOOK)
#undef CORNU_HOOK
};
constexpr size_t hook_count = std::size(hook_names);

bool is_numbered(Hook h) { return h == Hook::on_epoch_begin || h == Hook::on_epoch_end || hook_names[static_cast<size_t>(h)].first.find("batch") != std::string_view::npos; }

/// A run as Python's callbacks see it, while one of their hooks is called.
struct RunInProgress {
  Training* training = nullptr;
};

void take_changes(const nb::dict& from, Logs& logs) {
  for (const auto& [key, value] : from)
    if (PyObject_HasAttrString(value.ptr(), "__float__")) logs.set(nb::str(key).c_str(), nb::cast<double>(nb::float_(nb::borrow(value))));
}

struct PythonCallback {
  Reference self, model;
  std::array<bool, hook_count> has = {};

  void call(Hook hook, int number, Logs& logs, Training& training) {
    if (!has[static_cast<size_t>(hook)]) return;
    const nb::gil_scoped_acquire gil;
    const nb::object object = self.get();
    const std::string name(hook_names[static_cast<size_t>(hook)].first);
    const nb::dict given = to_python(logs);
    const auto run = std::make_shared<RunInProgress>(&training);
    object.attr("_run") = nb::cast(run);
    struct Leave {
      RunInProgress& run;
      ~Leave() { run.training = nullptr; }
    } leave{*run};
    if (is_numbered(hook)) object.attr(name.c_str())(number, given);
    else object.attr(name.c_str())(given);
    take_changes(given, logs);
    if (nb::cast<bool>(nb::bool_(nb::getattr(model.get(), "stop_training", nb::bool_(false))))) training.stop_training = true;
  }
#define CORNU_HOOK(name) void name(Logs& logs, Training& training) { call(Hook::name, 0, logs, training); }
  CORNU_RUN_HOOKS(CORNU_HOOK)
#undef CORNU_HOOK
#define CORNU_HOOK(name, ...) void name(int number, Logs& logs, Training& training) { call(Hook::name, number, logs, training); }
  CORNU_EPOCH_HOOKS(CORNU_HOOK) CORNU_BATCH_HOOKS(CORNU_HOOK)
#undef CORNU_HOOK

  BatchCalls batch_calls(Mode mode, const Training&) const {
    const auto either = [&](Hook begin, Hook end) { return has[static_cast<size_t>(begin)] || has[static_cast<size_t>(end)] ? BatchCalls::each : BatchCalls::none; };
    switch (mode) {
      case Mode::train: return either(Hook::on_train_batch_begin, Hook::on_train_batch_end);
      case Mode::test: return either(Hook::on_test_batch_begin, Hook::on_test_batch_end);
      case Mode::predict: break;
    }
    return either(Hook::on_predict_batch_begin, Hook::on_predict_batch_end);
  }
};

/// Lets Python's signal handlers run, which Ctrl-C waits for.
struct Signals {
  void look() {
    const nb::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
  }
  void on_train_batch_end() { look(); }
  void on_test_batch_end() { look(); }
  void on_predict_batch_end() { look(); }
  BatchCalls batch_calls(Mode, const Training&) const { return BatchCalls::sometimes; }
};

}  // namespace

nb::dict to_python(const Logs& logs) {
  nb::dict dict;
  for (const auto& [name, value] : logs) dict[name.c_str()] = value;
  return dict;
}

std::vector<Callback> callbacks_from(nb::handle list, nb::handle model) {
  std::vector<Callback> callbacks;
  for (const nb::handle item : list) {
    const nb::object native = nb::getattr(item, "_native", nb::none());
    const nb::object hooks = item.attr("_own_hooks")();  // names of what Python code does
    if (!native.is_none() && nb::len(hooks) == 0) {
      callbacks.push_back(nb::cast<Callback>(native));
      continue;
    }
    PythonCallback callback{Reference(item), Reference(model), {}};
    for (const nb::handle name : hooks)
      for (const auto& [hook_name, hook] : hook_names)
        if (nb::cast<std::string>(name) == hook_name) callback.has[static_cast<size_t>(hook)] = true;
    callbacks.push_back(std::move(callback));
  }
  callbacks.push_back(Signals{});
  return callbacks;
}

void bind_callbacks(nb::module_& m) {
  nb::class_<RunInProgress>(m, "RunInProgress", "What a callback's hook is called in.");
  nb::class_<Callback>(m, "Callback", "One of cornu's callbacks.")
      .def("get", [](const Callback& c, std::string_view name) {
        nb::object found;
        visit(c, [&](auto& callback) {
          members(callback, [&](std::string_view member, auto& value) {
            if (member == name) found = written(value);
          });
        });
        return found.is_valid() ? nb::make_tuple(found) : nb::tuple();
      }, "(value,), or () for an unknown name.")
      .def("set", [](const Callback& c, std::string_view name, nb::handle value) {
        bool done = false;
        visit(c, [&](auto& callback) {
          members(callback, [&](std::string_view member, auto& to) {
            if (member == name) read(value, to), done = true;
          });
        });
        return done;
      })
      .def("call", [](Callback& c, std::string_view hook, int number, nb::object logs, const RunInProgress& run) {
        require(run.training != nullptr, "a callback's hooks are called while a model runs");
        Logs changed;
        if (!logs.is_none()) take_changes(nb::borrow<nb::dict>(logs), changed);
        for (const auto& [name, h] : hook_names)
          if (name == hook) c.call(h, number, changed, *run.training);
        if (!logs.is_none()) nb::borrow<nb::dict>(logs).attr("update")(to_python(changed));
      });
  m.def("callback_early_stopping", &made<EarlyStopping>);
  m.def("callback_model_checkpoint", &made<ModelCheckpoint>);
  m.def("callback_reduce_lr_on_plateau", &made<ReduceLROnPlateau>);
  m.def("callback_learning_rate_scheduler", &made<LearningRateScheduler>);
  m.def("callback_csv_logger", &made<CSVLogger>);
  m.def("callback_tensor_board", &made<TensorBoard>);
  m.def("callback_backup_and_restore", &made<BackupAndRestore>);
  m.def("callback_swap_ema_weights", &made<SwapEMAWeights>);
  m.def("callback_terminate_on_nan", &made<TerminateOnNaN>);
  m.def("callback_progbar_logger", &made<ProgbarLogger>);
  nb::list hooks;
  for (const auto& [name, hook] : hook_names) hooks.append(std::string(name));
  m.attr("callback_hooks") = hooks;
}

}  // namespace cornu::python
