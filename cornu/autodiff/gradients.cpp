#include "cornu/autodiff/gradients.h"

#include <map>
#include <utility>

namespace cornu {
namespace {

/// d(outputs)/d(everything they depend on), filled while walking from the last node to the first. Knows no op.
class Walk {
 public:
  Walk(const std::vector<Value>& of, const std::vector<Value>& with, const std::vector<Value>& seeds) : graph_(*of[0].graph) {
    int last = 0;
    for (const Value v : of) last = std::max(last, v.node);
    leads_to_with_.assign(static_cast<size_t>(last) + 1, false);
    for (const Value v : with)
      if (v.node <= last) leads_to_with_[static_cast<size_t>(v.node)] = true;
    for (int i = 0; i <= last; ++i)
      for (const Value v : graph_[i].in)
        if (leads_to_with_[static_cast<size_t>(v.node)]) leads_to_with_[static_cast<size_t>(i)] = true;

    for (size_t i = 0; i < of.size(); ++i) accumulate(of[i], seeds[i]);
    for (int i = last; i >= 0; --i) visit(i);
  }

  Value gradient_of(Value v) const {
    const auto found = gradient_.find({v.node, v.output});
    return found == gradient_.end() ? Value{} : found->second;
  }

 private:
  void visit(int id) {
    if (graph_[id].kind != Node::Kind::op || !leads_to_with_[static_cast<size_t>(id)]) return;
    const std::vector<Value> in = graph_[id].in;  // a copy: the rule appends nodes
    std::vector<Value> out, grad;
    bool any = false;
    for (size_t k = 0; k < graph_[id].out.size(); ++k) {
      out.push_back({&graph_, id, static_cast<int>(k)});
      grad.push_back(gradient_of(out.back()));
      any |= static_cast<bool>(grad.back());
    }
    if (!any) return;
    bool reaches = false;  // an op that is only read through integers or stop_gradient has nothing to pass on
    for (const Value v : in) reaches |= leads_to_with_[static_cast<size_t>(v.node)] && is_float(v.dtype());
    const Op op = *graph_[id].op;
    if (!reaches || !op.properties().differentiable) return;

    const std::string outer = std::exchange(graph_.where, graph_[id].where);  // a layer's backward pass is the layer's too
    const auto into = op.gradient({in, out, grad, [](Values of, Values with, Values seeds) {
                                     return gradients({of.begin(), of.end()}, {with.begin(), with.end()}, {seeds.begin(), seeds.end()});
                                   }});
    ensure(into.size() == in.size(), op.name(), " gave ", into.size(), " gradients for ", in.size(), " inputs");
    for (size_t i = 0; i < in.size(); ++i)
      if (into[i] && leads_to_with_[static_cast<size_t>(in[i].node)]) accumulate(in[i], sum_to(into[i], in[i].shape()));  // undoes broadcasting
    graph_.where = outer;
  }

  void accumulate(Value v, Value gradient) {
    const auto [slot, first] = gradient_.try_emplace({v.node, v.output}, gradient);
    if (!first) slot->second = slot->second + gradient;
  }

  Graph& graph_;
  std::vector<bool> leads_to_with_;  // by node: does it depend on any of `with`?
  std::map<std::pair<int, int>, Value> gradient_;
};

}  // namespace

std::vector<Value> gradients(const std::vector<Value>& of, const std::vector<Value>& with, const std::vector<Value>& seeds) {
  require(!of.empty() && of.size() == seeds.size(), "gradients needs one seed for each of its ", of.size(), " values");
  for (size_t i = 0; i < of.size(); ++i)
    require<ShapeError>(of[i].type() == seeds[i].type(), "gradients: the seed of a ", of[i].type(), " is ", seeds[i].type());
  const Walk walk(of, with, seeds);
  std::vector<Value> result;
  for (const Value v : with) {
    const Value g = walk.gradient_of(v);
    result.push_back(g ? g : broadcast_to(scalar(v, 0), v.shape()));
  }
  return result;
}

std::vector<Value> gradients(Value of, const std::vector<Value>& with, Value seed) {
  require<ShapeError>(seed || of.shape().elements() == 1, "gradients are taken of a scalar, but was given ", of.type(),
                      "; reduce it with sum() or mean(), or give a seed of its shape");
  return gradients(std::vector{of}, with, {seed ? seed : broadcast_to(scalar(of, 1), of.shape())});
}

}  // namespace cornu
