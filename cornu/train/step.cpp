// One step as one graph: forward, loss, penalties, metrics, gradients and the optimizer's update compile, and fuse, together.
#include "cornu/autodiff/gradients.h"
#include "cornu/compiler/compile.h"
#include "cornu/train/model_state.h"

namespace cornu {

std::string state_names::metric(size_t i, const std::string& state) { return text("metrics/", i, "/", state); }

namespace {

// A batch as the layers see it: an image in bytes means its values times the scale.
Value as_layers_see_it(Value x, double scale) {
  if (scale != 1) return cast(x, DType::float32) * scale;
  return x.dtype() == DType::float64 || x.dtype() == DType::boolean || x.dtype() == DType::bfloat16 ? cast(x, DType::float32) : x;
}

// The mean of the batches' losses, weighted by their sizes.
void track_loss(Graph& g, Value loss, int64_t rows) {
  const Value total = g.state(text(state_names::loss, "total"), {DType::float32, {}}), count = g.state(text(state_names::loss, "count"), {DType::float32, {}});
  const auto n = static_cast<double>(rows);
  g.assign(total, total + cast(loss, DType::float32) * n);
  g.assign(count, count + n);
}

void track_metric(Graph& g, const Metric& metric, size_t i, Value y_true, Value y_pred, std::optional<Value> weight) {
  std::vector<Value> states;
  for (const MetricState& s : metric.states()) states.push_back(g.state(state_names::metric(i, s.name), {s.initial.dtype(), s.initial.shape()}));
  const std::vector<Value> next = metric.update(states, y_true, y_pred, weight);
  for (size_t k = 0; k < states.size(); ++k) g.assign(states[k], next[k]);
}

void learn(Graph& g, const Scope& scope, const Optimizer& optimizer, Value loss) {
  std::vector<Value> with;
  std::vector<TrainableWeight> weights;
  for (size_t i = 0; i < scope.variables().size(); ++i) {
    const Variable& v = scope.variables()[i];
    if (!v.trainable) continue;
    with.push_back(scope.values()[i]);
    weights.push_back({v.path, scope.values()[i], {}, v.constraint});
  }
  const std::vector<Value> slopes = gradients(loss, with);
  for (size_t i = 0; i < weights.size(); ++i) weights[i].gradient = slopes[i];
  for (const Assignment& a : optimizer.step(g, weights)) g.assign(scope.state_of(a.state), a.value);
}

// The key of every random number is {seed, step, first row}: the next step's differ.
void advance_random_key(Graph& g) {
  for (int i = 0; i < g.size(); ++i)
    if (g[i].kind == Node::Kind::state && g[i].name == random_key_state) {
      const Value key{&g, i, 0};
      return g.assign(key, key + g.constant(Tensor({3}, std::vector<int64_t>{0, 1, 0})));
    }
}

// A model without an Input takes what it is given: the weights that there are must be those that this x asks for.
void check_variables(const Model::State& model, const Scope& scope, const Shape& x) {
  const auto& asked = scope.variables();
  ensure(asked.size() == model.variables.size(), "this batch asks for ", asked.size(), " weights, and the model has ", model.variables.size());
  for (size_t i = 0; i < asked.size(); ++i)
    require<ShapeError>(asked[i].type == model.variables[i].type, "'", asked[i].path, "' has shape ", model.variables[i].type.shape, ", and an x of shape ", x, " asks for ", asked[i].type.shape,
                        "; the model was built for x of shape ", model.input_shapes[0]);
}

}  // namespace

std::unique_ptr<Graph> trace_step(Model::State& model, const Signature& s) {
  auto graph = std::make_unique<Graph>();
  Graph& g = *graph;
  Scope scope(g, scope_options(model, s.mode == Mode::train));
  const Value x = g.input("x", s.x);
  const std::optional<Value> y_true = s.y ? std::optional(g.input("y", *s.y)) : std::nullopt;
  const std::optional<Value> weight = s.weighted ? std::optional(g.input("sample_weight", {DType::float32, {s.x.shape[0]}})) : std::nullopt;
  const Value y_pred = model.wiring->trace({as_layers_see_it(x, s.x_scale)}, scope)[0];
  check_variables(model, scope, s.x.shape);
  if (s.mode == Mode::predict) {
    g.output(y_pred.dtype() == DType::uint8 ? cast(y_pred, DType::float32) : y_pred);
    return graph;
  }

  const CompileConfig& c = *model.config;
  require<ShapeError>(s.y->shape.rank() > 0 && s.y->shape[0] == s.x.shape[0], "x has ", s.x.shape[0], " samples and y has ", s.y->shape.rank() ? s.y->shape[0] : 0);
  g.where = "loss";
  Value loss = c.loss.reduce(c.loss(*y_true, y_pred), weight);
  for (const Value penalty : scope.losses()) loss = loss + penalty;
  track_loss(g, loss, s.x.shape[0]);
  g.where = "metrics";
  for (size_t i = 0; i < c.metrics.size(); ++i) track_metric(g, c.metrics[i], i, *y_true, y_pred, {});
  for (size_t i = 0; i < c.weighted_metrics.size(); ++i) track_metric(g, c.weighted_metrics[i], c.metrics.size() + i, *y_true, y_pred, weight);
  g.where.clear();
  g.output(loss);
  scope.finish();
  if (s.mode == Mode::train) {
    learn(g, scope, c.optimizer, loss);
    advance_random_key(g);
  }
  return graph;
}

Step& step_for(Model::State& model, const Signature& signature) {
  return model.programs.get(signature, [&] {
    const auto graph = trace_step(model, signature);
    auto program = compile(*graph, {.transposed_states = model.store.transposed()});
    if (program->parallel && !model.team) {
      const int cores = this_machine().cores, asked = model.config ? model.config->threads : 0;
      model.team = std::make_unique<Team>(asked > 0 ? std::min(asked, cores) : cores);
    }
    Execution execution(std::move(program), model.team.get());
    for (size_t i = 0; i < execution.program().states.size(); ++i)
      execution.bind_state(static_cast<int>(i), model.store.memory(execution.program().states[i].name));
    return execution;
  });
}

void run_step(Step& step, const void* x, const void* y, const void* sample_weight) {
  int i = 0;
  for (const void* input : {x, y, sample_weight})
    if (input) step.execution.bind_input(i++, input);
  step.execution.run();
}

void clear_metrics(Model::State& model) {
  model.store.clear(text(state_names::loss, "total"));
  model.store.clear(text(state_names::loss, "count"));
  size_t i = 0;
  for (const auto* list : {&model.config->metrics, &model.config->weighted_metrics})
    for (const Metric& m : *list) {
      for (const MetricState& s : m.states()) model.store.set(state_names::metric(i, s.name), s.initial);
      ++i;
    }
}

Logs read_metrics(const Model::State& model) {
  const double count = model.store.scalar(text(state_names::loss, "count"));
  Logs logs;
  logs.set("loss", count > 0 ? static_cast<float>(model.store.scalar(text(state_names::loss, "total")) / count) : 0);
  size_t i = 0;
  for (const auto* list : {&model.config->metrics, &model.config->weighted_metrics})
    for (const Metric& m : *list) {
      std::vector<Tensor> states;
      for (const MetricState& s : m.states()) states.push_back(model.store.get(state_names::metric(i, s.name)));
      logs.set(model.metric_names[i], m.result(states));
      ++i;
    }
  return logs;
}

}  // namespace cornu
