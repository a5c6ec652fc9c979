#include "cornu/train/training_step.h"

#include <algorithm>
#include <list>
#include <set>

#include "cornu/base/random.h"
#include "cornu/compiler/compile.h"
#include "cornu/train/dtype_policy.h"
#include "cornu/train/learn.h"
#include "cornu/train/model_state.h"

namespace cornu {

struct StepScope::Asked {
  struct Tracked {
    Metric metric;
    std::vector<MetricState> states;
  };
  std::optional<Optimizer> optimizer = {};
  Value loss = {};                         // of minimize; without it gradients and weights are those of apply
  std::vector<Layer> only = {};
  std::vector<Value> gradients = {}, weights = {};
  std::vector<Tracked> tracked = {};
};

Value StepScope::call(const Layer& layer, Value x) { return call(layer, std::vector<Value>{x}).at(0); }

std::vector<Value> StepScope::call(const Layer& layer, const std::vector<Value>& in) { return layer(in, scope_); }

Value StepScope::variable(const std::string& name, const Tensor& initial, bool trainable) {
  return scope_.weight(name, initial.shape(), [initial](const Shape&, DType dtype, uint64_t) { return initial.cast(dtype); }, {.trainable = trainable});
}

void StepScope::minimize(Value loss, const Optimizer& optimizer, const std::vector<Layer>& only) {
  require(!asked_.optimizer, "a step minimizes one loss; add losses up, or make a TrainingStep for each optimizer");
  require<ShapeError>(loss.shape().rank() == 0, "minimize takes a scalar, and was given values of shape ", loss.shape(), "; reduce them with mean or sum");
  asked_.loss = loss, asked_.optimizer = optimizer, asked_.only = only;
}

namespace {

/// Whether a variable is of one of these layers; of all, if there are none.
bool is_of(const Variable& v, const std::vector<Layer>& only) {
  return only.empty() || std::any_of(v.owners.begin(), v.owners.end(), [&](const WeightOwner& o) { return std::any_of(only.begin(), only.end(), [&](const Layer& l) { return l.weights() == o.weights; }); });
}

}  // namespace

std::vector<Value> StepScope::trainable_weights(const std::vector<Layer>& only) const {
  std::vector<Value> all;
  for (size_t i = 0; i < scope_.variables().size(); ++i)
    if (const Variable& v = scope_.variables()[i]; v.trainable && is_of(v, only)) all.push_back(scope_.values()[i]);
  return all;
}

void StepScope::apply(const Optimizer& optimizer, const std::vector<Value>& gradients, const std::vector<Value>& weights) {
  require(!asked_.optimizer, "a step takes one step of one optimizer; make a TrainingStep for each");
  require(gradients.size() == weights.size() && !weights.empty(), "apply takes a gradient for each weight, and was given ", gradients.size(), " for ", weights.size());
  const std::vector<Value> known = trainable_weights();
  for (size_t i = 0; i < weights.size(); ++i) {
    require(std::find(known.begin(), known.end(), weights[i]) != known.end(), "apply: weight ", i, " is none of the step's trainable weights; take them from trainable_weights() or variable()");
    require(std::find(weights.begin(), weights.begin() + static_cast<std::ptrdiff_t>(i), weights[i]) == weights.begin() + static_cast<std::ptrdiff_t>(i), "apply: weight ", i, " is there twice; add its gradients up");
    require<ShapeError>(gradients[i].type() == weights[i].type(), "apply: gradient ", i, " is a ", gradients[i].type(), ", and its weight is a ", weights[i].type());
  }
  asked_.optimizer = optimizer, asked_.gradients = gradients, asked_.weights = weights;
}

namespace {
std::string metric_place(size_t i, const std::string& state) { return text("metrics/", i, "/", state); }
}  // namespace

void StepScope::track(const Metric& metric, Value y_true, Value y_pred, std::optional<Value> weight) {
  const size_t i = asked_.tracked.size();
  asked_.tracked.push_back({metric, metric.states(y_pred.shape())});
  std::vector<Value> states;
  for (const MetricState& s : asked_.tracked.back().states) states.push_back(graph().state(metric_place(i, s.name), {s.initial.dtype(), s.initial.shape()}));
  const std::vector<Value> next = metric.update(states, y_true, y_pred, weight, y_pred ? scope_.mask(y_pred) : std::nullopt);
  for (size_t k = 0; k < states.size(); ++k) graph().assign(states[k], next[k]);
}

struct TrainingStep::State {
  struct Compiled {
    std::vector<TensorType> types;
    std::vector<double> scales;
    Execution execution;

    bool takes(std::span<const Tensor> batch) const {
      if (batch.size() != types.size()) return false;
      for (size_t i = 0; i < batch.size(); ++i)
        if (batch[i].dtype() != types[i].dtype || !(batch[i].shape() == types[i].shape) || batch[i].scale() != scales[i]) return false;
      return true;
    }
  };

  Trace trace;
  TrainingStepOptions options;
  DtypePolicy policy;
  Store store;
  std::vector<Variable> variables;
  std::vector<StepScope::Asked::Tracked> tracked;
  std::optional<Optimizer> optimizer;
  std::unique_ptr<Team> team;
  std::list<Compiled> steps;  // the one used last first; at most 64

  Compiled compile_for(std::span<const Tensor> batch);
  void create(const Scope& scope, const StepScope::Asked& asked, const Graph& g);
  Compiled& step_for(std::span<const Tensor> batch) {
    const auto known = std::find_if(steps.begin(), steps.end(), [&](const Compiled& c) { return c.takes(batch); });
    if (known != steps.end()) {
      if (known != steps.begin()) steps.splice(steps.begin(), steps, known);
    } else {
      if (steps.size() == 64) steps.pop_back();
      steps.push_front(compile_for(batch));
    }
    return steps.front();
  }
  const std::string& name_of(std::string_view name) const;
};

/// Memory for what the trace asks for and nothing has yet: weights that layers have already are these.
void TrainingStep::State::create(const Scope& scope, const StepScope::Asked& asked, const Graph& g) {
  const std::set<std::string> transposed = choose_transposed_states(g);
  for (const Variable& v : scope.variables()) {
    if (store.contains(v.path)) {
      require<ShapeError>(store.shared(v.path)->type() == v.type, v.path, ": the step has a ", store.shared(v.path)->type(), ", and this batch asks for a ", v.type);
      continue;
    }
    std::shared_ptr<WeightMemory> memory;
    for (const WeightOwner& owner : v.owners)
      if (!memory) memory = owner.weights->find(owner.path);
    if (!memory) memory = std::make_shared<WeightMemory>(v.initializer(v.type.shape, v.type.dtype, options.seed, hash_name(v.path)), transposed.contains(v.path));
    require<ShapeError>(memory->type() == v.type, v.path, ": the layer has a ", memory->type(), " already, and this batch asks for a ", v.type);
    for (const WeightOwner& owner : v.owners)
      if (!owner.weights->find(owner.path)) owner.weights->add(owner.path, memory);
    store.share(v.path, memory);
    variables.push_back(v);
  }
  for (const Node& n : g.nodes)
    if (n.kind == Node::Kind::state && n.name == random_key_state && !store.contains(random_key_state))
      store.add(random_key_state, Tensor({3}, std::vector<int64_t>{static_cast<int64_t>(options.seed), 0, 0}));
  for (const Variable& v : scope.carried_variables()) {
    if (!store.contains(v.path)) store.add(v.path, Tensor(v.type.dtype, v.type.shape));
    require<ShapeError>(store.shared(v.path)->type() == v.type, v.path, ": what the last batch left is a ", store.shared(v.path)->type(), ", and this batch asks for a ", v.type, "; stateful layers need batches of one size");
  }
  tracked = asked.tracked;
  for (size_t i = 0; i < tracked.size(); ++i)
    for (const MetricState& m : tracked[i].states)
      if (const std::string place = metric_place(i, m.name); !store.contains(place)) store.add(place, m.initial);
}

TrainingStep::State::Compiled TrainingStep::State::compile_for(std::span<const Tensor> batch) {
  Graph g;
  Scope scope(g, {.training = options.training, .dtype = policy.dtype});
  StepScope::Asked asked;
  StepScope s(scope, asked);
  std::vector<Value> inputs;
  std::vector<TensorType> types;
  std::vector<double> scales;
  for (const Tensor& t : batch) {
    types.push_back({t.dtype(), t.shape()}), scales.push_back(t.scale());
    const Value x = g.input(text("batch_", inputs.size()), types.back());
    inputs.push_back(x.dtype() == DType::boolean ? x : as_layers_see_it(x, t.scale(), policy.dtype));
  }
  for (const Value v : trace(s, inputs)) g.output(v);
  scope.finish();
  create(scope, asked, g);
  if (asked.optimizer) {
    const auto chosen = [&](const Variable& v) { return is_of(v, asked.only); };
    WeightTypes weights;
    for (size_t i = 0; i < scope.variables().size(); ++i) {
      const Variable& v = scope.variables()[i];
      const bool applied = asked.loss || std::find(asked.weights.begin(), asked.weights.end(), scope.values()[i]) != asked.weights.end();
      if (v.trainable && chosen(v) && applied) weights.emplace_back(v.path, v.type);
    }
    require(!weights.empty(), "minimize: the loss's step meets no weight to train; call layers through the step, or declare variables");
    add_slots(store, asked.optimizer->variables(weights));
    if (asked.loss) learn(scope, *asked.optimizer, asked.loss, chosen);
    else learn_along(scope, *asked.optimizer, asked.weights, asked.gradients);
    optimizer = asked.optimizer;
  }
  if (options.training) advance_random_key(g);

  auto program = compile(g, {.transposed_states = store.transposed(), .bfloat16_products = policy.bfloat16_products, .bfloat16_products_of = scope.rounding()});
  if (program->parallel && !team) team = std::make_unique<Team>(options.threads > 0 ? std::min(options.threads, this_machine().cores) : this_machine().cores);
  Execution execution(std::move(program), team.get());
  for (size_t i = 0; i < execution.program().states.size(); ++i) execution.bind_state(static_cast<int>(i), store.memory(execution.program().states[i].name));
  return {std::move(types), std::move(scales), std::move(execution)};
}

const std::string& TrainingStep::State::name_of(std::string_view name) const {
  std::vector<std::string_view> known;
  for (const Variable& v : variables) {
    if (v.path == name) return v.path;
    known.push_back(v.path);
  }
  throw ArgumentError(text("the step has no variable '", printable(name), "'", did_you_mean(name, known), known.empty() ? "; it has them once it has run" : ""));
}

TrainingStep::TrainingStep(Trace trace, TrainingStepOptions options) : state_(std::make_unique<State>()) {
  require(static_cast<bool>(trace), "a TrainingStep is made from a function, and was given an empty one");
  require(options.threads >= 0, "threads is the most that may be used, or 0 for all; it was ", options.threads);
  state_->policy = DtypePolicy::named(options.dtype_policy);
  state_->trace = std::move(trace), state_->options = std::move(options);
}
TrainingStep::~TrainingStep() = default;
TrainingStep::TrainingStep(TrainingStep&&) noexcept = default;
TrainingStep& TrainingStep::operator=(TrainingStep&&) noexcept = default;

double TrainingStep::operator()(std::initializer_list<Tensor> batch) { return (*this)(std::span(batch.begin(), batch.size())); }

double TrainingStep::operator()(std::span<const Tensor> batch) {
  Execution& e = state_->step_for(batch).execution;
  for (size_t i = 0; i < batch.size(); ++i) e.bind_input(static_cast<int>(i), batch[i].data());
  e.run();
  const auto& outputs = e.program().outputs;
  if (outputs.empty() || outputs[0].type.shape.elements() == 0) return 0;
  const void* first = e.output(0);
  return with_type(outputs[0].type.dtype, [first](auto zero) {
    if constexpr (std::is_arithmetic_v<decltype(zero)>) return static_cast<double>(*static_cast<const decltype(zero)*>(first));
    else return static_cast<double>(static_cast<float>(*static_cast<const decltype(zero)*>(first)));
  });
}

Tensor TrainingStep::output(size_t i) const {
  require(!state_->steps.empty(), "the step has not run yet");
  const Execution& e = state_->steps.front().execution;
  require(i < e.program().outputs.size(), "output ", i, " of a step that returns ", e.program().outputs.size());
  return e.output_tensor(static_cast<int>(i));
}

Tensor TrainingStep::variable(std::string_view name) const { return state_->store.get(state_->name_of(name)); }
void TrainingStep::set_variable(std::string_view name, const Tensor& value) { state_->store.set(state_->name_of(name), value); }
std::vector<std::string> TrainingStep::variable_names() const {
  std::vector<std::string> names;
  for (const Variable& v : state_->variables) names.push_back(v.path);
  return names;
}

Logs TrainingStep::metrics() const {
  std::vector<Metric> all;
  for (const auto& t : state_->tracked) all.push_back(t.metric);
  const std::vector<std::string> names = unique_names(all);
  Logs logs;
  for (size_t i = 0; i < all.size(); ++i) {
    std::vector<Tensor> states;
    for (const MetricState& s : state_->tracked[i].states) states.push_back(state_->store.get(metric_place(i, s.name)));
    report(logs, names[i], all[i], states);
  }
  return logs;
}

void TrainingStep::reset_metrics() {
  for (size_t i = 0; i < state_->tracked.size(); ++i)
    for (const MetricState& s : state_->tracked[i].states) state_->store.set(metric_place(i, s.name), s.initial);
}

int64_t TrainingStep::iterations() const {
  const State& s = *state_;
  return s.optimizer ? s.optimizer->iterations(static_cast<int64_t>(s.store.scalar(Optimizer::iteration_path))) : 0;
}

double TrainingStep::learning_rate() const {
  require(state_->optimizer && state_->store.contains(Optimizer::learning_rate_path), "the step has no learning rate yet, or it follows a schedule");
  return state_->store.scalar(Optimizer::learning_rate_path);
}

void TrainingStep::set_learning_rate(double rate) {
  require(rate >= 0, "a learning rate is not negative; it was ", rate);
  learning_rate();  // there is one
  state_->store.set_scalar(Optimizer::learning_rate_path, rate);
}

}  // namespace cornu
