// One step on one batch: train_on_batch, test_on_batch, predict_on_batch.
#include <cstring>

#include "cornu/train/run.h"

namespace cornu {
namespace {

Logs one_batch(Model::State& s, Mode mode, const TensorGroup& x, const TensorGroup& y, const TensorGroup& sample_weight, const std::map<int64_t, double>& class_weight, std::string_view what) {
  s.require_compiled(what);
  const Samples batch = samples_of(s, x, y, sample_weight, class_weight, what);
  build_for(s, batch);
  Step& step = step_of(s, mode, batch, batch.rows());
  clear_metrics(s);
  run_step(step, batch);
  return read_metrics(s);
}

Step& predicting_step(Model::State& s, const Tensor& x) {
  if (Step* last = s.programs.last_predicting(x.dtype(), x.shape(), x.scale()); last && s.carried.empty()) return *last;
  const Samples batch{inputs_of(s, x, "predict_on_batch")};
  build_for(s, batch);
  return step_of(s, Mode::predict, batch, batch.rows());
}

}  // namespace

Logs Model::train_on_batch(const TensorGroup& x, const TensorGroup& y, const TensorGroup& sample_weight, const std::map<int64_t, double>& class_weight) {
  return one_batch(*state_, Mode::train, x, y, sample_weight, class_weight, "train_on_batch");
}

Logs Model::test_on_batch(const TensorGroup& x, const TensorGroup& y, const TensorGroup& sample_weight) {
  return one_batch(*state_, Mode::test, x, y, sample_weight, {}, "test_on_batch");
}

void Model::require_one_output(std::string_view what, std::string_view instead) const {
  const auto names = state_->output_names();
  require(names.size() == 1, what, " returns one tensor, and the model '", name(), "' has the outputs ", text(names), "; call ", instead);
}

std::vector<Tensor> Model::predict_all_on_batch(const TensorGroup& x) {
  State& s = *state_;
  const Samples batch{inputs_of(s, x, "predict_on_batch")};
  build_for(s, batch);
  Step& step = step_of(s, Mode::predict, batch, batch.rows());
  run_step(step, batch);
  std::vector<Tensor> all;
  for (size_t k = 0; k < step.execution.program().outputs.size(); ++k) all.push_back(step.execution.output_tensor(static_cast<int>(k)));
  return all;
}

void Model::reset_states() {
  state_->carried_rows.reset();
  for (const std::string& name : state_->carried) state_->store.clear(name);
}

Tensor Model::predict_on_batch(const TensorGroup& x) {
  require_one_output("predict_on_batch", "predict_all_on_batch");
  return std::move(predict_all_on_batch(x)[0]);
}

Tensor Model::predict_on_batch(const Tensor& x) {
  Step& step = predicting_step(*state_, x);
  if (step.execution.program().outputs.size() != 1) require_one_output("predict_on_batch", "predict_all_on_batch");
  step.execution.bind_input(0, x.data());
  step.execution.run();
  return step.execution.output_tensor(0);
}

void Model::predict_into(const Tensor& x, Tensor& y) {
  Step& step = predicting_step(*state_, x);
  const auto& outputs = step.execution.program().outputs;
  if (outputs.size() != 1) require_one_output("predict_into", "predict_all_on_batch");
  const TensorType& type = outputs[0].type;
  require<ShapeError>(y.dtype() == type.dtype && y.shape() == type.shape, "predict_into writes a ", type, ", and was given a ", y.dtype(), y.shape());
  step.execution.bind_input(0, x.data());
  step.execution.run();
  std::memcpy(y.mutable_data(), step.execution.output(0), type.bytes());
}

}  // namespace cornu
