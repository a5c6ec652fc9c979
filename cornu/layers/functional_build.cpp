// From Symbols to the order in which Keras lists layers: sorted by their distance from the outputs.
#include <algorithm>

#include "cornu/layers/functional.h"
#include "cornu/layers/nested.h"
#include "cornu/nn/symbol_call.h"

namespace cornu {

/// Walks from the outputs to the inputs with a stack of its own: a model may be as deep as it likes.
class FunctionalBuilder {
 public:
  FunctionalBuilder(Functional& f) : f_(f) {}

  void build() {
    add_inputs();
    for (const Symbol& s : f_.outputs_.symbols) {
      require(static_cast<bool>(s), "an output of the model is an empty Symbol");
      visit(s);
    }
    find_depths();
    sort_operators();
    name_operators();
    add_steps();
  }

 private:
  using Key = std::pair<const SymbolCall*, int>;
  struct Op {
    Layer layer;
    int index = 0;  // in the order of the walk
    int depth = 0;
    size_t sorted = 0;
    bool known = false;
  };
  struct Node {
    const SymbolCall* call = nullptr;  // null: an input of the model
    Symbol symbol;                     // what keeps the call alive, or the input
    size_t op = 0;
    std::vector<size_t> parents = {};  // nodes, for each of the call's inputs
    int depth = -1;                    // unknown yet
    bool used = false;
  };
  struct Frame {
    size_t node, next;
  };

  size_t op_of(const Layer& layer) {
    const auto [found, is_new] = by_layer_.try_emplace(layer.weights().get(), ops_.size());
    if (is_new) ops_.push_back({layer});
    return found->second;
  }

  void add_inputs() {
    require(!f_.inputs_.symbols.empty() && !f_.outputs_.symbols.empty(), "a model needs an input and an output at least");
    for (const Symbol& s : f_.inputs_.symbols) {
      require(static_cast<bool>(s), "an input of the model is an empty Symbol; begin with input({...})");
      const bool is_new = inputs_.try_emplace(Key{s.call().get(), s.output()}, nodes_.size()).second;
      require(is_new, "a Symbol stands twice among the model's inputs");
      const bool fed = s.call()->is_input();
      const Layer layer = fed ? s.call()->layer : Layer(Input(s.shape().drop_front(), s.dtype()));
      nodes_.push_back({.symbol = s, .op = op_of(layer)});
    }
  }

  /// The node of s, entered; nothing where there is nothing to do.
  std::optional<size_t> enter(const Symbol& s, size_t* node) {
    const SymbolCall* call = s.call().get();
    if (const auto input = inputs_.find({call, s.output()}); input != inputs_.end()) {
      *node = input->second;
      reach(input->second);
      return {};
    }
    if (call->is_input()) {
      const std::string& name = call->layer.name();
      throw ArgumentError(text("the model's outputs depend on an Input", name.empty() ? "" : " '", name, name.empty() ? "" : "'", " of shape ", s.shape(), " that is not among the model's inputs; give it to the model too"));
    }
    const auto [found, is_new] = by_call_.try_emplace(call, nodes_.size());
    *node = found->second;
    if (!is_new) return {};
    nodes_.push_back({.call = call, .symbol = s, .op = op_of(call->layer)});
    nodes_.back().used = true;
    index(nodes_.back().op);
    return found->second;
  }

  void index(size_t op) {
    if (!ops_[op].known) ops_[op].known = true, ops_[op].index = indices_++;
  }
  void reach(size_t input) {
    if (nodes_[input].used) return;
    nodes_[input].used = true;
    index(nodes_[input].op);
    order_.push_back(input);
  }

  void visit(const Symbol& output) {
    std::vector<Frame> stack;
    size_t node = 0;
    if (const auto entered = enter(output, &node)) stack.push_back({*entered, 0});
    while (!stack.empty()) {
      Frame& top = stack.back();
      const std::vector<Symbol>& in = nodes_[top.node].call->inputs;
      if (top.next == in.size()) {
        order_.push_back(top.node);
        stack.pop_back();
        continue;
      }
      const size_t child = top.node;
      const auto entered = enter(in[top.next++], &node);
      nodes_[child].parents.push_back(node);
      if (entered) stack.push_back({*entered, 0});
    }
  }

  void find_depths() {
    for (auto it = order_.rbegin(); it != order_.rend(); ++it) {
      Node& n = nodes_[*it];
      n.depth = std::max({n.depth, ops_[n.op].depth, 0});
      ops_[n.op].depth = n.depth;
      for (const size_t p : n.parents) nodes_[p].depth = std::max(nodes_[p].depth, n.depth + 1);
    }
    for (size_t i = 0; i < nodes_.size(); ++i)  // inputs that nothing uses
      if (!nodes_[i].used) nodes_[i].depth = 0, ops_[nodes_[i].op].index = -1;
  }

  void sort_operators() {
    for (size_t i = 0; i < ops_.size(); ++i) sorted_.push_back(i);
    std::stable_sort(sorted_.begin(), sorted_.end(), [&](size_t a, size_t b) {
      return std::pair{-ops_[a].depth, ops_[a].index} < std::pair{-ops_[b].depth, ops_[b].index};
    });
    for (size_t i = 0; i < sorted_.size(); ++i) ops_[sorted_[i]].sorted = i;
  }

  // Names that were given come first; then the inputs in the order given, then layers in the order of the walk.
  void name_operators() {
    Names names;
    std::vector<std::string> chosen(ops_.size());
    const auto choose = [&](size_t op) {
      if (chosen[op].empty()) chosen[op] = names.name(ops_[op].layer);
    };
    for (size_t i = 0; i < ops_.size(); ++i)
      if (ops_[i].layer.named()) choose(i);
    for (size_t i = 0; i < f_.inputs_.symbols.size(); ++i) choose(nodes_[i].op);
    for (const size_t n : order_) choose(nodes_[n].op);
    for (const size_t op : sorted_) {
      f_.operators_.push_back({chosen[op], ops_[op].layer});
      if (is_operation(ops_[op].layer)) continue;
      f_.layers_.push_back(ops_[op].layer);
      f_.names_.push_back(chosen[op]);
    }
  }

  static bool is_operation(const Layer& layer) { return layer.as<Operation>() != nullptr; }

  void add_steps() {
    std::vector<size_t> calls, place(nodes_.size());
    for (size_t i = 0; i < nodes_.size(); ++i) {
      place[i] = f_.sources_.size();
      const size_t outputs = nodes_[i].call ? nodes_[i].call->outputs.size() : 1;
      for (size_t k = 0; k < outputs; ++k) f_.sources_.push_back({ops_[nodes_[i].op].sorted, 0, k});
      if (nodes_[i].call) calls.push_back(i);
    }
    const auto place_of = [&](const Symbol& s) {
      const auto input = inputs_.find({s.call().get(), s.output()});
      return input != inputs_.end() ? place[input->second] : place[by_call_.at(s.call().get())] + static_cast<size_t>(s.output());
    };
    std::sort(calls.begin(), calls.end(), [&](size_t a, size_t b) {
      const auto key = [&](size_t i) { return std::tuple{-nodes_[i].depth, ops_[nodes_[i].op].sorted, nodes_[i].call->serial}; };
      return key(a) < key(b);
    });
    for (const size_t i : calls) {
      Functional::Step step{.call = nodes_[i].symbol.call(), .op = ops_[nodes_[i].op].sorted, .out = place[i], .depth = nodes_[i].depth};
      for (const Symbol& s : nodes_[i].call->inputs) step.in.push_back(place_of(s));
      const auto nested = wiring_of(step.call->layer);
      f_.calls_ += nested ? nested->calls() : 1;
      require<LimitError>(f_.calls_ <= most_calls, "a model calls at most ", most_calls, " layers");
      f_.operators_[step.op].steps.push_back(f_.steps_.size());
      f_.steps_.push_back(std::move(step));
    }
    for (Functional::Operator& op : f_.operators_) {
      std::sort(op.steps.begin(), op.steps.end(), [&](size_t a, size_t b) { return f_.steps_[a].call->serial < f_.steps_[b].call->serial; });
      for (size_t k = 0; k < op.steps.size(); ++k) {
        const Functional::Step& step = f_.steps_[op.steps[k]];
        for (size_t o = 0; o < step.call->outputs.size(); ++o) f_.sources_[step.out + o].call = k;
      }
    }
    for (size_t i = 0; i < f_.inputs_.symbols.size(); ++i) f_.input_ops_.push_back(ops_[nodes_[i].op].sorted), f_.input_places_.push_back(place[i]);
    for (const Symbol& s : f_.outputs_.symbols) f_.output_places_.push_back(place_of(s));
    decide_whether_graph();
  }

  // As Keras's summary does: one node at each depth, with one input, and no layer twice.
  void decide_whether_graph() {
    std::map<int, int> at_depth;
    for (const Node& n : nodes_) f_.is_graph_ |= ++at_depth[n.depth] > 1 || (n.call && n.call->inputs.size() > 1);
    for (const Functional::Operator& op : f_.operators_) f_.is_graph_ |= op.steps.size() > 1 && !is_operation(op.layer);
  }

  Functional& f_;
  std::vector<Op> ops_;
  std::vector<Node> nodes_;              // the model's inputs first
  std::map<const void*, size_t> by_layer_;
  std::map<const SymbolCall*, size_t> by_call_;
  std::map<Key, size_t> inputs_;         // in nodes_
  std::vector<size_t> order_;            // nodes, each after what it reads
  std::vector<size_t> sorted_;           // ops
  int indices_ = 0;
};

Functional::Functional(SymbolGroup inputs, SymbolGroup outputs) : inputs_(std::move(inputs)), outputs_(std::move(outputs)) { FunctionalBuilder(*this).build(); }

}  // namespace cornu
