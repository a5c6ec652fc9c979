#include "cornu/compiler/steps.h"

#include <algorithm>

#include "cornu/base/error.h"

namespace cornu::passes {

Steps::Steps(const Graph& scheduled) : graph_(&scheduled) {
  std::vector<int> first(scheduled.nodes.size());  // number of each node's output 0
  const auto number_of = [&](Value v) { return first[static_cast<size_t>(v.node)] + v.output; };
  for (int i = 0; i < scheduled.size(); ++i) {
    const Node& n = scheduled[i];
    Step s{.node = i};
    for (const Value v : n.in) s.in.push_back(number_of(v));
    if (n.op) {
      s.kind = static_cast<int>(kinds.size());
      kinds.push_back({*n.op, n.op->properties()});
    }
    first[static_cast<size_t>(i)] = static_cast<int>(numbers.size());
    for (const TensorType& type : n.out) {
      const int v = new_number(type, n.op ? static_cast<int64_t>((type.bytes() + 63) / 64 * 64) : 0, -1);
      if (s.kind >= 0 && kinds.back().has.view) number(v).root = root(s.in[0]), number(v).bytes = 0;
      s.out.push_back(v);
    }
    steps.push_back(std::move(s));
  }
  for (const Value v : scheduled.outputs) returned_.push_back(number_of(v));
  for (const Assignment& a : scheduled.assignments) {
    assigned_.emplace_back(number_of(a.state), number_of(a.value));
    number(root(assigned_.back().second)).bytes = 0;  // nearly always written into the state
  }
  measure();
}

int Steps::new_number(TensorType type, int64_t bytes, int origin) {
  const int v = static_cast<int>(numbers.size());
  numbers.push_back({std::move(type), bytes, v, origin < 0 ? v : origin});
  return v;
}

// Outputs that the planner will put into inputs that die there.
int64_t Steps::saved_in_place(int i) const {
  int64_t saved = 0;
  std::vector<int> inputs, outputs;
  for (const auto& [in, out] : kind(i)->has.in_place) {
    const int from = (*this)[i].in[static_cast<size_t>(in)], to = (*this)[i].out[static_cast<size_t>(out)], memory = root(from);
    if (number(memory).bytes == 0 || number(to).bytes == 0 || last_read(memory) != i || !(number(from).type == number(to).type)) continue;
    if (std::find(inputs.begin(), inputs.end(), memory) != inputs.end() || std::find(outputs.begin(), outputs.end(), to) != outputs.end()) continue;
    inputs.push_back(memory), outputs.push_back(to);
    saved += number(to).bytes;
  }
  return saved;
}

void Steps::measure() {
  made_.assign(numbers.size(), -1);
  last_.assign(numbers.size(), -1);
  uses_.assign(numbers.size(), {});
  for (int i = 0; i < size(); ++i) {
    for (const int v : (*this)[i].in) {
      auto& uses = uses_[static_cast<size_t>(root(v))];
      if (uses.empty() || uses.back() != i) uses.push_back(i);
      if (!is_view(i)) last_[static_cast<size_t>(root(v))] = i;
    }
    for (const int v : (*this)[i].out) {
      made_[static_cast<size_t>(v)] = i;
      if (root(v) == v) last_[static_cast<size_t>(v)] = i;
    }
  }
  for (const int v : returned_) last_[static_cast<size_t>(root(v))] = size();

  std::vector<int64_t> change(steps.size() + 2, 0);
  born_.assign(steps.size(), 0);
  for (size_t v = 0; v < numbers.size(); ++v) {
    if (numbers[v].bytes == 0 || made_[v] < 0) continue;
    change[static_cast<size_t>(made_[v])] += numbers[v].bytes;
    change[static_cast<size_t>(std::min(last_[v], size() - 1)) + 1] -= numbers[v].bytes;
    born_[static_cast<size_t>(made_[v])] += numbers[v].bytes;
  }
  live_.assign(steps.size(), 0);
  peak_ = 0;
  int64_t now = 0;
  for (int i = 0; i < size(); ++i) {
    const int64_t saved = kind(i) && !is_view(i) ? saved_in_place(i) : 0;
    now += change[static_cast<size_t>(i)];
    live_[static_cast<size_t>(i)] = now - saved;
    born_[static_cast<size_t>(i)] -= saved;
    if (now - saved > peak_) peak_ = now - saved, peak_at_ = i;
  }
}

int Steps::last_read_until(int memory, int limit) const {
  const auto& uses = uses_[static_cast<size_t>(memory)];
  int last = made_at(memory);
  for (const int i : uses)
    if (i <= limit && !is_view(i)) last = std::max(last, i);
  return last;
}

int Steps::first_use_after(int memory, int limit) const {
  for (const int i : uses_[static_cast<size_t>(memory)])
    if (i > limit) return i;
  return size();
}

std::unique_ptr<Graph> Steps::graph() const {
  auto to = std::make_unique<Graph>();
  std::vector<Value> values(numbers.size());
  for (const Step& s : steps) {
    const Node& n = (*graph_)[s.node];
    std::vector<Value> in, out;
    for (const int v : s.in) in.push_back(values[static_cast<size_t>(v)]);
    if (s.kind < 0) {
      to->nodes.push_back(n);
      out.push_back({to.get(), to->size() - 1, 0});
    } else {
      to->where = !s.again ? n.where : n.where.empty() ? "(again)" : n.where + " (again)";
      out = to->add(kinds[static_cast<size_t>(s.kind)].op, in);
    }
    ensure(out.size() == s.out.size(), "a copied step has other results");
    for (size_t k = 0; k < out.size(); ++k) values[static_cast<size_t>(s.out[k])] = out[k];
  }
  to->where.clear();
  for (const int v : returned_) to->outputs.push_back(values[static_cast<size_t>(v)]);
  for (const auto& [state, value] : assigned_) to->assignments.push_back({values[static_cast<size_t>(state)], values[static_cast<size_t>(value)]});
  return to;
}

}  // namespace cornu::passes
