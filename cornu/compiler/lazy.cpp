// From ops to lazy nodes, and what is remembered of them. How they run: lazy_run.cpp.
#include "cornu/compiler/lazy.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "cornu/autodiff/gradients.h"
#include "cornu/compiler/recording.h"

namespace cornu {
namespace {

/// Chains of ops that nobody reads are computed when they are as long as this: memory and compilation stay bounded.
constexpr int64_t longest_chain = 2000;

constexpr int64_t open_end = std::numeric_limits<int64_t>::max();

}  // namespace

Lazy::Lazy(const Tensor& value) : node_(std::make_shared<LazyNode>()) {
  const Tensor numbers = value.scale() == 1 ? value : value.cast(DType::float32);
  node_->out.push_back({numbers.dtype(), numbers.shape()});
  node_->values.emplace_back(numbers);
}

const TensorType& Lazy::type() const {
  ensure(node_ != nullptr, "an empty Lazy has no type");
  return node_->out[static_cast<size_t>(output_)];
}

const Tensor* Lazy::known() const {
  if (!node_ || node_->values.empty()) return nullptr;
  return &*node_->values[static_cast<size_t>(output_)];
}

LazyNode::~LazyNode() {
  std::vector<Lazy> rest = std::move(in);
  while (!rest.empty()) {
    const Lazy last = std::move(rest.back());
    rest.pop_back();
    if (!last.node() || last.node().use_count() > 1) continue;
    for (Lazy& l : last.node()->in) rest.push_back(std::move(l));
    last.node()->in.clear();
  }
}

std::vector<Lazy> Eager::import(const Graph& g, Imported known, const std::vector<Value>& wanted, const States& states) {
  known.resize(g.nodes.size());
  std::vector<bool> needed(g.nodes.size(), false);
  for (const Value v : wanted) {
    require(v.graph == &g, "a function of tensors returned a value that it did not compute from them");
    needed[static_cast<size_t>(v.node)] = true;
  }
  for (size_t i = g.nodes.size(); i-- > 0;)
    if (needed[i] && known[i].empty())
      for (const Value v : g.nodes[i].in) needed[static_cast<size_t>(v.node)] = true;
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    const Node& n = g.nodes[i];
    if (!needed[i] || !known[i].empty()) continue;
    if (n.kind == Node::Kind::state) {
      require<UnsupportedError>(static_cast<bool>(states), "the state '", n.name, "' belongs to a model, and was read outside of one");
      known[i].push_back(states(n.name, n.out[0]));
      continue;
    }
    const auto node = std::make_shared<LazyNode>();
    node->out = n.out;
    node->serial = ++serial_;
    if (n.kind == Node::Kind::constant) {
      node->constant = true;
      node->values.emplace_back(*n.constant);
    } else {
      ensure(n.kind == Node::Kind::op, "a function of tensors made an input of its own");
      node->op = n.op;
      for (const Value v : n.in) {
        node->in.push_back(known[static_cast<size_t>(v.node)][static_cast<size_t>(v.output)]);
        const LazyNode& from = *node->in.back().node();
        if (from.values.empty()) node->depth = std::max(node->depth, from.depth + 1);
        node->unknown = node->unknown || from.unknown;
      }
    }
    for (size_t k = 0; k < n.out.size(); ++k) known[i].emplace_back(node, static_cast<int>(k));
  }
  std::vector<Lazy> out;
  for (const Value v : wanted) out.push_back(known[static_cast<size_t>(v.node)][static_cast<size_t>(v.output)]);
  return out;
}

std::vector<Lazy> Eager::apply(const std::vector<Lazy>& in, const Traced& f, const States& states) {
  Graph g;
  Imported known;
  std::vector<Value> values;
  for (const Lazy& x : in) {
    values.push_back(g.input("x", x.type()));
    known.push_back({x});
  }
  Making making{&g, [&](const Lazy& x) {
    for (size_t i = 0; i < known.size(); ++i)
      for (size_t k = 0; k < known[i].size(); ++k)
        if (known[i][k] == x) return Value{&g, static_cast<int>(i), static_cast<int>(k)};
    const Value v = g.input("x", x.type());
    known.resize(g.nodes.size());
    known.back() = {x};
    return v;
  }};
  making_.push_back(&making);
  std::vector<Value> made;
  try {
    made = f(g, values);
  } catch (...) {
    std::erase(making_, &making);
    throw;
  }
  std::erase(making_, &making);
  std::vector<Lazy> out = import(g, std::move(known), made, states);
  for (const Lazy& y : out)
    if (!y.node()->unknown && y.node()->values.empty() && y.node()->depth >= longest_chain) {
      evaluate(out);
      break;
    }
  return out;
}

Value Eager::inside(Graph& graph, const Lazy& x) {
  const auto thread = std::this_thread::get_id();
  const auto here = std::find_if(making_.rbegin(), making_.rend(), [&](const Making* m) { return m->thread == thread; });
  if (here == making_.rend() || (&graph != (*here)->graph && !graph.capture)) return {};
  const Value v = (*here)->value(x);
  return v.graph == &graph ? v : graph.capture(v);
}

Recording* Eager::current_recording() const {
  if (recordings_.empty()) return nullptr;
  const auto thread = std::this_thread::get_id();
  const auto here = std::find_if(recordings_.rbegin(), recordings_.rend(), [&](const auto& r) { return r.first == thread; });
  return here == recordings_.rend() ? nullptr : here->second;
}

Lazy Eager::read(const std::shared_ptr<LazyVariable>& variable) {
  if (Recording* r = current_recording()) return r->read(variable);
  std::shared_ptr<LazyNode> node = variable->reading.lock();
  if (!node) {
    node = std::make_shared<LazyNode>();
    node->variable = variable;
    node->origin = variable.get();
    node->out.push_back(variable->type);
    variable->reading = node;
  }
  return {std::move(node), 0};
}

void Eager::keep_readings(const std::shared_ptr<LazyVariable>& variable) {
  const std::shared_ptr<LazyNode> node = variable->reading.lock();
  if (!node) return;
  if (node->values.empty()) evaluate({Lazy(node, 0)});
  node->variable.reset();
  variable->reading.reset();
}

Tensor Eager::value(const Lazy& x) {
  require(static_cast<bool>(x), "an empty Lazy has no value");
  if (!x.known()) {
    require(!x.node()->unknown, "a tensor of what is being recorded has no numbers: it will have others in each run");
    if (x.node()->variable) {  // read again, it may be another
      const std::shared_ptr<LazyNode> present = std::make_shared<LazyNode>();
      present->variable = x.node()->variable;
      present->out = x.node()->out;
      evaluate({Lazy(present, 0)});
      return *present->values[0];
    }
    evaluate({x});
  }
  return *x.known();
}

// ---- tapes

bool Tape::recorded(int64_t serial) const {
  for (const auto& [first, last] : spans_)
    if (serial >= first && serial <= last) return true;
  return false;
}

bool Eager::remembered(const LazyNode& node) const {
  for (const std::weak_ptr<Tape>& t : tapes_)
    if (const auto tape = t.lock(); tape && tape->recorded(node.serial)) return true;
  return false;
}

std::shared_ptr<Tape> Eager::tape() {
  std::erase_if(tapes_, [](const std::weak_ptr<Tape>& t) { return t.expired(); });
  auto tape = std::make_shared<Tape>();
  tapes_.push_back(tape);
  return tape;
}

void Eager::record(const std::shared_ptr<Tape>& tape) {
  if (tape->spans_.empty() || tape->spans_.back().second != open_end) tape->spans_.emplace_back(serial_ + 1, open_end);
}

void Eager::stop(const std::shared_ptr<Tape>& tape) {
  if (!tape->spans_.empty() && tape->spans_.back().second == open_end) tape->spans_.back().second = serial_;
}

bool Eager::recording() const {
  for (const std::weak_ptr<Tape>& t : tapes_)
    if (const auto tape = t.lock(); tape && tape->recorded(serial_ + 1)) return true;
  return false;
}

void Eager::forget(const std::shared_ptr<Tape>& tape) {
  std::erase_if(tapes_, [&](const std::weak_ptr<Tape>& t) { return t.expired() || t.lock() == tape; });
  std::vector<std::weak_ptr<LazyNode>> still;
  for (const std::weak_ptr<LazyNode>& n : remembered_)
    if (const auto node = n.lock()) {
      if (remembered(*node)) still.push_back(node);
      else node->op.reset(), node->in.clear();
    }
  remembered_ = std::move(still);
}

namespace {

/// What a tape knows of how `of` were computed, as a graph.
struct History {
  Graph graph;
  std::unordered_map<const LazyNode*, std::vector<Value>> values;
  std::vector<std::vector<Lazy>> lazy;  // by node of the graph
  std::unordered_set<const LazyNode*> leads;  // to one of `with`

  History(const Tape& tape, const std::vector<Lazy>& of, const std::vector<Lazy>& with) {
    for (const Lazy& w : with) leads.insert(w.node().get());
    const std::vector<const LazyNode*> order = sorted(tape, of);
    for (const LazyNode* n : order)
      for (const Lazy& in : n->in)
        if (remembers(tape, *n) && leads.contains(in.node().get())) leads.insert(n);
    for (const LazyNode* n : order)
      if (leads.contains(n) && remembers(tape, *n)) add(*n);
  }

  Value value(const Lazy& x) {
    std::vector<Value>& known = values[x.node().get()];
    if (known.empty())
      for (size_t k = 0; k < x.node()->out.size(); ++k) {
        const Lazy each(x.node(), static_cast<int>(k));
        const bool constant = x.node()->constant;
        known.push_back(constant ? graph.constant(*each.known()) : graph.input("x", each.type()));
        lazy.push_back({each});
      }
    return known[static_cast<size_t>(x.output())];
  }

  /// Other readings of the variable that x was read from.
  static std::vector<Lazy> other_readings(const Tape& tape, const std::vector<Lazy>& of, const Lazy& x) {
    std::vector<Lazy> found;
    if (!x.node()->origin) return found;
    for (const LazyNode* n : sorted(tape, of))
      if (n != x.node().get() && n->origin == x.node()->origin) found.emplace_back(std::const_pointer_cast<LazyNode>(n->shared_from_this()), 0);
    return found;
  }

  /// Of each node, whether slopes get there from one of `of`: through floats and ops that have a gradient.
  std::vector<bool> reached(const std::vector<Lazy>& of) const {
    std::vector<bool> reach(graph.nodes.size(), false);
    for (const Lazy& y : of)
      if (const auto found = values.find(y.node().get()); found != values.end()) reach[static_cast<size_t>(found->second[0].node)] = true;
    for (size_t i = graph.nodes.size(); i-- > 0;)
      if (reach[i] && graph.nodes[i].op && graph.nodes[i].op->properties().differentiable)
        for (const Value v : graph.nodes[i].in)
          if (is_float(v.dtype())) reach[static_cast<size_t>(v.node)] = true;
    return reach;
  }

 private:
  static bool remembers(const Tape& tape, const LazyNode& n) { return n.op && tape.recorded(n.serial); }

  static std::vector<const LazyNode*> sorted(const Tape& tape, const std::vector<Lazy>& of) {
    std::vector<const LazyNode*> order;
    std::unordered_set<const LazyNode*> seen;
    std::vector<std::pair<const LazyNode*, size_t>> path;
    for (const Lazy& y : of) {
      if (seen.insert(y.node().get()).second) path.emplace_back(y.node().get(), 0);
      while (!path.empty()) {
        auto& [node, next] = path.back();
        if (!remembers(tape, *node) || next == node->in.size()) {
          order.push_back(node);
          path.pop_back();
        } else if (const LazyNode* in = node->in[next++].node().get(); seen.insert(in).second) {
          path.emplace_back(in, 0);
        }
      }
    }
    return order;
  }

  void add(const LazyNode& n) {
    std::vector<Value> in;
    for (const Lazy& x : n.in) in.push_back(value(x));
    values[&n] = graph.add(*n.op, in);
    lazy.emplace_back();
    for (size_t k = 0; k < n.out.size(); ++k) lazy.back().emplace_back(std::const_pointer_cast<LazyNode>(n.shared_from_this()), static_cast<int>(k));
  }
};

}  // namespace

std::vector<Lazy> Eager::gradients(const Tape& tape, const std::vector<Lazy>& of, const std::vector<Lazy>& asked, const std::vector<Lazy>& seeds) {
  std::vector<Lazy> result(asked.size());
  if (of.empty() || asked.empty()) return result;
  std::vector<Lazy> with = asked;  // a variable that was assigned to in between was read several times
  std::vector<size_t> whose;
  for (size_t i = 0; i < asked.size(); ++i) whose.push_back(i);
  for (size_t i = 0; i < asked.size(); ++i)
    for (Lazy& other : History::other_readings(tape, of, asked[i])) with.push_back(std::move(other)), whose.push_back(i);
  History history(tape, of, with);
  std::vector<Value> of_values, with_values, seed_values;
  std::vector<size_t> places;
  for (size_t i = 0; i < of.size(); ++i) {
    if (!history.leads.contains(of[i].node().get()) || !is_float(of[i].type().dtype)) continue;
    of_values.push_back(history.value(of[i]));
    seed_values.push_back(history.value(seeds[i]));
  }
  if (of_values.empty()) return result;
  const std::vector<bool> reached = history.reached(of);
  for (size_t i = 0; i < with.size(); ++i) {
    const auto found = history.values.find(with[i].node().get());
    if (found == history.values.end() || !is_float(with[i].type().dtype)) continue;
    const Value v = found->second[static_cast<size_t>(with[i].output())];
    if (!reached[static_cast<size_t>(v.node)]) continue;
    with_values.push_back(v);
    places.push_back(whose[i]);
  }
  if (with_values.empty()) return result;
  Making making{&history.graph, [&](const Lazy& x) { return history.value(x); }};
  making_.push_back(&making);
  std::vector<Value> slopes;
  try {
    slopes = cornu::gradients(of_values, with_values, seed_values);
  } catch (...) {
    std::erase(making_, &making);
    throw;
  }
  std::erase(making_, &making);
  const std::vector<Lazy> found = import(history.graph, std::move(history.lazy), slopes, {});
  for (size_t i = 0; i < places.size(); ++i) {
    Lazy& sum = result[places[i]];
    sum = !sum ? found[i] : apply({sum, found[i]}, [](Graph&, Values v) { return std::vector{v[0] + v[1]}; })[0];
  }
  return result;
}

}  // namespace cornu
