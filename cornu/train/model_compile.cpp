// compile: the optimizer's state, the metrics' totals, and the configuration as Keras writes it.
#include "cornu/layers/layer_policies.h"
#include "cornu/train/learn.h"
#include "cornu/train/model_state.h"

namespace cornu {

std::vector<OptimizerVariable> optimizer_variables(const Model::State& model) {
  std::vector<std::pair<std::string, TensorType>> weights;
  for (const Variable& v : model.variables)
    if (v.trainable) weights.emplace_back(v.path, v.type);
  return model.config->optimizer.variables(weights);
}

void create_slots(Model::State& model) {
  if (model.has_slots) return;
  add_slots(model.store, optimizer_variables(model));
  model.has_slots = true;
}

void Model::compile(CompileConfig config) {
  State& s = *state_;
  require(config.threads >= 0, "threads is the most that may be used, or 0 for all; it was ", config.threads);
  Objectives objectives = objectives_of(config, s.output_names());
  if (s.config) {  // compiling again begins with a fresh optimizer and fresh metrics
    if (s.has_slots)
      for (const OptimizerVariable& v : optimizer_variables(s)) s.store.remove(v.path);
    s.has_slots = s.has_metrics = false;
  }
  settle_trainable(s);
  s.config = std::move(config);
  s.objectives = std::move(objectives);
  s.forget_programs();
  s.team.reset();
  if (s.built()) create_metrics(s);
}

Config model_config(const Model::State& model) {
  const auto batch = [](const Shape& shape) {
    Config::List sizes;
    for (const int64_t size : shape) sizes.push_back(size == Shape::unknown ? Config() : Config(size));
    return sizes;
  };
  Config object = model_to_config(*model.wiring, model.name, model.as_layer.trainable());
  if (!(model.policy == DtypePolicy{})) put_policy(object, model.policy.name);
  if (model.input_shapes.size() == 1) {
    Config build = Config::dict();
    build.set("input_shape", model.wiring->class_name() == "Functional" ? Config() : Config(batch(model.input_shape())));
    object.set("build_config", std::move(build));
  }
  if (model.config) {
    const CompileConfig& c = *model.config;
    Config compiled = Config::dict();
    compiled.set("optimizer", to_config(c.optimizer)).set("loss", to_config(c.loss)).set("loss_weights", to_config(c.loss_weights));
    compiled.set("metrics", to_config(c.metrics)).set("weighted_metrics", to_config(c.weighted_metrics));
    compiled.set("run_eagerly", false).set("steps_per_execution", 1).set("jit_compile", false);
    object.set("compile_config", std::move(compiled));
  }
  return object;
}

CompileConfig compile_config_from(const Config& config) {
  CompileConfig c;
  from_config(config["optimizer"], c.optimizer);
  from_config(config["loss"], c.loss);
  from_config(config["loss_weights"], c.loss_weights);
  from_config(config["metrics"], c.metrics);
  from_config(config["weighted_metrics"], c.weighted_metrics);
  return c;
}

}  // namespace cornu
