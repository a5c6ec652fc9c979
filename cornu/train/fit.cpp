// fit: a thin loop that feeds compiled steps from the pipeline.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cornu/callbacks/backup_and_restore.h"
#include "cornu/callbacks/history.h"
#include "cornu/callbacks/terminate_on_nan.h"
#include "cornu/train/model_file.h"
#include "cornu/train/run.h"

namespace cornu {
namespace {

/// A step that runs on every core leaves none to gather the next batch on, and is long enough not to notice the gathering.
/// Elsewhere the stream decides.
std::optional<bool> background_gathering(Model::State& s, const std::optional<Samples>& samples, int64_t batch_size) {
  if (!samples) return {};
  const Step& step = step_of(s, Mode::train, *samples, std::min(batch_size, samples->rows()));
  if (step.execution.program().parallel && s.team && s.team->size() >= this_machine().cores) return false;
  return {};
}

/// "; sample 3 of the batch holds nan at place 0": the first number in x that is none.
std::string what_is_bad(const Model::State& s, const Samples& from, const Batch& batch) {
  for (size_t k = 0; k < from.x.size(); ++k) {
    const Tensor& x = from.x[k];
    if (x.dtype() != DType::float32) continue;
    const auto* values = static_cast<const float*>(batch.columns[k]);
    const int64_t width = x.size() / std::max<int64_t>(1, x.shape()[0]);
    for (int64_t i = 0; i < batch.rows * width; ++i)
      if (!std::isfinite(values[i]))
        return text("; sample ", i / width, " of the batch holds ", values[i], " at place ", i % width, from.x.size() == 1 ? "" : text(" of ", name_in_group("x", s.input_names(), k)), ": clean the data");
  }
  return "; the data are finite, so the weights have diverged: lower the learning rate, or clip gradients (clipnorm)";
}

/// Keras's finalize_variable_values: the weights become their moving averages, if the optimizer keeps them.
void finish_weights(Model::State& s) {
  if (!s.has_slots) return;
  for (const Variable& v : s.variables)
    if (const std::string average = v.trainable ? s.config->optimizer.average_path(v.path) : ""; !average.empty()) s.store.set(v.path, s.store.get(average));
}

int64_t steps_done(const Model::State& s) { return s.has_slots ? static_cast<int64_t>(s.store.scalar(Optimizer::iteration_path)) : 0; }

/// Another run shuffles otherwise: its key depends on the step that its first epoch began with. One that goes on with
/// initial_epoch goes on with the shuffles too.
int64_t first_step_of_run(int64_t steps_done, int initial_epoch, std::optional<int64_t> steps_per_epoch) {
  const int64_t before = initial_epoch * steps_per_epoch.value_or(0);
  return before <= steps_done ? steps_done - before : steps_done;
}
uint64_t shuffle_seed(uint64_t seed, int64_t first_step) { return seed ^ (static_cast<uint64_t>(first_step) * 0x9e3779b97f4a7c15u); }

void check_options(const FitOptions& o) {
  require(o.batch_size > 0, "batch_size must be positive, and was ", o.batch_size);
  require(o.epochs >= 0 && o.initial_epoch >= 0, "epochs and initial_epoch cannot be negative, and were ", o.epochs, " and ", o.initial_epoch);
  require(o.validation_freq > 0, "validation_freq must be positive, and was ", o.validation_freq);
  for (const auto& [name, steps] : {std::pair{"steps_per_epoch", o.steps_per_epoch}, std::pair{"validation_steps", o.validation_steps}})
    require(!steps || *steps > 0, name, " must be positive, and was ", steps.value_or(0));
}

/// Goes to the first batch of an epoch: where epochs are cut to so many steps, the next goes on in the data.
void start_epoch(BatchStream& stream, const FitOptions& o, int epoch) {
  if (!o.steps_per_epoch || stream.source().is_generator()) return stream.start(static_cast<uint64_t>(epoch));
  const int64_t first = epoch * *o.steps_per_epoch, batches = *stream.source().steps(o.batch_size);
  stream.start(static_cast<uint64_t>(first / batches), first % batches);
}

}  // namespace

History Model::fit(const Tensor& x, const Tensor& y, FitOptions options) { return fit(TensorGroup(x), TensorGroup(y), std::move(options)); }

History Model::fit(const TensorGroup& x, const TensorGroup& y, FitOptions o) {
  State& s = *state_;
  s.require_compiled("fit");
  require(o.validation_split >= 0 && o.validation_split < 1, "validation_split is a fraction from 0 up to 1, and was ", o.validation_split);
  Samples samples = samples_of(s, x, y, o.sample_weight, o.class_weight, "fit");
  if (o.validation_split > 0 && !o.validation_data) {
    auto [train, validation] = split_validation(samples, o.validation_split);
    o.validation_data.emplace(Source(std::move(validation)));
    samples = std::move(train);
  }
  return fit(Source(std::move(samples)), std::move(o));
}

History Model::fit(Source source, FitOptions o) {
  State& s = *state_;
  s.require_compiled("fit");
  check_options(o);
  std::optional<Samples> first;  // a generator shows what its batches look like when the first comes
  if (!source.is_generator()) {
    first = source.samples();
    build_for(s, *first);
    check_samples(s, *first);
  }

  std::optional<BatchStream> validation;
  if (o.validation_data) {
    const ValidationData& v = *o.validation_data;
    Source from = v.source ? *v.source : Source(samples_of(s, v.x, v.y, v.sample_weight, {}, "validation_data"));
    if (first && !from.is_generator()) check_samples(s, from.samples());
    validation.emplace(std::move(from), StreamOptions{.batch_size = o.validation_batch_size.value_or(o.batch_size), .steps = o.validation_steps});
  }

  Run run(*this, {.epochs = o.epochs, .steps = o.steps_per_epoch ? o.steps_per_epoch : source.steps(o.batch_size), .verbose = o.verbose}, o.callbacks, o.console);
  if (const auto* backup = run.callbacks.find<BackupAndRestore>()) {
    require(o.backup.empty(), "fit was given a BackupAndRestore callback and a backup file; one of them is enough");
    o.backup = backup->path();
    o.resume = true;
  }
  run.callbacks.add_history();
  run.callbacks.add_progbar();
  int begin = o.initial_epoch;
  int64_t first_step = first_step_of_run(steps_done(s), begin, run.params().steps);
  if (!o.backup.empty() && o.resume && std::filesystem::exists(o.backup)) {
    LoadedModel saved = load_model_and_progress(o.backup);
    if (saved.progress.is_dict()) {
      first_step = saved.progress["first_step"].is_int() ? saved.progress["first_step"].as_int() : 0;
      begin = restore_progress(*this, std::move(saved), run.callbacks);
    }
  }

  BatchStream stream(std::move(source), {.batch_size = o.batch_size, .shuffle = o.shuffle, .seed = shuffle_seed(s.seed, first_step), .steps = o.steps_per_epoch, .background = background_gathering(s, first, o.batch_size)});
  const bool stops_itself = run.callbacks.find<TerminateOnNaN>() != nullptr;
  const auto interrupted = [&] { return o.interrupt && o.interrupt->load(std::memory_order_relaxed) != 0; };
  bool whole = true;
  Logs logs;
  run.callbacks.on_train_begin(logs, run);
  for (int epoch = begin; epoch < o.epochs && !run.stop_training; ++epoch) {
    logs.clear();
    run.callbacks.on_epoch_begin(epoch, logs, run);
    if (s.has_metrics) clear_metrics(s);
    BatchClock clock(run.callbacks.batch_calls(Mode::train, run), run.console());
    start_epoch(stream, o, epoch);
    Step* step = nullptr;
    int64_t step_rows = -1;
    while (const Batch* b = stream.next()) {
      const Samples& from = b->samples ? *b->samples : *first;
      if (b->samples) build_for(s, from);
      const bool due = clock.due(b->index);
      if (due) {
        Logs none;
        run.callbacks.on_train_batch_begin(static_cast<int>(b->index), none, run);
      }
      if (!step || b->rows != step_rows || b->samples) step = &step_of(s, Mode::train, from, b->rows), step_rows = b->rows;
      run_batch(*step, *b);
      if (const float loss = *static_cast<const float*>(step->execution.output(0)); std::isnan(loss) && !stops_itself)
        throw NumericError(text("the loss became ", loss, " at step ", b->index + 1, " of epoch ", epoch + 1, what_is_bad(s, from, *b)));
      if (due) {
        Logs batch_logs = read_metrics(s);
        run.callbacks.on_train_batch_end(static_cast<int>(b->index), batch_logs, run);
        if (run.stop_training) break;
      }
      if (interrupted()) {
        whole = false;
        break;
      }
    }
    if (!whole) break;  // the step in progress is finished, its weights are kept; the epoch did not end
    require(step != nullptr, "the generator gave no batch for epoch ", epoch + 1, "; called again after its end, it begins anew");
    logs = read_metrics(s);
    if (validation && (epoch + 1) % o.validation_freq == 0) {
      const Logs scores = test_pass(s, run, *validation);
      for (const auto& [name, value] : scores) logs.set("val_" + name, value);
    }
    run.callbacks.on_epoch_end(epoch, logs, run);
    if (!o.backup.empty()) {
      Config progress = progress_of(s, run.callbacks, epoch + 1, run.stop_training);
      progress.set("first_step", first_step);
      save_model(s, o.backup, progress, run.callbacks.tensors());
    }
  }
  if (whole && o.epochs > 0) finish_weights(s);
  run.callbacks.on_train_end(logs, run);
  return *run.callbacks.find<History>();
}

}  // namespace cornu
