// evaluate and predict: passes over data without learning.
#include <algorithm>

#include "cornu/train/run.h"

namespace cornu {

Step& step_of(Model::State& s, Mode mode, const Samples& from, int64_t rows) {
  Step& step = step_for(s, signature_of(mode, from, rows));
  keep_batch_size(s, rows);
  return step;
}

void run_batch(Step& step, const Batch& batch) {
  for (size_t i = 0; i < step.execution.program().inputs.size(); ++i) step.execution.bind_input(static_cast<int>(i), batch.columns[i]);
  step.execution.run();
}

void check_samples(const Model::State& s, const Samples& samples) {
  const auto names = s.output_names(), inputs = s.input_names();
  require(!samples.y.empty() || s.objectives.losses.empty(), "training needs y, the labels");
  for (size_t i = 0; i < samples.x.size(); ++i) check_finite(samples.x[i], name_in_group("x", inputs, i));
  const std::vector<size_t> labelled = outputs_of_labels(s, samples.y.size());
  for (size_t i = 0; i < labelled.size(); ++i) {
    const std::string name = name_in_group("y", names, labelled[i]);
    check_finite(samples.y[i], name);
    for (const Objective& o : s.objectives.losses)
      if (o.output == labelled[i] && s.built() && o.loss.name() == "sparse_categorical_crossentropy") check_labels(samples.y[i], s.output_shapes[o.output].dim(-1), name);
  }
}

Logs test_pass(Model::State& s, Run& run, BatchStream& stream) {
  Logs logs;
  run.callbacks.on_test_begin(logs, run);
  if (s.has_metrics) clear_metrics(s);
  BatchClock clock(run.callbacks.batch_calls(Mode::test, run), run.console());
  stream.start(0);
  Step* step = nullptr;
  int64_t step_rows = -1;
  while (const Batch* b = stream.next()) {
    const bool due = clock.due(b->index);
    if (due) run.callbacks.on_test_batch_begin(static_cast<int>(b->index), logs, run);
    if (b->samples) build_for(s, *b->samples);
    if (!step || b->rows != step_rows || b->samples) step = &step_of(s, Mode::test, b->samples ? *b->samples : stream.source().samples(), b->rows), step_rows = b->rows;
    run_batch(*step, *b);
    if (due) {
      logs = read_metrics(s);
      run.callbacks.on_test_batch_end(static_cast<int>(b->index), logs, run);
    }
  }
  require(step != nullptr, "the generator gave no batch to evaluate on");
  logs = read_metrics(s);
  Logs sorted = logs;
  run.callbacks.on_test_end(sorted, run);
  return logs;
}

Logs Model::evaluate(const Tensor& x, const Tensor& y, EvaluateOptions options) { return evaluate(TensorGroup(x), TensorGroup(y), std::move(options)); }

Logs Model::evaluate(const TensorGroup& x, const TensorGroup& y, EvaluateOptions o) {
  state_->require_compiled("evaluate");
  Samples samples = samples_of(*state_, x, y, o.sample_weight, {}, "evaluate");
  build_for(*state_, samples);
  check_samples(*state_, samples);
  return evaluate(Source(std::move(samples)), std::move(o));
}

Logs Model::evaluate(Source source, EvaluateOptions o) {
  State& s = *state_;
  s.require_compiled("evaluate");
  require(o.batch_size > 0, "batch_size must be positive, and was ", o.batch_size);
  if (!source.is_generator()) build_for(s, source.samples());
  Run run(*this, {.steps = o.steps ? o.steps : source.steps(o.batch_size), .verbose = o.verbose}, o.callbacks, o.console);
  run.callbacks.add_progbar();
  BatchStream stream(std::move(source), {.batch_size = o.batch_size, .steps = o.steps});
  return test_pass(s, run, stream);
}

Tensor Model::predict(const Tensor& x, PredictOptions options) { return predict(TensorGroup(x), std::move(options)); }

Tensor Model::predict(const TensorGroup& x, PredictOptions o) {
  require_one_output("predict", "predict_all");
  return std::move(predict_all(x, std::move(o))[0]);
}

Tensor Model::predict(Source source, PredictOptions o) {
  require_one_output("predict", "predict_all");
  return std::move(predict_all(std::move(source), std::move(o))[0]);
}

std::vector<Tensor> Model::predict_all(const TensorGroup& x, PredictOptions o) { return predict_all(Source(Samples{inputs_of(*state_, x, "predict")}), std::move(o)); }

namespace {

/// The outputs of batches, one below the other: in one tensor from the start where it is known how many rows there will be.
class Rows {
 public:
  explicit Rows(std::optional<int64_t> rows) : rows_(rows) {}

  void add(const Execution& run, int64_t rows) {
    const auto& outputs = run.program().outputs;
    if (parts_.empty()) parts_.resize(outputs.size());
    for (size_t k = 0; k < outputs.size(); ++k) {
      const TensorType& type = outputs[k].type;
      if (!rows_) {
        parts_[k].push_back(run.output_tensor(static_cast<int>(k)));
        continue;
      }
      if (parts_[k].empty()) parts_[k].emplace_back(type.dtype, Shape{*rows_} + type.shape.drop_front());
      const auto* from = static_cast<const std::byte*>(run.output(static_cast<int>(k)));
      std::copy(from, from + type.bytes(), static_cast<std::byte*>(parts_[k][0].mutable_data()) + static_cast<size_t>(done_) * (type.bytes() / static_cast<size_t>(rows)));
    }
    done_ += rows;
  }

  std::vector<Tensor> take() {
    std::vector<Tensor> all;
    for (std::vector<Tensor>& parts : parts_) all.push_back(parts.size() == 1 ? std::move(parts[0]) : joined(parts));
    return all;
  }

 private:
  Tensor joined(const std::vector<Tensor>& parts) const {
    const Shape sample = parts[0].shape().drop_front();
    Tensor all(parts[0].dtype(), Shape{done_} + sample);
    auto* to = static_cast<std::byte*>(all.mutable_data());
    for (const Tensor& part : parts) {
      require<ShapeError>(part.shape().drop_front() == sample, "the generator's batches give predictions of shapes ", parts[0].shape(), " and ", part.shape(), ", which do not fit below each other; predict them batch by batch");
      const auto* from = static_cast<const std::byte*>(part.data());
      to = std::copy(from, from + part.bytes(), to);
    }
    return all;
  }

  std::optional<int64_t> rows_;
  int64_t done_ = 0;
  std::vector<std::vector<Tensor>> parts_;  // of each output
};

}  // namespace

std::vector<Tensor> Model::predict_all(Source source, PredictOptions o) {
  State& s = *state_;
  require(o.batch_size > 0, "batch_size must be positive, and was ", o.batch_size);
  require(!o.steps || *o.steps > 0, "steps must be positive, and was ", o.steps.value_or(0));
  std::optional<int64_t> rows = source.rows();
  if (rows && o.steps) rows = std::min(*rows, *o.steps * o.batch_size);
  if (!source.is_generator()) {
    inputs_of(s, source.samples().x, "predict");
    build_for(s, source.samples());
  }
  Run run(*this, {.steps = o.steps ? std::min(*o.steps, source.steps(o.batch_size).value_or(*o.steps)) : source.steps(o.batch_size), .verbose = o.verbose}, o.callbacks, o.console);
  run.callbacks.add_progbar();
  BatchStream stream(std::move(source), {.batch_size = o.batch_size, .steps = run.params().steps});
  Logs logs;
  run.callbacks.on_predict_begin(logs, run);
  BatchClock clock(run.callbacks.batch_calls(Mode::predict, run), run.console());
  Rows all(rows);
  int64_t done = 0;
  stream.start(0);
  for (const Batch* b = stream.next(); b != nullptr; b = stream.next(), ++done) {
    const bool due = clock.due(b->index);
    if (due) run.callbacks.on_predict_batch_begin(static_cast<int>(b->index), logs, run);
    if (b->samples) inputs_of(s, b->samples->x, "predict"), build_for(s, *b->samples);
    Step& step = step_of(s, Mode::predict, b->samples ? *b->samples : stream.source().samples(), b->rows);
    run_batch(step, *b);
    all.add(step.execution, b->rows);
    if (due) run.callbacks.on_predict_batch_end(static_cast<int>(b->index), logs, run);
  }
  require(done > 0, "the generator gave no batch to predict");
  run.callbacks.on_predict_end(logs, run);
  return all.take();
}

}  // namespace cornu
