#include "cornu/compiler/recording.h"

#include <algorithm>

#include "cornu/base/error.h"
#include "cornu/compiler/compile.h"
#include "cornu/ops/ops.h"

namespace cornu {

Recording::Here::Here(Eager& eager, Recording* recording) : eager_(eager) { eager_.recordings_.emplace_back(std::this_thread::get_id(), recording); }

Recording::Here::~Here() {
  auto& all = eager_.recordings_;
  const auto last = std::find_if(all.rbegin(), all.rend(), [](const auto& r) { return r.first == std::this_thread::get_id(); });
  all.erase(std::next(last).base());
}

Lazy Recording::input(const TensorType& type) {
  const auto node = std::make_shared<LazyNode>();
  node->out.push_back(type);
  node->unknown = true;
  inputs_.emplace_back(node, 0);
  return inputs_.back();
}

Lazy Recording::read(const std::shared_ptr<LazyVariable>& variable) {
  Lazy& present = now_.values[variable];
  if (!present) {
    const auto node = std::make_shared<LazyNode>();
    node->variable = variable;
    node->origin = variable.get();
    node->out.push_back(variable->type);
    node->unknown = true;
    present = Lazy(node, 0);
  }
  return present;
}

void Recording::assign(const LazyAssignment& a) {
  require<ShapeError>(a.value.type() == a.variable->type, "a variable is ", a.variable->type, " and cannot become ", a.value.type());
  // A node of its own, so that tapes know the variable by it.
  const auto node = std::make_shared<LazyNode>();
  node->op = Op(Reshape{a.variable->type.shape});
  node->in.push_back(a.value);
  node->out.push_back(a.variable->type);
  node->origin = a.variable.get();
  node->serial = ++eager_.serial_;
  node->unknown = true;
  now_.values[a.variable] = Lazy(node, 0);
  if (std::find(now_.assigned.begin(), now_.assigned.end(), a.variable) == now_.assigned.end()) now_.assigned.push_back(a.variable);
}

void Recording::restore(Present before) {
  for (const auto& [variable, value] : now_.values)
    if (value.node()->variable && !before.values.contains(variable)) before.values.emplace(variable, value);  // read meanwhile
  now_ = std::move(before);
}

/// From lazy nodes to graphs.
struct Recording::Tracer {
  const Recording& recording;
  std::vector<std::shared_ptr<LazyNode>> order = {};
  std::vector<std::shared_ptr<LazyVariable>> variables = {};
  std::unordered_map<const LazyNode*, std::vector<Tensor>> known = {};

  void walk(const Lazy& root, std::unordered_map<const LazyNode*, bool>& seen) {
    std::vector<std::pair<std::shared_ptr<LazyNode>, size_t>> path;
    if (seen.emplace(root.node().get(), true).second) path.emplace_back(root.node(), 0);
    while (!path.empty()) {
      auto& [node, next] = path.back();
      if (!node->unknown || next == node->in.size()) {
        if (node->unknown && node->variable && std::find(variables.begin(), variables.end(), node->variable) == variables.end()) variables.push_back(node->variable);
        order.push_back(std::move(node));
        path.pop_back();
      } else if (const Lazy& in = node->in[next++]; seen.emplace(in.node().get(), true).second) {
        path.emplace_back(in.node(), 0);
      }
    }
  }

  /// What does not depend on the run is computed now, and copied: its memory may be somebody's.
  void compute_known() {
    const Elsewhere directly(recording.eager_);
    std::vector<Lazy> pending;
    for (const auto& n : order)
      if (!n->unknown && n->values.empty() && n->op) pending.emplace_back(n, 0);
    if (!pending.empty()) recording.eager_.evaluate(pending);
    for (const auto& n : order) {
      if (n->unknown) continue;
      for (size_t k = 0; k < n->out.size(); ++k) {
        const Tensor numbers = recording.eager_.value(Lazy(n, static_cast<int>(k)));
        Tensor copy(numbers.dtype(), numbers.shape());
        const auto* from = static_cast<const std::byte*>(numbers.data());
        std::copy(from, from + numbers.bytes(), static_cast<std::byte*>(copy.mutable_data()));
        known[n.get()].push_back(std::move(copy));
      }
    }
  }

  std::shared_ptr<const Program> compiled(const std::vector<Lazy>& outputs, bool assign) const {
    Graph g;
    CompileOptions options;
    std::vector<Value> inputs, states;
    for (const Lazy& x : recording.inputs_) inputs.push_back(g.input(text("x", inputs.size()), x.type()));
    for (const auto& v : variables) {
      states.push_back(g.state(text("v", states.size()), v->type));
      if (v->transposed) options.transposed_states.insert(text("v", states.size() - 1));
    }
    std::unordered_map<const LazyNode*, std::vector<Value>> values;
    for (size_t i = 0; i < inputs.size(); ++i) values[recording.inputs_[i].node().get()] = {inputs[i]};
    const auto value = [&](const Lazy& x) { return values.at(x.node().get())[static_cast<size_t>(x.output())]; };
    for (const auto& n : order) {
      std::vector<Value>& v = values[n.get()];
      if (!v.empty()) continue;
      if (!n->unknown) {
        for (const Tensor& t : known.at(n.get())) v.push_back(g.constant(t));
      } else if (n->variable) {
        v.push_back(states[static_cast<size_t>(std::find(variables.begin(), variables.end(), n->variable) - variables.begin())]);
      } else {
        require(n->op.has_value(), "a tensor of one recording is used in another");
        std::vector<Value> in;
        for (const Lazy& x : n->in) in.push_back(value(x));
        v = g.add(*n->op, in);
      }
    }
    for (const Lazy& y : outputs) g.output(value(y));
    if (assign)
      for (const auto& v : recording.now_.assigned)
        g.assign(states[static_cast<size_t>(std::find(variables.begin(), variables.end(), v) - variables.begin())], value(recording.now_.values.at(v)));
    return cornu::compile(g, options);
  }

  /// What it is the very memory of: it, or what it is a view of.
  static const LazyNode& memory_of(const Lazy& x) {
    const LazyNode* n = x.node().get();
    while (n->unknown && n->op && n->op->properties().view) n = n->in[0].node().get();
    return *n;
  }
  bool shows_old(const Lazy& x) const {
    const LazyNode& n = memory_of(x);
    return n.variable && n.unknown && std::find(recording.now_.assigned.begin(), recording.now_.assigned.end(), n.variable) != recording.now_.assigned.end();
  }
};

Recorded Recording::compile(const std::vector<Lazy>& outputs) {
  Tracer tracer{*this};
  std::unordered_map<const LazyNode*, bool> seen;
  for (const Lazy& y : outputs) tracer.walk(y, seen);
  for (const auto& v : now_.assigned) {
    tracer.walk(now_.values.at(v), seen);
    if (std::find(tracer.variables.begin(), tracer.variables.end(), v) == tracer.variables.end()) tracer.variables.push_back(v);
  }
  tracer.compute_known();

  Recorded made(eager_);
  made.variables_ = tracer.variables;
  made.assigned_ = now_.assigned;
  for (const Lazy& x : inputs_) made.inputs_.push_back(x.type());
  std::vector<Lazy> of_part[2];  // before the assignments, and with them
  for (const Lazy& y : outputs) {
    const int part = tracer.shows_old(y) ? 0 : 1;
    made.outputs_.push_back(y.type());
    made.kept_.emplace_back();
    if (const LazyNode& n = Tracer::memory_of(y); n.unknown && !n.op) made.kept_.back().emplace();
    made.places_.emplace_back(part, static_cast<int>(of_part[part].size()));
    of_part[part].push_back(y);
  }
  const bool two = !of_part[0].empty();
  if (!two)
    for (auto& place : made.places_) place.first = 0;
  for (int part = two ? 0 : 1; part < 2; ++part) {
    const auto program = tracer.compiled(of_part[part], part == 1);
    if (program->parallel && !eager_.team_) eager_.team_ = std::make_unique<Team>(eager_.threads_ > 0 ? std::min(eager_.threads_, this_machine().cores) : this_machine().cores);
    Execution& e = made.parts_.emplace_back(program, eager_.team_.get());
    for (size_t i = 0; i < program->states.size(); ++i) {
      const std::string& name = program->states[i].name;  // "v12"
      e.bind_state(static_cast<int>(i), tracer.variables[static_cast<size_t>(std::stol(name.substr(1)))]->data);
    }
    ensure(program->inputs.size() == inputs_.size(), "a recording and its Program differ");
  }
  ++eager_.compiled_;
  return made;
}

void Recorded::run(std::span<const void* const> inputs, std::vector<Tensor>* outputs) {
  require(inputs.size() == inputs_.size(), "a recording of ", inputs_.size(), " inputs was given ", inputs.size());
  const std::lock_guard lock(eager_->running_);
  for (int part = 0; part < static_cast<int>(parts_.size()); ++part) {
    Execution& e = parts_[static_cast<size_t>(part)];
    for (size_t i = 0; i < inputs.size(); ++i) e.bind_input(static_cast<int>(i), inputs[i]);
    e.run();
    for (size_t i = 0; i < kept_.size(); ++i)
      if (kept_[i] && places_[i].first == part) kept_[i] = e.output_tensor(places_[i].second);
  }
  if (!outputs) return;
  outputs->clear();
  for (size_t i = 0; i < outputs_.size(); ++i) outputs->push_back(output(i));
}

Tensor Recorded::output(size_t i) const {
  if (kept_[i]) return *kept_[i];
  const auto [part, place] = places_[i];
  return parts_[static_cast<size_t>(part)].output_tensor(place);
}

bool Recorded::awaited() const {
  return std::any_of(assigned_.begin(), assigned_.end(), [](const auto& v) { return !v->reading.expired(); });
}

void Recorded::settle() {
  for (const auto& v : assigned_) eager_->keep_readings(v);
}

}  // namespace cornu
