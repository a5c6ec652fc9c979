// compile: the optimizer's state, the metrics' totals, and the configuration as Keras writes it.
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
  const std::set<std::string> transposed = model.store.transposed();
  for (const OptimizerVariable& v : optimizer_variables(model)) {
    if (model.store.contains(v.path)) continue;
    const Tensor value = Constant{v.initial}(v.type.shape, v.type.dtype, 0);
    // A slot lies in memory as its weight does: "optimizer/dense/kernel/momentum" like "dense/kernel".
    bool like_weight = false;
    for (const std::string& weight : transposed) like_weight |= v.path.starts_with(text("optimizer/", weight, "/"));
    model.store.add(v.path, value, like_weight && v.type.shape.rank() == 2);
  }
  model.has_slots = true;
}

void Model::compile(CompileConfig config) {
  State& s = *state_;
  require(static_cast<bool>(config.loss), "compile needs a loss, such as \"sparse_categorical_crossentropy\" or \"mse\"");
  require(config.threads >= 0, "threads is the most that may be used, or 0 for all; it was ", config.threads);
  if (s.config) {  // compiling again begins with a fresh optimizer and fresh metrics
    if (s.has_slots)
      for (const OptimizerVariable& v : optimizer_variables(s)) s.store.remove(v.path);
    s.has_slots = false;
  }
  settle_trainable(s);
  s.config = std::move(config);
  s.forget_programs();
  s.team.reset();

  std::vector<Metric> all = s.config->metrics;
  all.insert(all.end(), s.config->weighted_metrics.begin(), s.config->weighted_metrics.end());
  s.metric_names = unique_names(all);
  for (const char* part : {"total", "count"}) s.store.add(text(state_names::loss, part), Tensor(DType::float32, {}));
  for (size_t i = 0; i < all.size(); ++i)
    for (const MetricState& m : all[i].states()) s.store.add(state_names::metric(i, m.name), m.initial);
}

Config model_config(const Model::State& model) {
  const auto batch = [](const Shape& shape) {
    Config::List sizes;
    for (const int64_t size : shape) sizes.push_back(size == Shape::unknown ? Config() : Config(size));
    return sizes;
  };
  Config object = model_to_config(*model.wiring, model.name, model.as_layer.trainable());
  if (model.input_shapes.size() == 1) {
    Config build = Config::dict();
    build.set("input_shape", batch(model.input_shape()));
    object.set("build_config", std::move(build));
  }
  if (model.config) {
    const auto list = [](const std::vector<Metric>& metrics) {
      Config::List out;
      for (const Metric& m : metrics) out.push_back(to_config(m));
      return metrics.empty() ? Config() : Config(out);
    };
    Config compiled = Config::dict();
    compiled.set("optimizer", to_config(model.config->optimizer)).set("loss", to_config(model.config->loss)).set("loss_weights", nullptr);
    compiled.set("metrics", list(model.config->metrics)).set("weighted_metrics", list(model.config->weighted_metrics));
    compiled.set("run_eagerly", false).set("steps_per_execution", 1).set("jit_compile", false);
    object.set("compile_config", std::move(compiled));
  }
  return object;
}

CompileConfig compile_config_from(const Config& config) {
  CompileConfig c;
  from_config(config["optimizer"], c.optimizer);
  from_config(config["loss"], c.loss);
  for (const auto& [key, list] : {std::pair{"metrics", &c.metrics}, std::pair{"weighted_metrics", &c.weighted_metrics}}) {
    if (config[key].is_null()) continue;
    for (const Config& m : config[key].as_list()) from_config(m, list->emplace_back());
  }
  const Config& weights = config["loss_weights"];
  require<UnsupportedError>(weights.is_null(), "loss_weights in a compile configuration are not supported: there is one loss");
  return c;
}

}  // namespace cornu
