#include "cornu/train/model_file.h"

#include <map>

#include "cornu/io/bytes.h"
#include "cornu/io/json.h"
#include "cornu/layers/layer_policies.h"
#include "cornu/train/assets.h"
#include "cornu/train/saved_groups.h"

namespace cornu {
namespace {

/// "layers/dense/vars/0" for each variable.
std::vector<std::string> file_places(const Model::State& model, const std::vector<Variable>& variables) {
  std::vector<std::string> places(variables.size());
  for (const SavedGroup& g : saved_groups(*model.wiring, variables))
    for (size_t i = 0; i < g.variables.size(); ++i) places[g.variables[i]] = text(g.path, "/", i);
  return places;
}

std::vector<WeightsGroup> weight_groups(const Model::State& model) {
  std::vector<WeightsGroup> groups = {{"vars", model.name, {}}};
  for (const SavedGroup& saved : saved_groups(*model.wiring, model.variables)) {
    WeightsGroup g{saved.path, saved.name, {}};
    for (const size_t i : saved.variables) g.variables.push_back(model.store.get(model.variables[i].path));
    if (saved.layer) g.named = named_tensors(*saved.layer);
    groups.push_back(std::move(g));
  }
  if (model.has_slots) {
    WeightsGroup g{"optimizer/vars", model.config->optimizer.options().name, {}};
    for (const OptimizerVariable& v : optimizer_variables(model)) g.variables.push_back(model.store.get(v.path));
    groups.push_back(std::move(g));
    if (const Optimizer* inner = model.config->optimizer.inner()) {  // Keras keeps its variables in both places
      const std::vector<Tensor>& all = groups.back().variables;
      constexpr std::ptrdiff_t own = 4;
      groups.push_back({"optimizer/inner_optimizer/vars", inner->options().name, std::vector<Tensor>(all.begin() + own, all.end())});
    }
  }
  return groups;
}

/// Checks every variable against the file before one number is read: a small file cannot make a large model.
WeightSource weights_from(const Model::State& model, const SavedWeights& saved, const std::string& path) {
  auto places = std::make_shared<std::map<std::string, std::string>>();  // by the variable's path
  return {[&model, &saved, path, places](const std::vector<Variable>& variables) {
            const std::vector<std::string> found_at = file_places(model, variables);
            for (size_t i = 0; i < variables.size(); ++i) {
              const Variable& v = variables[i];
              const SavedWeights::Variable* found = saved.find(found_at[i]);
              require<FormatError>(found != nullptr, path, ": no weights for '", v.path, "': the file lacks ", found_at[i], "; it was saved from another model");
              require<ShapeError>(found->shape == v.type.shape, path, ": '", v.path, "' has shape ", v.type.shape, " in the model and ", found->shape, " in the file");
              (*places)[v.path] = found_at[i];
            }
          },
          [&saved, places](const Variable& v, const std::vector<Variable>&) { return saved.read(places->at(v.path)).cast(v.type.dtype); }};
}

// Keras: a count that does not match is no error; training begins with a fresh optimizer.
void load_optimizer(Model::State& model, const SavedWeights& saved) {
  if (!saved.find("optimizer/vars/0")) return;
  create_slots(model);
  const auto variables = optimizer_variables(model);
  for (size_t i = 0; i < variables.size(); ++i) {
    const SavedWeights::Variable* v = saved.find(text("optimizer/vars/", i));
    if (!v || v->shape != variables[i].type.shape) return;
  }
  if (saved.find(text("optimizer/vars/", variables.size()))) return;
  for (size_t i = 0; i < variables.size(); ++i) model.store.set(variables[i].path, saved.read(text("optimizer/vars/", i)).cast(variables[i].type.dtype));
}

Model from_object(Config object, const CustomObjects& custom = {}) {
  const std::string& class_name = object["class_name"].as_string();
  const DtypePolicy policy = take_policy(object);
  require<UnsupportedError>(is_model_class(class_name), "a model of class '", printable(class_name), "' cannot be loaded; Sequential and Functional can");
  const Config& config = object["config"];
  auto state = std::make_unique<Model::State>(config["name"].is_string() ? config["name"].as_string() : std::string(), wiring_from_config(class_name, config, custom));
  if (config["trainable"].is_bool()) state->as_layer.set_trainable(config["trainable"].as_bool());
  state->set_policy(policy);
  return Model(std::move(state));
}

/// What a model without Inputs was built for, from wherever the file says it.
TensorType input_type(const Config& object) {
  TensorType x{DType::float32, {Shape::unknown}};
  for (const Config* shape : {&object["build_config"]["input_shape"], &object["config"]["build_input_shape"]}) {
    if (!shape->is_list() || shape->as_list().size() < 2) continue;
    for (size_t i = 1; i < shape->as_list().size(); ++i) x.shape.push_back(shape->as_list()[i].is_null() ? Shape::unknown : shape->as_list()[i].as_int());
    return x;
  }
  throw FormatError("the file does not say what the model's input looks like: it was saved before it was built");
}

std::string callback_group(size_t i) { return text("cornu/callback_", i, "/vars"); }

CallbackTensors callback_tensors(const SavedWeights& saved, size_t callbacks) {
  CallbackTensors all(callbacks);
  for (size_t i = 0; i < callbacks; ++i)
    for (std::string place; saved.find(place = text(callback_group(i), "/", all[i].size()));) all[i].push_back(saved.read(place));
  return all;
}

}  // namespace

void save_model(const Model::State& model, const std::string& path, const Config& progress, const CallbackTensors& tensors) {
  model.require_built();
  Config own = Config::dict();
  own.set("seed", static_cast<int64_t>(model.seed));
  if (model.store.contains(random_key_state)) own.set("random_step", model.store.get(random_key_state).values<int64_t>()[1]);
  if (!progress.is_null()) own.set("progress", progress);
  Config metadata = Config::dict();
  metadata.set("cornu", std::move(own));
  std::vector<WeightsGroup> groups = weight_groups(model);
  for (size_t i = 0; i < tensors.size(); ++i)
    if (!tensors[i].empty()) groups.push_back({callback_group(i), "", tensors[i]});
  const std::map<std::string, std::string> assets = assets_of(saved_groups(*model.wiring, model.variables));
  write_keras_archive(path, without_assets(model_config(model), assets), metadata, groups, system_io(), assets);
}

void save_model_weights(const Model::State& model, const std::string& path) {
  model.require_built();
  require(path.ends_with(".weights.h5"), "save_weights writes files whose names end in .weights.h5, and was given '", path, "'");
  write_weights_file(path, weight_groups(model));
}

void load_model_weights(Model::State& model, const std::string& path) {
  model.require_built();
  const SavedWeights saved = path.ends_with(".keras") ? read_keras_archive(path).weights : read_weights_file(path);
  const WeightSource source = weights_from(model, saved, path);
  source.check(model.variables);
  for (const Variable& v : model.variables) model.store.set(v.path, source.get(v, model.variables));
  if (model.config) load_optimizer(model, saved);
}

LoadedModel load_model_and_progress(const std::string& path, const LoadOptions& options) {
  const KerasArchive archive = read_keras_archive(path, options.limits);
  return with_context(path, [&]() -> LoadedModel {
    try {
      Model model = from_object(with_assets(archive.config, archive), {options.functions, options.layers});
      Model::State* state = &model.state();
      const Config& own = archive.metadata["cornu"];
      if (own["seed"].is_int()) state->seed = static_cast<uint64_t>(own["seed"].as_int());
      const WeightSource source = weights_from(*state, archive.weights, path);
      build_if_input_is_known(*state, &source);
      if (!state->built()) build_model(*state, input_type(archive.config), &source);
      if (own["random_step"].is_int() && state->store.contains(random_key_state))
        state->store.set(random_key_state, Tensor({3}, std::vector<int64_t>{static_cast<int64_t>(state->seed), own["random_step"].as_int(), 0}));
      if (const Config& compiled = archive.config["compile_config"]; compiled.is_dict() && compiled.contains("optimizer")) {
        model.compile(compile_config_from(compiled));
        load_optimizer(*state, archive.weights);
      }
      LoadedModel loaded{std::move(model), own["progress"]};
      if (const Config& callbacks = loaded.progress["callbacks"]; callbacks.is_list()) loaded.tensors = callback_tensors(archive.weights, callbacks.as_list().size());
      return loaded;
    } catch (const UnsupportedError&) {
      throw;
    } catch (const ArgumentError& e) {  // what a caller may not ask for, a file may not say
      throw FormatError(e.what());
    }
  });
}

Model load_model(const std::string& path, const LoadOptions& options) { return std::move(load_model_and_progress(path, options).model); }

Model model_from_config(const Config& object) {
  Model model = from_object(object);
  build_if_input_is_known(model.state());
  return model;
}

Model model_from_json(std::string_view json, const CustomObjects& custom) {
  Model model = from_object(parse_json(json), custom);
  build_if_input_is_known(model.state());
  return model;
}

Model clone_model(const Model& model, uint64_t seed) {
  const Model::State& s = model.state();
  Config object = model_to_config(*s.wiring, s.name, s.as_layer.trainable());
  put_policy(object, s.policy.name);
  Model clone = from_object(std::move(object));
  clone.set_seed(seed);
  build_if_input_is_known(clone.state());
  return clone;
}

}  // namespace cornu
