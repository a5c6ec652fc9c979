// An order. What writes a state comes after everything that reads its old value, as far as the data allow: then the
// memory planner can let it write in place.
#include <queue>

#include "cornu/compiler/passes.h"
#include "cornu/compiler/pattern.h"

namespace cornu::passes {
namespace {

/// For each node the one whose memory its first result is: views looked through.
std::vector<int> roots_of(const Graph& graph) {
  std::vector<int> roots;
  for (int i = 0; i < graph.size(); ++i) roots.push_back(graph[i].op && graph[i].op->properties().view ? roots[static_cast<size_t>(graph[i].in[0].node)] : i);
  return roots;
}

class Order {
 public:
  explicit Order(const Graph& graph) : graph_(graph), after_(graph.nodes.size()) {
    for (int i = 0; i < graph.size(); ++i)
      for (const Value v : graph[i].in) after_[static_cast<size_t>(v.node)].push_back(i);
  }

  /// `first` before `second`, unless the data want it the other way.
  void prefer(int first, int second) {
    if (first != second && !reaches(second, first)) after_[static_cast<size_t>(first)].push_back(second);
  }

  std::vector<int> sorted() const {
    std::vector<int> waiting(after_.size(), 0), order;
    for (const auto& list : after_)
      for (const int i : list) ++waiting[static_cast<size_t>(i)];
    std::priority_queue<int, std::vector<int>, std::greater<>> ready;
    for (int i = 0; i < graph_.size(); ++i)
      if (waiting[static_cast<size_t>(i)] == 0) ready.push(i);
    while (!ready.empty()) {
      const int i = ready.top();
      ready.pop();
      order.push_back(i);
      for (const int next : after_[static_cast<size_t>(i)])
        if (--waiting[static_cast<size_t>(next)] == 0) ready.push(next);
    }
    ensure(order.size() == after_.size(), "the schedule has a cycle");
    return order;
  }

 private:
  bool reaches(int from, int to) const {
    std::vector<bool> seen(after_.size(), false);
    std::vector<int> stack{from};
    while (!stack.empty()) {
      const int i = stack.back();
      stack.pop_back();
      if (i == to) return true;
      for (const int next : after_[static_cast<size_t>(i)])
        if (!seen[static_cast<size_t>(next)]) seen[static_cast<size_t>(next)] = true, stack.push_back(next);
    }
    return false;
  }

  const Graph& graph_;
  std::vector<std::vector<int>> after_;
};

}  // namespace

NewGraph schedule(const Graph& graph) {
  Order order(graph);
  const std::vector<int> roots = roots_of(graph);
  std::vector<std::vector<int>> readers(graph.nodes.size());  // of states
  for (int i = 0; i < graph.size(); ++i)
    for (const Value v : graph[i].in)
      if (const int root = roots[static_cast<size_t>(v.node)]; graph[root].kind == Node::Kind::state) readers[static_cast<size_t>(root)].push_back(i);
  for (const Assignment& a : graph.assignments) {
    const int written = roots[static_cast<size_t>(a.value.node)];
    if (!graph[written].op) continue;
    for (const int i : readers[static_cast<size_t>(a.state.node)]) order.prefer(i, written);
  }
  auto to = std::make_unique<Graph>();
  std::vector<int> place(graph.nodes.size());
  const auto moved = [&](Value v) { return Value{to.get(), place[static_cast<size_t>(v.node)], v.output}; };
  for (const int i : order.sorted()) {
    Node copy = graph[i];
    for (Value& v : copy.in) v = moved(v);
    place[static_cast<size_t>(i)] = to->size();
    to->nodes.push_back(std::move(copy));
  }
  for (const Value v : graph.outputs) to->outputs.push_back(moved(v));
  for (const Assignment& a : graph.assignments) to->assignments.push_back({moved(a.state), moved(a.value)});
  return to;
}

}  // namespace cornu::passes
