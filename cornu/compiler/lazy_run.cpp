// How lazy nodes run: what is needed is gathered, compiled unless such work was done before, and computed.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "cornu/base/error.h"
#include "cornu/compiler/compile.h"
#include "cornu/compiler/lazy.h"
#include "cornu/compiler/recording.h"
#include "cornu/graph/text.h"

namespace cornu {

/// All that is to be computed at once.
struct Eager::Work {
  std::vector<const LazyNode*> nodes;               // each after what it reads
  std::unordered_map<const LazyNode*, int> place;   // in nodes
  std::vector<std::shared_ptr<LazyNode>> outputs;   // whose values are wanted, or will be: somebody holds them
  std::vector<std::shared_ptr<LazyVariable>> variables;
  std::vector<std::pair<int, Lazy>> assignments;    // of a variable
  std::vector<Lazy> feeds;                          // what is known already, in the order of the Program's inputs
  std::vector<int64_t> key;                         // all of this but the ops' attributes and the numbers

  int variable(const std::shared_ptr<LazyVariable>& v) {
    const auto known = std::find(variables.begin(), variables.end(), v);
    if (known == variables.end()) {
      key.insert(key.end(), {v->transposed, static_cast<int64_t>(v->type.dtype), v->type.shape.rank()});
      key.insert(key.end(), v->type.shape.begin(), v->type.shape.end());
      variables.push_back(v);
      return static_cast<int>(variables.size()) - 1;
    }
    return static_cast<int>(known - variables.begin());
  }
};

struct Eager::Compiled {
  std::vector<int64_t> key;
  std::vector<Op> ops;
  std::vector<Tensor> constants;
  std::optional<Execution> execution;
  std::vector<int> states;  // by state of the Program: the variable

  bool fits(const Work& work) const {
    if (key != work.key) return false;
    size_t op = 0, constant = 0;
    for (const LazyNode* n : work.nodes) {
      if (n->op && n->values.empty() && !same(*n->op, ops[op++])) return false;
      if (n->constant && !(*n->values[0] == constants[constant++])) return false;
    }
    return true;
  }

 private:
  /// Ops that own graphs are equal when these read the same.
  static bool same(const Op& a, const Op& b) {
    if (a == b) return true;
    if (&a.about() != &b.about() || !(a.attributes() == b.attributes())) return false;
    const auto of_a = a.graphs(), of_b = b.graphs();
    if (of_a.empty() || of_a.size() != of_b.size()) return false;
    for (size_t i = 0; i < of_a.size(); ++i)
      if (static_cast<bool>(of_a[i]) != static_cast<bool>(of_b[i]) || (of_a[i] && to_text(*of_a[i]) != to_text(*of_b[i]))) return false;
    return true;
  }
};

Eager::Work Eager::collect(const std::vector<Lazy>& what, const std::vector<LazyAssignment>& assignments) const {
  Work work;
  std::vector<std::pair<std::shared_ptr<LazyNode>, size_t>> path;  // being walked, and how far
  std::vector<std::shared_ptr<LazyNode>> all;                      // as work.nodes
  const auto walk = [&](const Lazy& root) {
    if (work.place.try_emplace(root.node().get(), -1).second) path.emplace_back(root.node(), 0);
    while (!path.empty()) {
      auto& [node, next] = path.back();
      if (!node->values.empty() || next == node->in.size()) {
        work.place[node.get()] = static_cast<int>(all.size());
        all.push_back(std::move(node));
        path.pop_back();
      } else if (const Lazy& in = node->in[next++]; work.place.try_emplace(in.node().get(), -1).second) {
        path.emplace_back(in.node(), 0);
      }
    }
  };
  for (const Lazy& x : what) walk(x);
  for (const LazyAssignment& a : assignments) walk(a.value);

  std::vector<long> held(all.size(), 0);  // references from within
  for (const auto& node : all) {
    work.nodes.push_back(node.get());
    ++held[static_cast<size_t>(work.place[node.get()])];  // by `all`
    if (node->values.empty())
      for (const Lazy& in : node->in) ++held[static_cast<size_t>(work.place[in.node().get()])];
  }
  for (const LazyAssignment& a : assignments) ++held[static_cast<size_t>(work.place[a.value.node().get()])];
  std::vector<bool> wanted(all.size(), false);
  for (const Lazy& x : what) wanted[static_cast<size_t>(work.place[x.node().get()])] = true;

  std::vector<int64_t>& key = work.key;
  for (size_t i = 0; i < all.size(); ++i) {
    const LazyNode& n = *all[i];
    if (n.values.empty() && n.op) {
      key.push_back(reinterpret_cast<int64_t>(&n.op->about()));
      key.push_back(static_cast<int64_t>(n.in.size()));
      for (const Lazy& in : n.in) key.push_back(int64_t{work.place[in.node().get()]} << 8 | in.output());
    } else if (n.variable) {
      key.push_back(-1);
      key.push_back(work.variable(n.variable));
    } else {
      key.push_back(n.constant ? -2 : -3);
      for (size_t k = 0; k < n.out.size(); ++k) {
        key.insert(key.end(), {static_cast<int64_t>(n.out[k].dtype), n.out[k].shape.rank()});
        key.insert(key.end(), n.out[k].shape.begin(), n.out[k].shape.end());
        if (!n.constant) work.feeds.emplace_back(all[i], static_cast<int>(k));
      }
    }
    const bool interior = n.values.empty() && n.op && all[i].use_count() == held[i];
    if (n.values.empty() && (wanted[i] || (n.op && !interior))) {
      key.push_back(-4);
      work.outputs.push_back(all[i]);
    }
  }
  for (const LazyAssignment& a : assignments) {
    require<ShapeError>(a.value.type() == a.variable->type, "a variable is ", a.variable->type, " and cannot become ", a.value.type());
    const int v = work.variable(a.variable);
    for (const auto& [other, value] : work.assignments) ensure(other != v, "a variable is assigned twice at once");
    key.insert(key.end(), {-5, v, int64_t{work.place[a.value.node().get()]} << 8 | a.value.output()});
    work.assignments.emplace_back(v, a.value);
  }
  return work;
}

std::shared_ptr<Eager::Compiled> Eager::compiled_for(const Work& work) {
  const auto known = std::find_if(programs_.begin(), programs_.end(), [&](const auto& p) { return p->fits(work); });
  if (known != programs_.end()) {
    programs_.splice(programs_.begin(), programs_, known);
    return programs_.front();
  }
  auto made = std::make_shared<Compiled>();
  Graph g;
  CompileOptions options;
  std::vector<Value> variables;
  for (size_t i = 0; i < work.variables.size(); ++i) {
    const std::string name = text("v", i);
    variables.push_back(g.state(name, work.variables[i]->type));
    if (work.variables[i]->transposed) options.transposed_states.insert(name);
  }
  std::vector<std::vector<Value>> values;
  const auto value = [&](const Lazy& x) { return values[static_cast<size_t>(work.place.at(x.node().get()))][static_cast<size_t>(x.output())]; };
  for (const LazyNode* n : work.nodes) {
    std::vector<Value>& v = values.emplace_back();
    if (n->values.empty() && n->op) {
      std::vector<Value> in;
      for (const Lazy& x : n->in) in.push_back(value(x));
      v = g.add(*n->op, in);
      made->ops.push_back(*n->op);
    } else if (n->variable) {
      v.push_back(variables[static_cast<size_t>(std::find(work.variables.begin(), work.variables.end(), n->variable) - work.variables.begin())]);
    } else if (n->constant) {
      v.push_back(g.constant(*n->values[0]));
      made->constants.push_back(*n->values[0]);
    } else {
      for (const TensorType& type : n->out) v.push_back(g.input("x", type));
    }
  }
  for (const auto& node : work.outputs)
    for (size_t k = 0; k < node->out.size(); ++k) g.output(value(Lazy(node, static_cast<int>(k))));
  for (const auto& [v, x] : work.assignments) g.assign(variables[static_cast<size_t>(v)], value(x));
  made->key = work.key;
  const auto program = cornu::compile(g, options);
  for (const ProgramValue& s : program->states)
    for (size_t i = 0; i < work.variables.size(); ++i)
      if (s.name == text("v", i)) made->states.push_back(static_cast<int>(i));
  ensure(made->states.size() == program->states.size() && program->inputs.size() == work.feeds.size(), "a lazy graph and its Program differ");
  if (program->parallel && !team_) team_ = std::make_unique<Team>(threads_ > 0 ? std::min(threads_, this_machine().cores) : this_machine().cores);
  made->execution.emplace(program, team_.get());
  ++compiled_;
  if (programs_.size() == 256) programs_.pop_back();
  programs_.push_front(made);
  return made;
}

/// The numbers that were read from a variable before, where somebody still needs them: not what runs now and then lets go of them.
void Eager::keep_old_readings(const Work& work, const std::vector<LazyAssignment>& assignments) {
  std::unordered_map<const LazyNode*, long> released;
  for (const LazyNode* n : work.nodes)
    if (n->values.empty() && n->op && !remembered(*n))
      for (const Lazy& in : n->in)
        if (in.node()->variable) ++released[in.node().get()];
  for (const LazyAssignment& a : assignments) {
    const std::shared_ptr<LazyNode> node = a.variable->reading.lock();
    if (!node) continue;
    if (node.use_count() - 1 > released[node.get()]) keep_readings(a.variable);
    else a.variable->reading.reset();
  }
}

void Eager::run(const Work& work) {
  const std::shared_ptr<Compiled> compiled = compiled_for(work);  // before `around`: others change nodes meanwhile
  std::vector<std::vector<Tensor>> results;
  const auto compute = [&] {
    const std::lock_guard lock(running_);
    Execution& e = *compiled->execution;
    for (size_t i = 0; i < work.feeds.size(); ++i) e.bind_input(static_cast<int>(i), work.feeds[i].known()->data());
    for (size_t i = 0; i < compiled->states.size(); ++i) e.bind_state(static_cast<int>(i), work.variables[static_cast<size_t>(compiled->states[i])]->data);
    e.run();
    int next = 0;
    for (const auto& node : work.outputs) {
      auto& of_node = results.emplace_back();
      for (size_t k = 0; k < node->out.size(); ++k) of_node.push_back(e.output_tensor(next++));
    }
  };
  if (around_) around_(compute);
  else compute();

  for (size_t i = 0; i < work.outputs.size(); ++i) {
    LazyNode& node = *work.outputs[i];
    if (!node.values.empty()) continue;  // another thread was quicker
    for (Tensor& t : results[i]) node.values.emplace_back(std::move(t));
    node.depth = 0;
    if (!node.op) continue;
    if (remembered(node)) remembered_.push_back(work.outputs[i]);
    else node.op.reset(), node.in.clear();
  }
}

void Eager::evaluate(const std::vector<Lazy>& what, const std::vector<LazyAssignment>& given) {
  std::vector<LazyAssignment> assignments = given;
  if (Recording* r = current_recording()) {
    for (const LazyAssignment& a : given) r->assign(a);
    assignments.clear();
  }
  for (const Lazy& x : what) require(!x.node()->unknown, "a tensor of what is being recorded has no numbers: it will have others in each run");
  Work work = collect(what, assignments);
  if (!assignments.empty()) {
    // What shares the memory of a variable that is about to change comes first.
    std::vector<Lazy> first;
    for (const auto& node : work.outputs) {
      const LazyNode* n = node.get();
      while (n->values.empty() && n->op && n->op->properties().view) n = n->in[0].node().get();
      if (n->variable) first.emplace_back(node, 0);
    }
    if (!first.empty()) {
      evaluate(first);
      work = collect(what, assignments);
    }
    const size_t outputs = work.outputs.size();
    keep_old_readings(work, assignments);
    work = collect(what, assignments);  // a reading that was kept is known now
    ensure(work.outputs.size() <= outputs, "a reading that was kept makes more work");
  }
  if (!work.outputs.empty() || !work.assignments.empty()) run(work);
}

}  // namespace cornu
