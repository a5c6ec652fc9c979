// fit: a thin loop that feeds compiled steps from the pipeline.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "cornu/data/batch_stream.h"
#include "cornu/callbacks/backup_and_restore.h"
#include "cornu/callbacks/history.h"
#include "cornu/train/model_file.h"
#include "cornu/train/run.h"
#include "cornu/callbacks/terminate_on_nan.h"

namespace cornu {
namespace {

TensorType type_of(const Tensor& t, int64_t rows) {
  Shape shape = t.shape();
  shape[0] = rows;
  return {t.dtype(), std::move(shape)};
}

/// The step for a batch of a source.
Step& step_of(Model::State& s, Mode mode, const Samples& from, int64_t rows) {
  Signature signature{mode, type_of(from.x[0], rows), from.x[0].scale()};
  if (mode != Mode::predict) signature.y = type_of(from.y[0], rows);
  signature.weighted = from.sample_weight.has_value();
  return step_for(s, signature);
}

void run_batch(Step& step, const Batch& batch) {
  for (size_t i = 0; i < batch.columns.size(); ++i) step.execution.bind_input(static_cast<int>(i), batch.columns[i]);
  step.execution.run();
}

/// What training needs of its data, checked once, before the first step.
void check_samples(const Model::State& s, const Samples& samples) {
  require(!samples.y.empty(), "training needs y, the labels");
  check_finite(samples.x[0], "x");
  check_finite(samples.y[0], "y");
  if (const Loss& loss = s.config->loss; loss.name() == "sparse_categorical_crossentropy" && s.built()) check_labels(samples.y[0], s.output_shape().dim(-1));
}

Samples samples_from(const Tensor& x, const Tensor& y, const std::optional<Tensor>& sample_weight, const std::map<int64_t, double>& class_weight) {
  require<ShapeError>(x.shape().rank() > 0 && y.shape().rank() > 0, "x and y need a sample axis, and have shapes ", x.shape(), " and ", y.shape());
  Samples samples{{x}, {y.scale() == 1 ? y : y.cast(DType::float32)}};
  const int64_t n = samples.rows();
  if (sample_weight) {
    require<ShapeError>(sample_weight->size() == n, "sample_weight has ", sample_weight->size(), " numbers for ", n, " samples");
    samples.sample_weight = sample_weight->cast(DType::float32).reshaped({n});
    check_finite(*samples.sample_weight, "sample_weight");
  }
  if (class_weight.empty()) return samples;
  // Keras: the weight of a sample's class multiplies its own; one-hot labels name their largest; others weigh one.
  std::vector<float> weight(static_cast<size_t>(n));
  const int64_t classes = y.size() / std::max<int64_t>(1, n);
  for (int64_t i = 0; i < n; ++i) {
    int64_t label = classes == 1 ? static_cast<int64_t>(y.at(i)) : 0;
    for (int64_t c = 1; c < classes; ++c)
      if (y.at(i * classes + c) > y.at(i * classes + label)) label = c;
    const auto found = class_weight.find(label);
    weight[static_cast<size_t>(i)] = static_cast<float>((found == class_weight.end() ? 1 : found->second) * (samples.sample_weight ? samples.sample_weight->at(i) : 1));
  }
  samples.sample_weight = Tensor({n}, weight);
  return samples;
}

/// A step that runs on every core leaves none to gather the next batch on, and is long enough not to notice the gathering.
/// Elsewhere the stream decides.
std::optional<bool> background_gathering(Model::State& s, const std::optional<Samples>& samples, int64_t batch_size) {
  if (!samples) return {};
  const Step& step = step_of(s, Mode::train, *samples, std::min(batch_size, samples->rows()));
  if (step.execution.program().parallel && s.team && s.team->size() >= this_machine().cores) return false;
  return {};
}

/// Names the step, and the sample if the data are to blame.
[[noreturn]] void loss_is_not_a_number(const Samples& from, const Batch& batch, int epoch, double loss) {
  std::string why = "; the data are finite, so the weights have diverged: lower the learning rate, or clip gradients (clipnorm)";
  const Tensor& x = from.x[0];
  if (x.dtype() == DType::float32) {
    const auto* values = static_cast<const float*>(batch.columns[0]);
    const int64_t width = x.size() / std::max<int64_t>(1, x.shape()[0]);
    for (int64_t i = 0; i < batch.rows * width; ++i)
      if (!std::isfinite(values[i])) {
        why = text("; sample ", i / width, " of the batch holds ", values[i], " at place ", i % width, ": clean the data");
        break;
      }
  }
  throw NumericError(text("the loss became ", loss, " at step ", batch.index + 1, " of epoch ", epoch + 1, why));
}

/// One pass over the data without learning; the logs.
Logs test_pass(Model::State& s, Run& run, BatchStream& stream) {
  Logs logs;
  run.callbacks.on_test_begin(logs, run);
  clear_metrics(s);
  BatchClock clock(run.callbacks.batch_calls(Mode::test, run), run.console());
  stream.start(0);
  while (const Batch* b = stream.next()) {
    const bool due = clock.due(b->index);
    if (due) run.callbacks.on_test_batch_begin(static_cast<int>(b->index), logs, run);
    run_batch(step_of(s, Mode::test, b->samples ? *b->samples : stream.source().samples(), b->rows), *b);
    if (due) {
      logs = read_metrics(s);
      run.callbacks.on_test_batch_end(static_cast<int>(b->index), logs, run);
    }
  }
  logs = read_metrics(s);
  Logs sorted = logs;
  run.callbacks.on_test_end(sorted, run);
  return logs;
}

}  // namespace

History Model::fit(const Tensor& x, const Tensor& y, FitOptions o) {
  state_->require_compiled("fit");
  Samples samples = samples_from(x, y, o.sample_weight, o.class_weight);
  if (o.validation_split > 0 && !o.validation_data) {
    auto [train, validation] = split_validation(samples, o.validation_split);
    o.validation_data = ValidationData(validation.x[0], validation.y[0], validation.sample_weight);
    samples = std::move(train);
  }
  require(o.validation_split >= 0 && o.validation_split < 1, "validation_split is a fraction from 0 up to 1, and was ", o.validation_split);
  return fit(Source(std::move(samples)), std::move(o));
}

History Model::fit(Source source, FitOptions o) {
  State& s = *state_;
  s.require_compiled("fit");
  require(o.batch_size > 0, "batch_size must be positive, and was ", o.batch_size);
  require(o.epochs >= 0 && o.initial_epoch >= 0, "epochs and initial_epoch cannot be negative, and were ", o.epochs, " and ", o.initial_epoch);
  require(o.validation_freq > 0, "validation_freq must be positive, and was ", o.validation_freq);
  std::optional<Samples> first;  // a generator shows what its batches look like when the first comes
  if (!source.is_generator()) {
    first = source.samples();
    build_model(s, {first->x[0].dtype(), first->x[0].shape()});
    check_samples(s, *first);
    create_slots(s);
  }

  std::optional<BatchStream> validation;
  if (o.validation_data) {
    const ValidationData& v = *o.validation_data;
    Samples samples = samples_from(v.x, v.y, v.sample_weight, {});
    samples.rows();
    if (first) check_samples(s, samples);
    validation.emplace(Source(std::move(samples)), StreamOptions{.batch_size = o.validation_batch_size.value_or(o.batch_size)});
  }

  Run run(*this, {.epochs = o.epochs, .steps = source.steps(o.batch_size), .verbose = o.verbose}, o.callbacks);
  if (const auto* backup = run.callbacks.find<BackupAndRestore>()) {
    require(o.backup.empty(), "fit was given a BackupAndRestore callback and a backup file; one of them is enough");
    o.backup = backup->path();
    o.resume = true;
  }
  run.callbacks.add_history();
  run.callbacks.add_progbar();
  int begin = o.initial_epoch;
  if (!o.backup.empty() && o.resume && std::filesystem::exists(o.backup)) {
    LoadedModel saved = load_model_and_progress(o.backup);
    if (saved.progress.is_dict()) begin = restore_progress(*this, std::move(saved), run.callbacks);
  }

  BatchStream stream(std::move(source), {.batch_size = o.batch_size, .shuffle = o.shuffle, .seed = s.seed, .background = background_gathering(s, first, o.batch_size)});
  const bool stops_itself = run.callbacks.find<TerminateOnNaN>() != nullptr;
  const auto interrupted = [&] { return o.interrupt && o.interrupt->load(std::memory_order_relaxed) != 0; };
  Logs logs;
  run.callbacks.on_train_begin(logs, run);
  for (int epoch = begin; epoch < o.epochs && !run.stop_training; ++epoch) {
    logs.clear();
    run.callbacks.on_epoch_begin(epoch, logs, run);
    clear_metrics(s);
    BatchClock clock(run.callbacks.batch_calls(Mode::train, run), run.console());
    stream.start(static_cast<uint64_t>(epoch));
    Step* step = nullptr;
    int64_t step_rows = -1;
    bool whole = true;
    while (const Batch* b = stream.next()) {
      const Samples& from = b->samples ? *b->samples : *first;
      if (b->samples) {
        build_model(s, {from.x[0].dtype(), from.x[0].shape()});
        create_slots(s);
      }
      const bool due = clock.due(b->index);
      if (due) {
        Logs none;
        run.callbacks.on_train_batch_begin(static_cast<int>(b->index), none, run);
      }
      if (!step || b->rows != step_rows || b->samples) step = &step_of(s, Mode::train, from, b->rows), step_rows = b->rows;
      run_batch(*step, *b);
      if (const float loss = *static_cast<const float*>(step->execution.output(0)); !std::isfinite(loss) && !stops_itself && std::isnan(loss))
        loss_is_not_a_number(from, *b, epoch, loss);
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
    logs = read_metrics(s);
    if (validation && (epoch + 1) % o.validation_freq == 0) {
      const Logs scores = test_pass(s, run, *validation);
      for (const auto& [name, value] : scores) logs.set("val_" + name, value);
    }
    run.callbacks.on_epoch_end(epoch, logs, run);
    if (!o.backup.empty()) save_model(s, o.backup, progress_of(s, run.callbacks, epoch + 1, run.stop_training), run.callbacks.tensors());
  }
  run.callbacks.on_train_end(logs, run);
  return *run.callbacks.find<History>();
}

Logs Model::evaluate(const Tensor& x, const Tensor& y, EvaluateOptions o) {
  State& s = *state_;
  s.require_compiled("evaluate");
  require(o.batch_size > 0, "batch_size must be positive, and was ", o.batch_size);
  Samples samples = samples_from(x, y, o.sample_weight, {});
  samples.rows();
  build_model(s, {x.dtype(), x.shape()});
  check_samples(s, samples);
  const Source source(std::move(samples));
  Run run(*this, {.steps = source.steps(o.batch_size), .verbose = o.verbose}, o.callbacks);
  run.callbacks.add_progbar();
  BatchStream stream(source, {.batch_size = o.batch_size});
  return test_pass(s, run, stream);
}

Tensor Model::predict(const Tensor& x, PredictOptions o) {
  State& s = *state_;
  require(o.batch_size > 0, "batch_size must be positive, and was ", o.batch_size);
  require<ShapeError>(x.shape().rank() > 0, "predict takes a batch of samples, and was given a single number");
  const Source source(Samples{{x}});
  build_model(s, {x.dtype(), x.shape()});
  Run run(*this, {.steps = source.steps(o.batch_size), .verbose = o.verbose}, o.callbacks);
  run.callbacks.add_progbar();
  BatchStream stream(source, {.batch_size = o.batch_size});
  Logs logs;
  run.callbacks.on_predict_begin(logs, run);
  BatchClock clock(run.callbacks.batch_calls(Mode::predict, run), run.console());
  std::optional<Tensor> all;
  std::byte* to = nullptr;
  stream.start(0);
  while (const Batch* b = stream.next()) {
    const bool due = clock.due(b->index);
    if (due) run.callbacks.on_predict_batch_begin(static_cast<int>(b->index), logs, run);
    Step& step = step_of(s, Mode::predict, source.samples(), b->rows);
    run_batch(step, *b);
    const TensorType& type = step.execution.program().outputs[0].type;
    if (!all) {
      all.emplace(type.dtype, Shape{x.shape()[0]} + type.shape.drop_front());
      to = static_cast<std::byte*>(all->mutable_data());
    }
    const auto* from = static_cast<const std::byte*>(step.execution.output(0));
    to = std::copy(from, from + type.bytes(), to);
    if (due) run.callbacks.on_predict_batch_end(static_cast<int>(b->index), logs, run);
  }
  run.callbacks.on_predict_end(logs, run);
  return std::move(*all);
}

}  // namespace cornu
