// evaluate and predict: passes over data without learning.
#include <algorithm>

#include "cornu/train/run.h"

namespace cornu {

Step& step_of(Model::State& s, Mode mode, const Samples& from, int64_t rows) { return step_for(s, signature_of(mode, from, rows)); }

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
  Run run(*this, {.steps = o.steps ? o.steps : source.steps(o.batch_size), .verbose = o.verbose}, o.callbacks);
  run.callbacks.add_progbar();
  BatchStream stream(std::move(source), {.batch_size = o.batch_size, .steps = o.steps});
  return test_pass(s, run, stream);
}

Tensor Model::predict(const TensorGroup& x, PredictOptions o) {
  require_one_output("predict", "predict_all");
  return std::move(predict_all(x, std::move(o))[0]);
}

std::vector<Tensor> Model::predict_all(const TensorGroup& x, PredictOptions o) {
  State& s = *state_;
  require(o.batch_size > 0, "batch_size must be positive, and was ", o.batch_size);
  Samples samples{inputs_of(s, x, "predict")};
  build_for(s, samples);
  const Source source(std::move(samples));
  Run run(*this, {.steps = source.steps(o.batch_size), .verbose = o.verbose}, o.callbacks);
  run.callbacks.add_progbar();
  BatchStream stream(source, {.batch_size = o.batch_size});
  Logs logs;
  run.callbacks.on_predict_begin(logs, run);
  BatchClock clock(run.callbacks.batch_calls(Mode::predict, run), run.console());
  std::vector<Tensor> all;
  std::vector<std::byte*> to;
  stream.start(0);
  while (const Batch* b = stream.next()) {
    const bool due = clock.due(b->index);
    if (due) run.callbacks.on_predict_batch_begin(static_cast<int>(b->index), logs, run);
    Step& step = step_of(s, Mode::predict, source.samples(), b->rows);
    run_batch(step, *b);
    const auto& outputs = step.execution.program().outputs;
    for (size_t k = 0; k < outputs.size(); ++k) {
      const TensorType& type = outputs[k].type;
      if (to.size() == k) {
        all.emplace_back(type.dtype, Shape{*source.rows()} + type.shape.drop_front());
        to.push_back(static_cast<std::byte*>(all[k].mutable_data()));
      }
      const auto* from = static_cast<const std::byte*>(step.execution.output(static_cast<int>(k)));
      to[k] = std::copy(from, from + type.bytes(), to[k]);
    }
    if (due) run.callbacks.on_predict_batch_end(static_cast<int>(b->index), logs, run);
  }
  run.callbacks.on_predict_end(logs, run);
  return all;
}

}  // namespace cornu
