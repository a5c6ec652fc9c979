// One step as one graph: forward, loss, penalties, metrics, gradients and the optimizer's update compile, and fuse, together.
#include "cornu/compiler/compile.h"
#include "cornu/train/learn.h"
#include "cornu/train/model_state.h"

namespace cornu {

Value as_layers_see_it(Value x, double scale, DType dtype) {
  if (scale != 1) return cast(x, dtype) * scale;
  if (x.dtype() == DType::boolean || (is_float(x.dtype()) && x.dtype() != dtype)) return cast(x, dtype);
  return x;
}

namespace {

Value as_float32(Value x) { return x.dtype() == DType::float32 ? x : cast(x, DType::float32); }

// The mean of the batches' losses, weighted by their sizes. (Keras on TensorFlow, which leaves the size of a batch open, forgets
// these weights for the losses of several outputs: there a short last batch counts as much as a whole one.)
void track_mean(Graph& g, Value loss, int64_t rows, const std::string& total_name, const std::string& count_name) {
  const Value total = g.state(total_name, {DType::float32, {}}), count = g.state(count_name, {DType::float32, {}});
  const auto n = static_cast<double>(rows);
  g.assign(total, total + as_float32(loss) * n);
  g.assign(count, count + n);
}

// What an error of several outputs is about.
template <class F> Value of_output(const std::vector<std::string>& names, size_t output, F f) {
  if (names.size() == 1) return f();
  try {
    return f();
  } catch (const ShapeError& e) {
    throw ShapeError(text("output '", names[output], "': ", e.what()));
  }
}

void track_metric(Graph& g, const Metric& metric, size_t i, Value y_true, Value y_pred, std::optional<Value> weight, std::optional<Value> mask) {
  std::vector<Value> states;
  for (const MetricState& s : metric.states(y_pred.shape())) states.push_back(g.state(state_names::metric(i, s.name), {s.initial.dtype(), s.initial.shape()}));
  const std::vector<Value> next = metric.update(states, y_true, y_pred, weight, mask);
  for (size_t k = 0; k < states.size(); ++k) g.assign(states[k], next[k]);
}

// A model without an Input takes what it is given: the weights that there are must be those that this x asks for.
void check_variables(const Model::State& model, const Scope& scope, const Shape& x) {
  const auto& asked = scope.variables();
  ensure(asked.size() == model.variables.size(), "this batch asks for ", asked.size(), " weights, and the model has ", model.variables.size());
  for (size_t i = 0; i < asked.size(); ++i)
    require<ShapeError>(asked[i].type == model.variables[i].type, "'", asked[i].path, "' has shape ", model.variables[i].type.shape, ", and an x of shape ", x, " asks for ", asked[i].type.shape,
                        "; the model was built for x of shape ", model.input_shapes[0]);
}

// What one batch leaves to the next is kept for each size of batches.
std::string carried_place(const std::string& path, const TensorType& type) { return text(path, " of ", type); }

void create_carried(Model::State& model, const Scope& scope) {
  for (const Variable& v : scope.carried_variables())
    if (const std::string place = carried_place(v.path, v.type); model.carried.insert(place).second) model.store.add(place, Tensor(v.type.dtype, v.type.shape));
}

void* memory_of(Model::State& model, const ProgramValue& state) {
  return model.store.memory(model.store.contains(state.name) ? state.name : carried_place(state.name, state.type));
}

// What losses and metrics make of the outputs: the loss that is trained on.
Value judge(Model::State& model, Scope& scope, const Signature& s, const std::vector<Value>& y_pred) {
  Graph& g = scope.graph();
  const std::vector<std::string> names = model.output_names();
  const int64_t rows = s.x[0].type.shape[0];
  std::vector<std::optional<Value>> y_true(y_pred.size()), weight(y_pred.size());
  const std::vector<size_t> labelled = outputs_of_labels(model, s.y.size());
  for (size_t i = 0; i < labelled.size(); ++i) {
    const TensorType& type = s.y[i].type;
    require<ShapeError>(type.shape.rank() > 0 && type.shape[0] == rows, "x has ", rows, " samples and ", name_in_group("y", names, labelled[i]), " has ", type.shape.rank() ? type.shape[0] : 0);
    y_true[labelled[i]] = as_layers_see_it(g.input(name_in_group("y", names, labelled[i]), type), s.y[i].scale, model.policy.dtype);
  }
  std::vector<Value> weights;
  for (const TensorType& type : s.sample_weight) weights.push_back(g.input(text("sample_weight", weights.empty() ? "" : text("_", weights.size())), type));
  require(weights.size() <= 1 || weights.size() == labelled.size(), "there are ", weights.size(), " sample_weights for ", labelled.size(), " y; give one for all, or one for each");
  if (!weights.empty())
    for (size_t i = 0; i < labelled.size(); ++i) weight[labelled[i]] = weights.size() == 1 ? weights[0] : weights[i];

  g.where = "loss";
  Value total;
  for (size_t i = 0; i < model.objectives.losses.size(); ++i) {
    const Objective& o = model.objectives.losses[i];
    Value loss = of_output(names, o.output, [&] { return o.loss.total(*y_true[o.output], y_pred[o.output], weight[o.output], scope.mask(y_pred[o.output])); });
    if (!o.log.empty()) track_mean(g, loss, rows, state_names::output_loss(i, "total"), state_names::output_loss(i, "count"));
    if (o.weight) loss = loss * *o.weight;
    total = total ? total + (loss.dtype() == total.dtype() ? loss : cast(loss, total.dtype())) : loss;
  }
  for (const Value penalty : scope.losses()) total = total ? total + penalty : penalty;
  require(static_cast<bool>(total), "training needs a loss: give compile one, such as \"sparse_categorical_crossentropy\" or \"mse\", or have a layer add one");
  track_mean(g, total, rows, text(state_names::loss, "total"), text(state_names::loss, "count"));
  g.where = "metrics";
  for (size_t i = 0; i < model.objectives.metrics.size(); ++i) {
    const TrackedMetric& m = model.objectives.metrics[i];
    of_output(names, m.output, [&] {
      track_metric(g, m.metric, i, *y_true[m.output], y_pred[m.output], m.weighted ? weight[m.output] : std::nullopt, scope.mask(y_pred[m.output]));
      return total;
    });
  }
  g.where.clear();
  return total;
}

}  // namespace

std::unique_ptr<Graph> trace_step(Model::State& model, const Signature& s) {
  auto graph = std::make_unique<Graph>();
  Graph& g = *graph;
  Scope scope(g, scope_options(model, s.mode == Mode::train));
  const std::vector<std::string> names = model.input_names();
  std::vector<Value> inputs;
  for (size_t i = 0; i < s.x.size(); ++i) inputs.push_back(as_layers_see_it(g.input(name_in_group("x", names, i), s.x[i].type), s.x[i].scale, model.policy.dtype));
  const std::vector<Value> y_pred = model.wiring->trace(std::move(inputs), scope);
  check_variables(model, scope, s.x[0].type.shape);
  create_carried(model, scope);
  if (s.mode == Mode::predict) {
    for (const Value y : y_pred) g.output(y.dtype() == DType::uint8 ? cast(y, DType::float32) : y);
    scope.finish();
    return graph;
  }
  const Value loss = judge(model, scope, s, y_pred);
  g.output(as_float32(loss));
  scope.finish();
  if (s.mode == Mode::train) {
    learn(scope, model.config->optimizer, loss);
    advance_random_key(g);
  }
  return graph;
}

void keep_batch_size(Model::State& model, int64_t rows) {
  if (model.carried.empty()) return;
  const int64_t fixed = model.input_shapes[0][0], wanted = fixed != Shape::unknown ? fixed : model.carried_rows.value_or(rows);
  require<ShapeError>(rows == wanted, "the model '", model.name, "' has stateful layers, which go on where the last batch ended, sample by sample: ",
                      fixed != Shape::unknown ? "its Input says that batches have " : "the last batch had ", wanted, wanted == 1 ? " sample" : " samples", ", and this one has ", rows,
                      fixed != Shape::unknown ? "; give it whole batches" : "; give it batches of one size, or call reset_states() before the first of another");
  model.carried_rows = rows;
}

Step& step_for(Model::State& model, const Signature& signature) {
  return model.programs.get(signature, [&] {
    const auto graph = trace_step(model, signature);
    CompileOptions how{.transposed_states = model.store.transposed(), .bfloat16_products = model.policy.bfloat16_products, .bfloat16_products_of = model.rounding};
    if (model.config) {
      if (signature.mode == Mode::train) how.memory = model.config->memory;
      how.tune = model.config->tune, how.reproducible = model.config->reproducible;
    }
    auto program = compile(*graph, how);
    if (program->parallel && !model.team) {
      const int cores = this_machine().cores, asked = model.config ? model.config->threads : 0;
      model.team = std::make_unique<Team>(asked > 0 ? std::min(asked, cores) : cores);
    }
    Execution execution(std::move(program), model.team.get());
    for (size_t i = 0; i < execution.program().states.size(); ++i)
      execution.bind_state(static_cast<int>(i), memory_of(model, execution.program().states[i]));
    return execution;
  });
}

}  // namespace cornu
