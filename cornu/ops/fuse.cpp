// From nodes of a graph to one chain.
#include <algorithm>
#include <map>

#include "cornu/base/error.h"
#include "cornu/ops/fused.h"

namespace cornu {
namespace {

/// A chain under construction. While it grows, inputs are numbered -1, -2, ... and steps 0, 1, ...
struct Builder {
  std::vector<Value> inputs;
  std::vector<FusedStep> steps;
  std::map<std::pair<int, int>, int> made;  // (node, output) -> number

  int input(Value v) {
    const auto at = std::find(inputs.begin(), inputs.end(), v);
    if (at == inputs.end()) return inputs.push_back(v), -static_cast<int>(inputs.size());
    return -1 - static_cast<int>(at - inputs.begin());
  }
  int number_of(Value v) {
    const auto at = made.find({v.node, v.output});
    return at == made.end() ? input(v) : at->second;
  }
  int step(FusedStep s) {
    const auto at = std::find(steps.begin(), steps.end(), s);
    if (at == steps.end()) return steps.push_back(std::move(s)), static_cast<int>(steps.size()) - 1;
    return static_cast<int>(at - steps.begin());
  }

  void add(const Graph& graph, int id) {
    const Node& node = graph[id];
    std::vector<int> in;
    for (const Value v : node.in) in.push_back(number_of(v));
    const Fused* inner = node.op->as<Fused>();
    if (!inner) {
      made[{id, 0}] = step({*node.op, std::move(in)});
      return;
    }
    std::vector<int> numbers = in;  // of the inner chain's values
    for (const FusedStep& s : inner->steps) {
      FusedStep moved{s.op, {}};
      for (const int v : s.operands) moved.operands.push_back(numbers[static_cast<size_t>(v)]);
      numbers.push_back(step(std::move(moved)));
    }
    for (size_t k = 0; k < inner->outputs.size(); ++k)
      made[{id, static_cast<int>(k)}] = numbers[static_cast<size_t>(inner->outputs[k])];
  }
};

}  // namespace

FusedGroup fuse(const Graph& graph, std::span<const int> nodes, Values outputs, Value first) {
  Builder b;
  if (first) b.input(first);
  for (const int id : nodes) {
    ensure(graph[id].op && is_fusible(*graph[id].op), "only pointwise ops can be fused");
    b.add(graph, id);
  }

  std::vector<int> wanted;
  for (const Value v : outputs) {
    const auto at = b.made.find({v.node, v.output});
    ensure(at != b.made.end(), "an output of a fused op is not made by its nodes");
    wanted.push_back(at->second);
  }
  std::vector<bool> step_needed(b.steps.size(), false), input_needed(b.inputs.size(), false);
  const auto need = [&](int number) {
    if (number >= 0) step_needed[static_cast<size_t>(number)] = true;
    else input_needed[static_cast<size_t>(-1 - number)] = true;
  };
  for (const int number : wanted) need(number);
  for (size_t i = b.steps.size(); i-- > 0;)
    if (step_needed[i])
      for (const int number : b.steps[i].operands) need(number);
  if (first) input_needed[0] = true;

  FusedGroup group;
  std::map<int, int> final_number;
  for (size_t i = 0; i < b.inputs.size(); ++i) {
    if (!input_needed[i]) continue;
    final_number[-1 - static_cast<int>(i)] = group.fused.inputs++;
    group.inputs.push_back(b.inputs[i]);
  }
  for (size_t i = 0; i < b.steps.size(); ++i) {
    if (!step_needed[i]) continue;
    for (int& v : b.steps[i].operands) v = final_number.at(v);
    final_number[static_cast<int>(i)] = group.fused.inputs + static_cast<int>(group.fused.steps.size());
    group.fused.steps.push_back(std::move(b.steps[i]));
  }
  for (const int number : wanted) group.fused.outputs.push_back(final_number.at(number));
  return group;
}

}  // namespace cornu
