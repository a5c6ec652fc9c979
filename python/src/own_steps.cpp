#include "own_steps.h"

#include <algorithm>

#include "cornu/callbacks/callback_list.h"
#include "cornu/callbacks/history.h"
#include "cornu/train/model_state.h"
#include "cornu/train/run.h"
#include "data.h"
#include "running.h"

namespace cornu::python {
namespace {

TensorType type_of(const Tensor& all, int64_t rows) {
  Shape shape = all.shape();
  shape[0] = rows;
  return {all.dtype(), std::move(shape)};
}

/// ([name], [tensor]) of what f gives.
nb::object report(nb::handle f, nb::handle tensors, std::vector<std::string>& names) {
  const nb::object made = f(tensors);
  names.clear();
  for (const nb::handle name : nb::object(made[0])) names.push_back(nb::cast<std::string>(name));
  return made[1];
}

}  // namespace

OwnStep::Known& OwnStep::known_for(const Samples& like, int64_t rows) {
  const auto fits = [&](const Known& k) {
    if (k.types.size() != like.x.size()) return false;
    for (size_t i = 0; i < k.types.size(); ++i) {
      const Shape &a = k.types[i].shape, &b = like.x[i].shape();
      if (k.types[i].dtype != like.x[i].dtype() || a.rank() != b.rank() || a[0] != rows) return false;
      for (int axis = 1; axis < a.rank(); ++axis)
        if (a[axis] != b[axis]) return false;
    }
    return true;
  };
  const auto found = std::find_if(known_.begin(), known_.end(), fits);
  if (found != known_.end()) {
    if (found != known_.begin()) known_.splice(known_.begin(), known_, found);
    return known_.front();
  }
  const nb::gil_scoped_acquire gil;
  std::vector<TensorType> types;
  for (const Tensor& t : like.x) types.push_back(type_of(t, rows));
  std::vector<std::string> names;
  RecordedFunction program = RecordedFunction::of(nb::cpp_function([&](nb::handle tensors) { return report(f_.get(), tensors, names); }), types);
  if (known_.size() == 64) known_.pop_back();
  known_.emplace_front(std::move(types), std::move(names), std::move(program));
  return known_.front();
}

void OwnStep::run(const Samples& like, const Batch& batch) {
  if (!eagerly_) return known_for(like, batch.rows).program.run(batch.columns);
  const nb::gil_scoped_acquire gil;
  nb::list tensors;
  for (size_t i = 0; i < like.x.size(); ++i) {
    const TensorType type = type_of(like.x[i], batch.rows);
    Tensor t(type.dtype, type.shape);
    const auto* from = static_cast<const std::byte*>(batch.columns[i]);
    std::copy(from, from + t.bytes(), static_cast<std::byte*>(t.mutable_data()));
    tensors.append(to_python(AnyTensor(Lazy(t))));
  }
  values_.clear();
  for (const nb::handle y : report(f_.get(), tensors, names_)) values_.push_back(numbers_of(any_tensor(y), "what a step returns"));
}

Logs OwnStep::logs() const {
  Logs logs;
  const auto add = [&](const std::string& name, const Tensor& t) {
    if (t.size() == 1) return logs.set(name, t.at(0));
    for (int64_t k = 0; k < t.size(); ++k) logs.set(text(name, "_", k), t.at(k));
  };
  if (eagerly_)
    for (size_t i = 0; i < values_.size(); ++i) add(names_[i], values_[i]);
  else if (!known_.empty())
    for (size_t i = 0; i < known_.front().names.size(); ++i) add(known_.front().names[i], known_.front().program.output(i));
  return logs;
}

namespace {

/// What callbacks see of a run whose steps are Python's: weights and optimizer are those of Python's object.
class OwnRun final : public Training {
 public:
  OwnRun(nb::handle self, TrainingParams params, std::vector<Callback> list) : callbacks(std::move(list)), self_(self), params_(params) {}

  const TrainingParams& params() const override { return params_; }
  Console& console() const override { return python_console(); }
  std::vector<Tensor> get_weights() const override {
    const nb::gil_scoped_acquire gil;
    std::vector<Tensor> all;
    for (const auto& v : weights()) all.push_back(v->memory()->get());
    return all;
  }
  void set_weights(const std::vector<Tensor>& values) override {
    const nb::gil_scoped_acquire gil;
    settle_readings();
    const auto all = weights();
    require(all.size() == values.size(), "the model has ", all.size(), " weights now, and ", values.size(), " were kept");
    for (size_t i = 0; i < all.size(); ++i) all[i]->memory()->set(all[i]->name, values[i]);
  }
  void save(const std::string& path) override { call("save", path); }
  void save_weights(const std::string& path) override { call("save_weights", path); }
  double learning_rate() const override { return number("learning_rate"); }
  void set_learning_rate(double rate) override {
    const nb::gil_scoped_acquire gil;
    optimizer().attr("learning_rate") = rate;
  }
  int64_t iterations() const override { return static_cast<int64_t>(number("iterations")); }
  std::string optimizer_name() const override {
    const nb::gil_scoped_acquire gil;
    return nb::cast<std::string>(nb::str(nb::object(optimizer().attr("name"))));
  }
  std::vector<std::string> weight_names() const override {
    const nb::gil_scoped_acquire gil;
    std::vector<std::string> names;
    for (const auto& v : weights()) names.push_back(text(names.size(), "/", v->name));
    return names;
  }
  std::string model_json() const override {
    const nb::gil_scoped_acquire gil;
    return nb::cast<std::string>(self_.get().attr("to_json")());
  }

  CallbackList callbacks;

 private:
  nb::object optimizer() const {
    const nb::object found = self_.get().attr("optimizer");
    require(!found.is_none(), "a callback looks at model.optimizer, and the model has none: give compile() one, or set model.optimizer");
    return found;
  }
  double number(const char* of_optimizer) const {
    const nb::gil_scoped_acquire gil;
    return nb::cast<double>(nb::float_(nb::object(optimizer().attr(of_optimizer))));
  }
  void call(const char* method, const std::string& path) const {
    const nb::gil_scoped_acquire gil;
    self_.get().attr(method)(path);
  }
  std::vector<std::shared_ptr<VariableState>> weights() const {
    std::vector<std::shared_ptr<VariableState>> all;
    for (const nb::handle v : nb::object(self_.get().attr("weights"))) all.push_back(as_variable(v));
    return all;
  }
  Reference self_;
  TrainingParams params_;
};

/// Batches and the step that they are for.
struct Pass {
  OwnStep* step;
  Source source;
};

/// (OwnStep, [array]) or (OwnStep, next_batch, steps); next_batch gives [array] or None.
Pass pass_from(nb::handle given, Floats floats) {
  auto* step = nb::cast<OwnStep*>(nb::object(given[0]));
  const auto samples = [floats](nb::handle list) {
    Samples s;
    for (const nb::handle a : list) s.x.push_back(tensor_from(a, floats));
    return s;
  };
  if (nb::len(given) == 2) return {step, Source(samples(nb::object(given[1])))};
  const Generator generator = [next = Reference(nb::object(given[1])), samples]() -> std::optional<Samples> {
    const nb::gil_scoped_acquire gil;
    const nb::object batch = next.get()();
    if (batch.is_none()) return {};
    return samples(batch);
  };
  return {step, Source(generator, count_from(nb::object(given[2])))};
}

void reset_metrics(const Reference& model) {
  const nb::gil_scoped_acquire gil;
  model.get().attr("reset_metrics")();
}

/// One batch after the other; whether there was one. `hooks` are told before and after each that is due.
template <class Begin, class End> bool each_batch(BatchStream& stream, OwnStep& step, BatchClock& clock, const OwnRun& run, Begin begin, End end) {
  bool any = false;
  while (const Batch* b = stream.next()) {
    const bool due = clock.due(b->index);
    if (due) begin(static_cast<int>(b->index));
    step.run(b->samples ? *b->samples : stream.source().samples(), *b);
    any = true;
    if (due) end(static_cast<int>(b->index), step.logs());
    if (run.stop_training) break;
  }
  return any;
}

Logs test_pass(OwnRun& run, BatchStream& stream, OwnStep& step, const Reference& self) {
  Logs logs;
  run.callbacks.on_test_begin(logs, run);
  reset_metrics(self);
  BatchClock clock(run.callbacks.batch_calls(Mode::test, run), run.console());
  stream.start(0);
  const bool stopped = run.stop_training;  // by a callback before: validation runs all the same
  run.stop_training = false;
  const bool any = each_batch(stream, step, clock, run, [&](int i) { run.callbacks.on_test_batch_begin(i, logs, run); },
                              [&](int i, Logs now) { run.callbacks.on_test_batch_end(i, now, run); });
  run.stop_training = run.stop_training || stopped;
  require(any, "the data gave no batch to evaluate on");
  logs = step.logs();
  Logs sorted = logs;
  run.callbacks.on_test_end(sorted, run);
  return logs;
}

/// As Model::fit goes through its data.
void start_epoch(BatchStream& stream, std::optional<int64_t> steps, int64_t batch_size, int epoch) {
  if (!steps || stream.source().is_generator()) return stream.start(static_cast<uint64_t>(epoch));
  const int64_t first = epoch * *steps, batches = *stream.source().steps(batch_size);
  stream.start(static_cast<uint64_t>(first / batches), first % batches);
}

History fit(OwnRun& run, Pass train, std::optional<Pass> validation, const StreamOptions& how, const StreamOptions& how_validation, int initial_epoch, int validation_freq, const Reference& self) {
  run.callbacks.add_history();
  run.callbacks.add_progbar();
  std::optional<BatchStream> test;
  if (validation) test.emplace(std::move(validation->source), how_validation);
  BatchStream stream(std::move(train.source), how);
  Logs logs;
  run.callbacks.on_train_begin(logs, run);
  for (int epoch = initial_epoch; epoch < run.params().epochs && !run.stop_training; ++epoch) {
    logs.clear();
    run.callbacks.on_epoch_begin(epoch, logs, run);
    reset_metrics(self);
    BatchClock clock(run.callbacks.batch_calls(Mode::train, run), run.console());
    start_epoch(stream, how.steps, how.batch_size, epoch);
    const bool any = each_batch(stream, *train.step, clock, run, [&](int i) {
      Logs none;
      run.callbacks.on_train_batch_begin(i, none, run);
    }, [&](int i, Logs now) { run.callbacks.on_train_batch_end(i, now, run); });
    require(any, "the data gave no batch for epoch ", epoch + 1, "; called again after its end, a generator begins anew");
    logs = train.step->logs();
    if (test && (epoch + 1) % validation_freq == 0)
      for (const auto& [name, value] : test_pass(run, *test, *validation->step, self)) logs.set("val_" + name, value);
    run.callbacks.on_epoch_end(epoch, logs, run);
  }
  run.callbacks.on_train_end(logs, run);
  return *run.callbacks.find<History>();
}

int64_t batch_size_of(nb::handle options, const char* key, int64_t otherwise) { return count_from(nb::object(options[key])).value_or(otherwise); }

nb::tuple fit_own(Model& model, nb::handle data, nb::handle validation, nb::dict o, nb::handle self) {
  Pass train = pass_from(data, floats_of(model));
  std::optional<Pass> test;
  if (!validation.is_none()) test = pass_from(validation, floats_of(model));
  const auto steps = count_from(o["steps_per_epoch"]);
  const StreamOptions how{.batch_size = batch_size_of(o, "batch_size", 32), .shuffle = nb::cast<bool>(nb::bool_(o["shuffle"])), .seed = model.state().seed ^ nb::cast<uint64_t>(o["runs"]) * 0x9e3779b97f4a7c15u, .steps = steps};
  const StreamOptions how_test{.batch_size = batch_size_of(o, "validation_batch_size", how.batch_size), .steps = count_from(o["validation_steps"])};
  const int initial = nb::cast<int>(o["initial_epoch"]), frequency = nb::cast<int>(o["validation_freq"]);
  require(how.batch_size > 0 && frequency > 0, "batch_size and validation_freq must be positive, and were ", how.batch_size, " and ", frequency);
  const Reference python(self);
  OwnRun run(self, {.epochs = nb::cast<int>(o["epochs"]), .steps = steps ? steps : train.source.steps(how.batch_size), .verbose = verbose_from(o["verbose"])}, callbacks_from(o["callbacks"], self));
  settle_readings();
  return to_python(without_gil([&] { return fit(run, std::move(train), std::move(test), how, how_test, initial, frequency, python); }));
}

nb::dict evaluate_own(Model& model, nb::handle data, nb::dict o, nb::handle self) {
  Pass pass = pass_from(data, floats_of(model));
  const StreamOptions how{.batch_size = batch_size_of(o, "batch_size", 32), .steps = count_from(o["steps"])};
  const Reference python(self);
  OwnRun run(self, {.steps = how.steps ? how.steps : pass.source.steps(how.batch_size), .verbose = verbose_from(o["verbose"])}, callbacks_from(o["callbacks"], self));
  run.callbacks.add_progbar();
  settle_readings();
  return to_python(without_gil([&] {
    BatchStream stream(std::move(pass.source), how);
    return test_pass(run, stream, *pass.step, python);
  }));
}

/// One batch: what the step reports.
nb::dict on_batch(OwnStep& step, nb::list tensors, const Model& model) {
  Samples samples;
  Batch batch;
  for (const nb::handle t : tensors) samples.x.push_back(tensor_from(t, floats_of(model)));
  for (const Tensor& t : samples.x) batch.columns.push_back(t.data());
  require(!samples.x.empty() && samples.x[0].shape().rank() > 0, "a step takes a batch of samples");
  batch.rows = samples.rows();
  return to_python(without_gil([&] {
    step.run(samples, batch);
    return step.logs();
  }));
}

}  // namespace

void bind_own_steps(nb::module_& m) {
  nb::class_<OwnStep>(m, "OwnStep", "A train_step or test_step, for batches of one structure.").def(nb::init<nb::handle, bool>());
  m.def("fit_own", &fit_own, nb::arg(), nb::arg(), nb::arg("validation").none(), nb::arg(), nb::arg());
  m.def("evaluate_own", &evaluate_own);
  m.def("on_batch_own", &on_batch);
}

}  // namespace cornu::python
