#include "cornu/train/assets.h"

#include "cornu/layers/lookup.h"
#include "cornu/layers/operations.h"
#include "cornu/nn/choice.h"

namespace cornu {
namespace {

/// The dict with f(path, layer) for the dict of each layer, models in models included; its path in files is "layers/dense_1".
using Change = std::function<Config(const std::string& path, const Config& layer)>;
Config changed(const Config& model, const std::string& prefix, const Change& f) {
  if (!model["config"].is_dict() || !model["config"]["layers"].is_list()) return model;
  std::map<std::string, int> used;
  Config::List layers;
  for (const Config& layer : model["config"]["layers"].as_list()) {
    const bool operation = layer["module"].is_string() && is_operation_module(layer["module"].as_string());
    if (operation || !layer["class_name"].is_string()) {
      layers.push_back(layer);
      continue;
    }
    const std::string base = snake_case(layer["class_name"].as_string());
    const int n = used[base]++;
    const std::string path = text(prefix, "layers/", base, n ? text("_", n) : "");
    layers.push_back(is_model_class(layer["class_name"].as_string()) ? changed(layer, path + "/", f) : f(path, layer));
  }
  Config object = model, config = model["config"];
  return object.set("config", config.set("layers", std::move(layers)));
}

std::string asset_name(const std::string& path) { return "assets/" + path + "/vocabulary.txt"; }
bool is_lookup(const Config& layer) { return layer["class_name"] == Config(IntegerLookup::class_name) && layer["config"].is_dict(); }

}  // namespace

std::map<std::string, std::string> assets_of(const std::vector<SavedGroup>& groups) {
  std::map<std::string, std::string> assets;
  for (const SavedGroup& g : groups) {
    const auto* lookup = g.layer ? g.layer->as<IntegerLookup>() : nullptr;
    const std::string path = g.path.substr(0, g.path.rfind("/vars"));
    if (lookup && lookup->vocabulary.learned) assets.emplace(asset_name(path), lookup->vocabulary_file());
  }
  return assets;
}

std::vector<std::pair<std::string, Tensor>> named_tensors(const Layer& layer) {
  const auto* lookup = layer.as<IntegerLookup>();
  if (!lookup || lookup->output_mode != Encoding::tf_idf) return {};
  const std::vector<double> idf = lookup->table().idf;
  return {{"idf_weights", Tensor(Shape{static_cast<int64_t>(idf.size())}, idf).cast(DType::float32)}};
}

Config without_assets(const Config& object, const std::map<std::string, std::string>& assets) {
  if (assets.empty()) return object;
  return changed(object, "", [&](const std::string& path, const Config& layer) {
    if (!assets.contains(asset_name(path))) return layer;
    Config bare = layer, config = layer["config"];
    return bare.set("config", config.set("vocabulary", nullptr).set("idf_weights", nullptr));
  });
}

Config with_assets(const Config& object, const KerasArchive& archive) {
  return changed(object, "", [&](const std::string& path, const Config& layer) {
    const auto asset = archive.assets.find(asset_name(path));
    if (!is_lookup(layer) || asset == archive.assets.end() || !layer["config"]["vocabulary"].is_null()) return layer;
    IntegerLookup read;
    read.read_vocabulary_file(asset->second);
    Config full = layer, config = layer["config"];
    config.set("vocabulary", Config(Config::Dict{{"learned", to_config(read.vocabulary)}}));
    if (const std::string idf = path + "/vars/idf_weights"; archive.weights.find(idf)) {
      NumberArray weights(archive.weights.read(idf));
      const size_t tokens = read.vocabulary.tokens->size();
      require<FormatError>(weights.shape.rank() == 1 && weights.numbers.size() >= tokens, idf, " has the shape ", weights.shape, ", for ", tokens, " tokens");
      weights.numbers.resize(tokens);  // beyond are those of no token, for pad_to_max_tokens
      weights.shape = {static_cast<int64_t>(tokens)};
      config.set("idf_weights", to_config(weights));
    }
    return full.set("config", std::move(config));
  });
}

}  // namespace cornu
