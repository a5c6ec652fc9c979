#include "cornu/train/learn.h"

#include <algorithm>

#include "cornu/autodiff/gradients.h"

namespace cornu {
namespace {

/// Of each node, whether the loss was computed from it.
std::vector<bool> leads_to(const Graph& g, Value loss) {
  std::vector<bool> leads(static_cast<size_t>(g.size()));
  leads[static_cast<size_t>(loss.node)] = true;
  for (int i = loss.node; i >= 0; --i)
    if (leads[static_cast<size_t>(i)])
      for (const Value in : g[i].in) leads[static_cast<size_t>(in.node)] = true;
  return leads;
}

void take_step(Scope& scope, const Optimizer& optimizer, const std::vector<TrainableWeight>& weights) {
  Graph& g = scope.graph();
  for (const Assignment& a : optimizer.step(g, weights)) g.assign(scope.state_of(a.state), a.value);
}

}  // namespace

void learn(Scope& scope, const Optimizer& optimizer, Value loss, const std::function<bool(const Variable&)>& which) {
  Graph& g = scope.graph();
  const std::vector<bool> leads = leads_to(g, loss);
  const auto asked = [&](Value v) { return leads[static_cast<size_t>(v.node)]; };
  std::vector<Value> with;
  std::vector<TrainableWeight> weights;
  for (size_t i = 0; i < scope.variables().size(); ++i) {
    const Variable& v = scope.variables()[i];
    if (!v.trainable || (which && !which(v))) continue;
    weights.push_back({v.path, scope.values()[i], {}, v.constraint});
    if (asked(scope.values()[i])) with.push_back(scope.values()[i]);
  }
  const std::vector<Value> slopes = gradients(optimizer.scale_loss(loss), with);
  size_t next = 0;
  for (TrainableWeight& w : weights)
    if (asked(w.weight)) w.gradient = slopes[next++];
  take_step(scope, optimizer, weights);
}

void learn_along(Scope& scope, const Optimizer& optimizer, const std::vector<Value>& of, const std::vector<Value>& gradients) {
  std::vector<TrainableWeight> weights;
  for (size_t i = 0; i < scope.variables().size(); ++i) {
    const Variable& v = scope.variables()[i];
    const auto found = std::find(of.begin(), of.end(), scope.values()[i]);
    if (found != of.end()) weights.push_back({v.path, *found, gradients[static_cast<size_t>(found - of.begin())], v.constraint});
  }
  take_step(scope, optimizer, weights);
}

void advance_random_key(Graph& g) {
  for (int i = 0; i < g.size(); ++i)
    if (g[i].kind == Node::Kind::state && g[i].name == random_key_state) {
      const Value key{&g, i, 0};
      return g.assign(key, key + g.constant(Tensor({3}, std::vector<int64_t>{0, 1, 0})));
    }
}

void add_slots(Store& store, const std::vector<OptimizerVariable>& variables) {
  const std::set<std::string> transposed = store.transposed();
  for (const OptimizerVariable& v : variables) {
    if (store.contains(v.path)) continue;
    // A slot lies in memory as its weight does: "optimizer/dense/kernel/momentum" like "dense/kernel".
    bool like_weight = false;
    for (const std::string& weight : transposed) like_weight |= v.path.starts_with(text("optimizer/", weight, "/"));
    const Tensor value = Constant{v.initial}(v.type.shape, v.type.dtype, 0);
    store.add(v.path, value, like_weight && v.type.shape.rank() == 2);
  }
}

}  // namespace cornu
