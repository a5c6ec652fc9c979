#include "cornu/compiler/plan.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "cornu/base/error.h"
#include "cornu/compiler/tuner.h"
#include "cornu/runtime/body.h"

namespace cornu {
namespace {

Kernel copy_kernel(size_t bytes) {
  const int slices = slices_for(static_cast<double>(bytes), 1 << 18);
  struct Copy {
    size_t bytes;
    int slices;
  };
  return make_kernel<Copy>("copy", {bytes, slices}, [](const Copy& c, void* const* buffers, int i, void*) {
    const auto [first, last] = slice_of(static_cast<long>(c.bytes), c.slices, i, 64);
    std::memcpy(static_cast<std::byte*>(buffers[1]) + first, static_cast<const std::byte*>(buffers[0]) + first, static_cast<size_t>(last - first));
  }, slices);
}

class Planner {
 public:
  Planner(const Graph& graph, const CompileOptions& options) : graph_(graph), options_(options), has_(graph.nodes.size()) {
    for (int i = 0; i < graph.size(); ++i)
      if (graph[i].op) has_[static_cast<size_t>(i)] = graph[i].op->properties();
  }

  Program plan() {
    declare();
    count_reads();
    for (int i = 0; i < graph_.size(); ++i)
      if (graph_[i].op) step(i);
    copy_states();
    for (const Value v : graph_.outputs) program_.outputs.push_back({"", v.type(), buffer_[root(v)]});
    place();
    return std::move(program_);
  }

 private:
  using Place = std::pair<int, int>;  // node, output

  const Properties& has(int node) const { return has_[static_cast<size_t>(node)]; }

  /// The value whose memory `v` is.
  Place root(Value v) const {
    while (has(v.node).view) v = graph_[v].in[0];
    return {v.node, v.output};
  }

  int new_buffer(Buffer::Home home, size_t place, size_t bytes) {
    program_.buffers.push_back({home, place, bytes});
    lives_.push_back({-1, -1});
    return static_cast<int>(program_.buffers.size()) - 1;
  }

  // Inputs, states and constants have their memory before the first step.
  void declare() {
    for (int i = 0; i < graph_.size(); ++i) {
      const Node& n = graph_[i];
      if (n.op) continue;
      const size_t bytes = n.out[0].bytes();
      int b = -1;
      if (n.kind == Node::Kind::input) {
        b = new_buffer(Buffer::Home::input, program_.inputs.size(), bytes);
        program_.inputs.push_back({n.name, n.out[0], b});
      } else if (n.kind == Node::Kind::state) {
        b = new_buffer(Buffer::Home::state, program_.states.size(), bytes);
        program_.states.push_back({n.name, n.out[0], b});
      } else {
        b = new_buffer(Buffer::Home::constant, program_.constants.size(), bytes);
        program_.constants.push_back(*n.constant);
      }
      buffer_[{i, 0}] = b;
    }
  }

  // When each value is read for the last time: by a node, or (as an output or for a late copy) after all of them.
  void count_reads() {
    for (int i = 0; i < graph_.size(); ++i)
      if (graph_[i].op && !has(i).view)
        for (const Value v : graph_[i].in) last_use_[root(v)] = i;
    for (const Value v : graph_.outputs) last_use_[root(v)] = end();
    for (const Assignment& a : graph_.assignments) wanted_by_[root(a.value)].push_back(a.state.node);
  }
  int end() const { return graph_.size(); }

  /// May node i write output `k` straight into the state? Only if nobody reads the old value afterwards, and node i itself
  /// only element by element.
  bool may_write_state(int i, int k, int state) const {
    const auto read = last_use_.find({state, 0});
    if (read == last_use_.end() || read->second < i) return true;
    if (read->second > i) return false;
    return may_replace(i, k, {state, 0});
  }

  /// Does node i read `place` nowhere but where its output `k` may be written over it? An input may be given more than once.
  bool may_replace(int i, int k, const Place& place) const {
    const auto& pairs = has(i).in_place;
    for (size_t in = 0; in < graph_[i].in.size(); ++in)
      if (root(graph_[i].in[in]) == place && std::find(pairs.begin(), pairs.end(), std::pair{static_cast<int>(in), k}) == pairs.end()) return false;
    return true;
  }

  int output_buffer(int i, int k) {
    const Node& n = graph_[i];
    const Place place{i, k};
    const size_t bytes = n.out[static_cast<size_t>(k)].bytes();
    if (const auto wanted = wanted_by_.find(place); wanted != wanted_by_.end())
      for (const int state : wanted->second)
        if (!written_.contains(state) && may_write_state(i, k, state)) {
          written_.insert(state);
          return buffer_[{state, 0}];
        }
    for (const auto& [in, out] : has(i).in_place) {  // or into an input that dies here
      if (out != k) continue;
      const Value v = n.in[static_cast<size_t>(in)];
      const Place from = root(v);
      const int b = buffer_.at(from);
      const bool dies = last_use_.at(from) == i && !wanted_by_.contains(from) && may_replace(i, k, from);
      if (program_.buffers[static_cast<size_t>(b)].home != Buffer::Home::arena || !dies || !(v.type() == n.out[static_cast<size_t>(k)]) || reused_.contains({i, b})) continue;
      reused_.insert({i, b});
      return b;
    }
    return new_buffer(Buffer::Home::arena, 0, bytes);
  }

  void touch(int buffer) {
    const int now = static_cast<int>(program_.steps.size());
    auto& [first, last] = lives_[static_cast<size_t>(buffer)];
    if (first < 0) first = now;
    last = now;
  }

  void step(int i) {
    const Node& n = graph_[i];
    if (has(i).view) return;
    std::vector<TensorType> in;
    for (const Value v : n.in) in.push_back(v.type());
    const auto steady = [&](size_t k) { return is_steady(program_.buffers[static_cast<size_t>(buffer_.at(root(n.in[k])))]); };
    const KernelRequest request{in, n.out, options_.machine, nullptr, [&](const Graph& body, int first) { return compile_body(body, first); }, steady};
    ProgramStep s;
    s.kernel = options_.tuner ? options_.tuner->choose(*n.op, request) : n.op->kernels(request).front();
    s.op = std::string(n.op->name());
    s.where = n.where;
    for (const Value v : n.in) s.buffers.push_back(buffer_.at(root(v)));
    for (size_t k = 0; k < n.out.size(); ++k) {
      const int b = output_buffer(i, static_cast<int>(k));
      buffer_[{i, static_cast<int>(k)}] = b;
      s.buffers.push_back(b);
    }
    s.in = std::move(in);
    s.out = n.out;
    add(std::move(s));
  }

  void add(ProgramStep s) {
    if (s.kernel.workspace_bytes > 0) s.buffers.push_back(new_buffer(Buffer::Home::arena, 0, s.kernel.workspace_bytes));
    for (const int b : s.buffers) touch(b);
    program_.scratch_bytes = std::max(program_.scratch_bytes, s.kernel.scratch_bytes);
    for (const Phase& phase : s.kernel.phases) program_.parallel |= phase.slices > 1;
    program_.steps.push_back(std::move(s));
  }

  void add_copy(int from, int to, const TensorType& type, const std::string& where) {
    ProgramStep s;
    s.kernel = copy_kernel(type.bytes());
    s.buffers = {from, to};
    s.op = "copy";
    s.where = where;
    s.in = s.out = {type};
    add(std::move(s));
  }

  // States whose new value could not be written in place. What is itself the memory of another state (or of an input) is
  // copied aside first, so that two states may change places.
  void copy_states() {
    std::vector<std::pair<const Assignment*, int>> late;
    for (const Assignment& a : graph_.assignments) {
      int from = buffer_.at(root(a.value));
      const int to = buffer_.at({a.state.node, 0});
      if (from == to) continue;
      if (program_.buffers[static_cast<size_t>(from)].home == Buffer::Home::state) {
        const int aside = new_buffer(Buffer::Home::arena, 0, a.value.type().bytes());
        add_copy(from, aside, a.value.type(), graph_[a.state].name);
        from = aside;
      }
      late.emplace_back(&a, from);
    }
    for (const auto& [a, from] : late) add_copy(from, buffer_.at({a->state.node, 0}), a->value.type(), graph_[a->state].name);
  }

  void place() {
    for (const ProgramValue& v : program_.outputs) lives_[static_cast<size_t>(v.buffer)].second = static_cast<int>(program_.steps.size());
    std::vector<Lifetime> lives;
    std::vector<int> arena;
    for (size_t b = 0; b < program_.buffers.size(); ++b) {
      if (program_.buffers[b].home != Buffer::Home::arena) continue;
      arena.push_back(static_cast<int>(b));
      lives.push_back({std::max(0, lives_[b].first), lives_[b].second, program_.buffers[b].bytes});
    }
    const std::vector<size_t> offsets = place_buffers(lives, program_.arena_bytes);
    for (size_t i = 0; i < arena.size(); ++i) program_.buffers[static_cast<size_t>(arena[i])].place = offsets[i];
  }

  std::shared_ptr<const Body> compile_body(const Graph& body, int steady) const {
    CompileOptions inner;
    inner.machine = options_.machine;
    inner.steady_inputs = steady;
    inner.tuner = options_.tuner;
    return make_body(compile(body, inner), steady);
  }

  bool is_steady(const Buffer& b) const {
    return b.home == Buffer::Home::constant || (b.home == Buffer::Home::input && static_cast<int>(b.place) >= options_.steady_inputs);
  }

  const Graph& graph_;
  const CompileOptions& options_;
  std::vector<Properties> has_;                    // of each node, asked once: some ops take long to say
  Program program_;
  std::map<Place, int> buffer_;                    // of each root
  std::map<Place, int> last_use_;                  // by root: the last node that reads it
  std::map<Place, std::vector<int>> wanted_by_;    // by root: states that become it
  std::set<int> written_;                          // states that are written in place
  std::set<std::pair<int, int>> reused_;           // (node, buffer): an input's memory is given away once
  std::vector<std::pair<int, int>> lives_;         // by buffer: first and last step
};

}  // namespace

Program plan_program(const Graph& scheduled, const CompileOptions& options) { return Planner(scheduled, options).plan(); }

}  // namespace cornu
