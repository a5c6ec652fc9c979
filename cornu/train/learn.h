// The part of a step that learns: gradients of a loss, and the optimizer's update. Shared by fit and by steps of one's own.
#pragma once
#include <set>

#include "cornu/nn/scope.h"
#include "cornu/optimizers/optimizers.h"
#include "cornu/train/store.h"

namespace cornu {

/// Adds to the graph of the scope what makes the loss smaller. The optimizer's states are the graph's states of their paths.
/// Trainable weights that the loss does not depend on are left alone, as in Keras. `which` says of what else to leave alone;
/// empty: nothing.
void learn(Scope& scope, const Optimizer& optimizer, Value loss, const std::function<bool(const Variable&)>& which = {});
/// The same along gradients that are given, one for each of these weights: values() of trainable variables().
void learn_along(Scope& scope, const Optimizer& optimizer, const std::vector<Value>& weights, const std::vector<Value>& gradients);
/// The key of every random number is {seed, step, first row}: the next step's differ. Nothing where none is read.
void advance_random_key(Graph& g);

/// Puts what an optimizer keeps into the store, unless it is there.
void add_slots(Store& store, const std::vector<OptimizerVariable>& variables);

}  // namespace cornu
