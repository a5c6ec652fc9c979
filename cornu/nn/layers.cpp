#include "cornu/nn/layers.h"

#include "cornu/nn/choose.h"

namespace cornu {
namespace {

// Keys of every layer's config; the handle has them.
const std::vector<std::string_view> common = {"name", "trainable", "dtype", "batch_shape", "batch_input_shape", "input_shape", "input_dim", "autocast", "activity_regularizer"};

/// "float32", or {"class_name": "DTypePolicy", "config": {"name": "float32"}}.
void check_dtype(const Config& dtype, std::string_view class_name) {
  if (dtype.is_null()) return;
  const Config& name = dtype.is_dict() ? (dtype["config"].is_dict() ? dtype["config"]["name"] : dtype["class_name"]) : dtype;
  require<UnsupportedError>(name == Config("float32") || name == Config("float64"), class_name, ": the dtype policy ", name,
                            " is not supported yet; float32 and float64 are");
}

Shape without_batch(const Config& sizes) {
  Input::BatchShape shape;
  from_config(sizes, shape);
  return shape.sample;
}

LayerOptions options_from(const Config& config, std::string_view class_name) {
  LayerOptions options;
  if (!config["name"].is_null()) options.name = config["name"].as_string();
  if (!config["trainable"].is_null()) options.trainable = config["trainable"].as_bool();
  check_dtype(config["dtype"], class_name);
  for (const char* key : {"batch_shape", "batch_input_shape"})
    if (!config[key].is_null()) options.input_shape = without_batch(config[key]);
  require<UnsupportedError>(config["activity_regularizer"].is_null() || class_name == Dense::class_name, class_name, ": an activity_regularizer is not supported here yet");
  return options;
}

template <class T> Layer make(const Config& config) {
  LayerOptions options = options_from(config, T::class_name);
  T layer{};
  object_from_config(config, layer, common);
  return Layer(std::move(layer), std::move(options));
}

[[noreturn]] void refuse(std::string_view class_name, const std::vector<std::string_view>& known) {
  for (const std::string_view unsafe : {"Lambda", "TFSMLayer", "TorchModuleWrapper", "FlaxLayer", "JaxLayer"})
    require<UnsafeError>(class_name != unsafe, "a layer of class ", unsafe, " would run code from the file, which cornu never does; replace it in Keras and save again");
  throw UnsupportedError(text("cornu has no layer of class '", printable(class_name), "'", did_you_mean(class_name, known)));
}

template <class... Ts> Layer from_list(LayerList<Ts...>, std::string_view class_name, const Config& config) {
  std::optional<Layer> found;
  const auto attempt = [&]<class T>(const T*) {
    if (class_name == T::class_name) found = make<T>(config);
  };
  (attempt(static_cast<const Ts*>(nullptr)), ...);
  if (!found) refuse(class_name, {Ts::class_name...});
  return *found;
}

}  // namespace

Layer layer_from_config(std::string_view class_name, const Config& config) { return from_list(Layers(), class_name, config); }

Layer layer_from_config(const Config& object) {
  const ObjectConfig read = read_object(object, "layer");
  return layer_from_config(read.name, read.config);
}

Config layer_to_config(const Layer& layer) {
  Config config = Config::dict();
  config.set("name", layer.name().empty() ? snake_case(layer.class_name()) : layer.name());
  const bool input = layer.as<Input>() != nullptr;
  if (!input) config.set("trainable", layer.trainable()).set("dtype", "float32");
  const Config fields = layer.fields();
  for (const auto& [key, value] : fields.as_dict()) {
    if (key == "activity_regularizer" && value.is_null()) continue;  // Keras writes it only where there is one
    config.set(key, value);
  }
  return keras_object("keras.layers", layer.class_name(), std::move(config));
}

}  // namespace cornu
