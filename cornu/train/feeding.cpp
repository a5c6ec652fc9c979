// What a model is given, brought into the order of its inputs and outputs, and what can be wrong with it.
#include <algorithm>
#include <cmath>

#include "cornu/train/model_state.h"

namespace cornu {
namespace {

bool fits(const Shape& given, const Shape& wanted) {
  if (given.rank() != wanted.rank()) return false;
  for (int i = 1; i < given.rank(); ++i)
    if (wanted[i] != Shape::unknown && given[i] != wanted[i]) return false;
  return true;
}

/// The labels of the outputs: of all, or of those with a loss.
std::vector<Tensor> labels_of(const Model::State& model, const TensorGroup& y) {
  const std::vector<std::string> names = model.output_names();
  const std::vector<size_t> with_loss = model.objectives.outputs_with_loss();
  std::vector<Tensor> labels;
  if (!y.by_name()) {
    if (y.size() == with_loss.size()) return y.tensors();
    return y.in_order(names, "y", "output");
  }
  const auto given = y.spread(names, "y", "output");
  const bool all = std::all_of(given.begin(), given.end(), [](const auto& t) { return t.has_value(); });
  for (size_t i = 0; i < names.size(); ++i) {
    const bool needed = std::find(with_loss.begin(), with_loss.end(), i) != with_loss.end();
    require(given[i].has_value() || !needed, "y lacks '", names[i], "', an output with a loss; it names: ", text(y.names()));
    if (all || needed) labels.push_back(*given[i]);
  }
  return labels;
}

/// Keras: the weight of a sample's class multiplies its own; one-hot labels name their largest; others weigh one.
void weigh_classes(Samples& samples, const std::map<int64_t, double>& class_weight) {
  const Tensor& y = samples.y[0];
  const int64_t n = samples.rows(), classes = y.size() / std::max<int64_t>(1, n);
  std::vector<float> weight(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) {
    int64_t label = classes == 1 ? static_cast<int64_t>(std::llround(y.at(i))) : 0;
    for (int64_t c = 1; c < classes; ++c)
      if (y.at(i * classes + c) > y.at(i * classes + label)) label = c;
    const auto found = class_weight.find(label);
    weight[static_cast<size_t>(i)] = static_cast<float>(found == class_weight.end() ? 1 : found->second);
  }
  if (samples.sample_weight.empty()) return void(samples.sample_weight = {Tensor({n}, weight)});
  Tensor both = samples.sample_weight[0];
  auto values = both.mutable_values<float>();
  const size_t each = values.size() / static_cast<size_t>(std::max<int64_t>(1, n));
  for (size_t i = 0; i < values.size(); ++i) values[i] *= weight[i / each];
  samples.sample_weight[0] = std::move(both);
}

std::vector<Tensor> weights_of(const Model::State& model, const TensorGroup& given, int64_t n, size_t labels) {
  if (given.empty()) return {};
  const std::vector<std::string> names = model.output_names();
  std::vector<Tensor> weights;
  const auto add = [&](const std::optional<Tensor>& w, const std::string& name) {
    if (!w) return weights.push_back(Tensor({n}, std::vector<float>(static_cast<size_t>(n), 1.0f)));
    const Shape& shape = w->shape();
    require<ShapeError>(w->size() == n || (shape.rank() > 0 && shape[0] == n), name, " has ", shape.rank() > 1 ? text("shape ", shape) : text(w->size(), " numbers"), " for ", n, " samples");
    weights.push_back(w->size() == n ? w->cast(DType::float32).reshaped({n}) : w->cast(DType::float32));
    check_finite(weights.back(), name);
  };
  if (!given.by_name() && given.size() == 1) return add(given.tensors()[0], "sample_weight"), weights;
  const std::vector<size_t> labelled = outputs_of_labels(model, labels);
  if (!given.by_name() && given.size() == labelled.size()) {
    for (size_t i = 0; i < labelled.size(); ++i) add(given.tensors()[i], name_in_group("sample_weight", names, labelled[i]));
    return weights;
  }
  const auto spread = given.spread(names, "sample_weight", "output");
  for (const size_t output : labelled) add(spread[output], name_in_group("sample_weight", names, output));
  return weights;
}

}  // namespace

std::vector<Tensor> inputs_of(const Model::State& model, const TensorGroup& x, std::string_view what) {
  require(!model.wiring->layers().empty() || model.built(), "the model '", model.name, "' has no layers; add one first");
  const std::vector<std::string> names = model.input_names();
  std::vector<Tensor> inputs = x.in_order(names, "x", "input");
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Shape& shape = inputs[i].shape();
    const std::string name = name_in_group("x", names, i);
    require<ShapeError>(shape.rank() > 0, what, " takes a batch of samples", names.size() == 1 ? "" : text(" as ", name), ", and was given a single number");
    require(shape[0] > 0, what, " was given no samples: ", name, " has shape ", shape);
    require<ShapeError>(shape[0] == inputs[0].shape()[0], name_in_group("x", names, 0), " has ", inputs[0].shape()[0], " samples but ", name, " has ", shape[0], "; each sample needs a row in both");
    if (names.size() > 1 && model.built())
      require<ShapeError>(fits(shape, model.input_shapes[i]), name, " has shape ", shape, ", and the model's input '", names[i], "' takes ", model.input_shapes[i]);
  }
  return inputs;
}

Samples samples_of(const Model::State& model, const TensorGroup& x, const TensorGroup& y, const TensorGroup& sample_weight, const std::map<int64_t, double>& class_weight, std::string_view what) {
  Samples samples{inputs_of(model, x, what), labels_of(model, y), {}};
  for (const Tensor& t : samples.y) require<ShapeError>(t.shape().rank() > 0, "x and y need a sample axis, and have shapes ", samples.x[0].shape(), " and ", t.shape());
  const int64_t n = samples.rows();
  samples.sample_weight = weights_of(model, sample_weight, n, samples.y.size());
  if (class_weight.empty()) return samples;
  require<UnsupportedError>(samples.y.size() == 1 && model.output_names().size() == 1, "class_weight is for models with one output, and this one has ", text(model.output_names()),
                            "; give sample_weight by output");
  weigh_classes(samples, class_weight);
  return samples;
}

void build_for(Model::State& model, const Samples& samples) {
  std::vector<TensorType> types;
  const size_t inputs = model.input_names().size();
  require(samples.x.size() == inputs, "x holds ", samples.x.size(), samples.x.size() == 1 ? " tensor" : " tensors", ", and the model has ", inputs, inputs == 1 ? " input " : " inputs ", text(model.input_names()));
  for (const Tensor& t : samples.x) types.push_back({t.dtype(), t.shape()});
  build_model(model, types);
  if (!model.config) return;
  create_slots(model);
  create_metrics(model);
}

Signature signature_of(Mode mode, const Samples& samples, int64_t rows) {
  const auto type_of = [rows](const Tensor& t) {
    Shape shape = t.shape();
    shape[0] = rows;
    return TensorType{t.dtype(), std::move(shape)};
  };
  Signature s{.mode = mode};
  for (const Tensor& t : samples.x) s.x.push_back({type_of(t), t.scale()});
  if (mode == Mode::predict) return s;
  for (const Tensor& t : samples.y) s.y.push_back({type_of(t), t.scale()});
  for (const Tensor& t : samples.sample_weight) s.sample_weight.push_back(type_of(t));
  return s;
}

std::vector<size_t> outputs_of_labels(const Model::State& model, size_t labels) {
  const std::vector<std::string> names = model.output_names();
  std::vector<size_t> outputs = model.objectives.outputs_with_loss();
  if (labels == names.size()) {
    outputs.clear();
    for (size_t i = 0; i < names.size(); ++i) outputs.push_back(i);
  }
  require(labels == outputs.size(), "y holds ", labels, labels == 1 ? " tensor" : " tensors", ", and the model has ", outputs.size(), outputs.size() == 1 ? " output" : " outputs", " with a loss; its outputs are ", text(names));
  for (const TrackedMetric& m : model.objectives.metrics)
    require(std::find(outputs.begin(), outputs.end(), m.output) != outputs.end(), "the metric ", m.log, " needs labels: give y for the output '", names[m.output], "' too");
  return outputs;
}

void run_step(Step& step, const Samples& batch) {
  int i = 0;
  for (const Tensor& t : batch.x) step.execution.bind_input(i++, t.data());
  if (step.signature.mode != Mode::predict)
    for (const auto* list : {&batch.y, &batch.sample_weight})
      for (const Tensor& t : *list) step.execution.bind_input(i++, t.data());
  step.execution.run();
}

}  // namespace cornu
