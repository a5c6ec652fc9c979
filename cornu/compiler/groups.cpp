#include "cornu/compiler/groups.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <queue>

#include "cornu/base/error.h"

namespace cornu {

Groups::Groups(const Graph& graph)
    : graph_(graph), parent_(graph.nodes.size()), members_(graph.nodes.size()), users_(graph.nodes.size()), visited_(graph.nodes.size(), 0) {
  std::iota(parent_.begin(), parent_.end(), 0);
  for (int i = 0; i < graph.size(); ++i) {
    members_[static_cast<size_t>(i)] = {i};
    for (const Value v : graph[i].in) {
      auto& users = users_[static_cast<size_t>(v.node)];
      if (users.empty() || users.back() != i) users.push_back(i);
    }
  }
}

int Groups::of(int node) const {
  while (parent_[static_cast<size_t>(node)] != node) node = parent_[static_cast<size_t>(node)];
  return node;
}

/// Nodes after this one lead nowhere near `node`: paths go forward, and back only inside a group.
int Groups::last_that_leads_to(int node) const {
  const auto after = spans_.upper_bound(node);
  return after == spans_.begin() ? node : std::max(node, std::prev(after)->second);
}

// Is there a path from group `from` to group `to` with another group on it?
bool Groups::reaches_around(int from, int to) const {
  ++visit_;
  std::vector<int> stack;
  const int last = last_that_leads_to(members(to).back());
  const auto push_users = [&](int group, bool direct) {
    for (const int m : members(group))
      for (const int user : users(m)) {
        const int g = of(user);
        if (g == from || (direct && g == to) || members(g).front() > last || visited_[static_cast<size_t>(g)] == visit_) continue;
        visited_[static_cast<size_t>(g)] = visit_;
        stack.push_back(g);
      }
  };
  push_users(from, true);
  while (!stack.empty()) {
    const int g = stack.back();
    stack.pop_back();
    if (g == to) return true;
    push_users(g, false);
  }
  return false;
}

bool Groups::merge(int a, int b) {
  a = of(a), b = of(b);
  if (a == b) return true;
  if (reaches_around(a, b) || reaches_around(b, a)) return false;
  parent_[static_cast<size_t>(b)] = a;
  std::vector<int> all;
  std::merge(members(a).begin(), members(a).end(), members(b).begin(), members(b).end(), std::back_inserter(all));
  int first = all.front(), last = all.back();
  auto span = spans_.upper_bound(first);
  if (span != spans_.begin() && std::prev(span)->second > first) --span;
  for (; span != spans_.end() && span->first < last; span = spans_.erase(span)) first = std::min(first, span->first), last = std::max(last, span->second);
  spans_[first] = last;
  members_[static_cast<size_t>(a)] = std::move(all);
  members_[static_cast<size_t>(b)].clear();
  return true;
}

std::vector<Value> Groups::results(const std::vector<int>& nodes) const {
  const int group = of(nodes[0]);
  std::map<std::pair<int, int>, bool> read;
  for (const int m : nodes)
    for (const int user : users(m))
      if (of(user) != group)
        for (const Value v : graph_[user].in)
          if (v.node == m) read[{v.node, v.output}] = true;
  const auto leaves = [&](Value v) {
    if (std::binary_search(nodes.begin(), nodes.end(), v.node)) read[{v.node, v.output}] = true;
  };
  for (const Value v : graph_.outputs) leaves(v);
  for (const Assignment& a : graph_.assignments) leaves(a.value);
  std::vector<Value> out;
  for (const auto& [at, _] : read) out.push_back({const_cast<Graph*>(&graph_), at.first, at.second});
  return out;
}

std::unique_ptr<Graph> Groups::rebuild(const std::function<std::optional<Replacement>(const std::vector<int>&)>& make) const {
  // Kahn's algorithm over groups; among those that are ready, the one whose last member came first.
  std::vector<int> waiting(graph_.nodes.size(), 0);
  for (int i = 0; i < graph_.size(); ++i)
    for (const int user : users(i))
      if (of(user) != of(i)) ++waiting[static_cast<size_t>(of(user))];
  using Ready = std::pair<int, int>;
  std::priority_queue<Ready, std::vector<Ready>, std::greater<>> ready;
  for (int i = 0; i < graph_.size(); ++i)
    if (of(i) == i && waiting[static_cast<size_t>(i)] == 0) ready.emplace(members(i).back(), i);

  auto to = std::make_unique<Graph>();
  std::map<std::pair<int, int>, Value> moved;
  const auto at = [&](Value v) {
    const auto found = moved.find({v.node, v.output});
    ensure(found != moved.end(), "a fusing pass lost a value of ", graph_[v].op ? graph_[v].op->name() : "input");
    return found->second;
  };
  size_t done = 0;
  while (!ready.empty()) {
    const int group = ready.top().second;
    ready.pop();
    ++done;
    const std::vector<int>& nodes = members(group);
    if (const auto replacement = make(nodes)) {
      std::vector<Value> in;
      for (const Value v : replacement->inputs) in.push_back(at(v));
      to->where = graph_[nodes.back()].where;
      const auto out = to->add(replacement->op, in);
      ensure(out.size() == replacement->outputs.size(), replacement->op.name(), " has another number of outputs than it stands for");
      for (size_t k = 0; k < out.size(); ++k) moved[{replacement->outputs[k].node, replacement->outputs[k].output}] = out[k];
    } else {
      for (const int i : nodes) {
        Node copy = graph_[i];
        for (Value& v : copy.in) v = at(v);
        to->nodes.push_back(std::move(copy));
        for (size_t k = 0; k < graph_[i].out.size(); ++k) moved[{i, static_cast<int>(k)}] = {to.get(), to->size() - 1, static_cast<int>(k)};
      }
    }
    for (const int i : nodes)
      for (const int user : users(i))
        if (const int g = of(user); g != group && --waiting[static_cast<size_t>(g)] == 0) ready.emplace(members(g).back(), g);
  }
  size_t groups = 0;
  for (int i = 0; i < graph_.size(); ++i) groups += of(i) == i;
  ensure(done == groups, "a fusing pass made a cycle");
  to->where.clear();
  for (const Value v : graph_.outputs) to->outputs.push_back(at(v));
  for (const Assignment& a : graph_.assignments) to->assignments.push_back({at(a.state), at(a.value)});
  return to;
}

}  // namespace cornu
