// Going on after an interruption: what a run has done so far, saved with the model after each epoch.
#include <algorithm>

#include "cornu/train/model_file.h"

namespace cornu {

Config progress_of(const Model::State&, const CallbackList& callbacks, int epochs_done, bool stopped) {
  Config progress = Config::dict();
  progress.set("epochs", epochs_done).set("stopped", stopped).set("callbacks", callbacks.state());
  return progress;
}

int restore_progress(Model& model, LoadedModel saved, CallbackList& callbacks) {
  Model::State &s = model.state(), &from = saved.model.state();
  if (!s.built() && from.built()) {  // a model without an Input, before its first batch
    std::vector<TensorType> inputs;
    for (size_t i = 0; i < from.input_shapes.size(); ++i) inputs.push_back({from.input_types[i], from.input_shapes[i]});
    build_model(s, inputs);
  }
  const auto same = [&] {
    if (s.variables.size() != from.variables.size()) return false;
    for (size_t i = 0; i < s.variables.size(); ++i)
      if (s.variables[i].path != from.variables[i].path || !(s.variables[i].type == from.variables[i].type)) return false;
    return true;
  };
  require<FormatError>(same(), "the backup holds another model than the one to be trained; delete it, or train without resume");
  require<FormatError>(from.seed == s.seed, "the backup was made with seed ", from.seed, " and this run has seed ", s.seed, "; resume with the same");
  const std::vector<OptimizerVariable> slots = optimizer_variables(s);
  const auto same_slots = [&] {
    const std::vector<OptimizerVariable> theirs = from.has_slots ? optimizer_variables(from) : std::vector<OptimizerVariable>{};
    return slots.size() == theirs.size() && std::equal(slots.begin(), slots.end(), theirs.begin(), [](const auto& a, const auto& b) { return a.path == b.path && a.type == b.type; });
  };
  require<FormatError>(same_slots(), "the backup was made with another optimizer; resume with the same");
  callbacks.set_state(saved.progress["callbacks"]);  // these may refuse: nothing has been changed yet
  callbacks.set_tensors(std::move(saved.tensors));
  for (const Variable& v : s.variables) s.store.set(v.path, from.store.get(v.path));
  if (s.store.contains(random_key_state)) s.store.set(random_key_state, from.store.get(random_key_state));
  create_slots(s);
  for (const OptimizerVariable& v : slots) s.store.set(v.path, from.store.get(v.path));
  return saved.progress["stopped"].as_bool() ? 1 << 30 : static_cast<int>(saved.progress["epochs"].as_int());
}

}  // namespace cornu
