#include "cornu/layers/layers.h"

#include <algorithm>
#include <array>

#include "cornu/base/rethrow.h"
#include "cornu/layers/layer_policies.h"
#include "cornu/layers/named_in_files.h"
#include "cornu/layers/nested.h"
#include "cornu/layers/operations.h"
#include "cornu/nn/define_layer.h"

namespace cornu {
namespace {

template <class... Ts> constexpr std::array<const LayerRules& (*)(), sizeof...(Ts)> listed = {&layer_rules<Ts>...};
// One line for each family.
constexpr auto index = listed<
    Input, Dense, layers::Activation, layers::Identity, EinsumDense,
    ReLU, LeakyReLU, PReLU, ELU, layers::Softmax,
    MultiHeadAttention, GroupQueryAttention, Attention, AdditiveAttention,
    BatchNormalization, LayerNormalization, GroupNormalization, RMSNormalization, UnitNormalization, SpectralNormalization,
    Add, Subtract, Multiply, Average, Maximum, Minimum, Concatenate, Dot,
    Dropout, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D, GaussianNoise, GaussianDropout, AlphaDropout, ActivityRegularization,
    Conv1D, Conv2D, Conv3D, Conv1DTranspose, Conv2DTranspose, Conv3DTranspose, SeparableConv1D, SeparableConv2D, DepthwiseConv1D, DepthwiseConv2D,
    MaxPooling1D, MaxPooling2D, MaxPooling3D, AveragePooling1D, AveragePooling2D, AveragePooling3D,
    GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D, GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalAveragePooling3D,
    UpSampling1D, UpSampling2D, UpSampling3D, ZeroPadding1D, ZeroPadding2D, ZeroPadding3D, Cropping1D, Cropping2D, Cropping3D,
    Embedding, Masking,
    Flatten, layers::Reshape, Permute, RepeatVector,
    SimpleRNN, LSTM, GRU, RNN, SimpleRNNCell, LSTMCell, GRUCell, StackedRNNCells, Bidirectional, TimeDistributed,
    Rescaling, Normalization, Discretization, CategoryEncoding, Hashing, IntegerLookup,
    Resizing, CenterCrop, RandomFlip, RandomRotation, RandomZoom, RandomTranslation, RandomContrast, RandomBrightness, RandomCrop>;

/// "float32", or {"class_name": "DTypePolicy", "config": {"name": "float32"}}.
void check_dtype(const Config& dtype, std::string_view class_name) {
  if (class_name == "InputLayer")  // an Input's is that of its data
    require<UnsupportedError>(dtype != Config("string"), "an Input of dtype string takes texts, and cornu's models take numbers; in Keras, save the model from its first layer of numbers on, "
                              "and call cornu::TextVectorization or cornu::StringLookup on the texts before it");
  if (dtype.is_null() || class_name == "InputLayer") return;
  if (dtype["own"].is_string()) return;
  const Config& name = dtype.is_dict() ? (dtype["config"].is_dict() ? dtype["config"]["name"] : dtype["class_name"]) : dtype;
  const bool whole = class_name == Hashing::class_name && (name == Config("int64") || name == Config("int32"));  // its output's
  require<UnsupportedError>(whole || name == Config("float32") || name == Config("float64"), class_name, ": the dtype policy ", name,
                            " is not supported yet; float32 and float64 are");
}

Shape without_batch(const Config& sizes) {
  Input::BatchShape shape;
  from_config(sizes, shape);
  return shape.sample;
}

LayerOptions options_from(const Config& config, std::string_view class_name) {
  LayerOptions options;
  const auto read = [&](const char* key, const auto& from) {
    if (config[key].is_null()) return;
    try {
      from(config[key]);
    } catch (const Error& e) {
      rethrow_from(text(class_name, ": '", key, "'"), e);
    }
  };
  read("name", [&](const Config& name) { options.name = name.as_string(); });
  read("trainable", [&](const Config& trainable) { options.trainable = trainable.as_bool(); });
  check_dtype(config["dtype"], class_name);
  if (const Config& own = config["dtype"]["own"]; own.is_string()) options.dtype = own.as_string();
  for (const char* key : {"batch_shape", "batch_input_shape"}) read(key, [&](const Config& sizes) { options.input_shape = without_batch(sizes); });
  read("activity_regularizer", [&](const Config& penalty) { from_config(penalty, options.activity_regularizer); });
  return options;
}

/// A Lambda of the file, with the function that the program has under its name.
Layer lambda_from_config(const Config& config, const CustomObjects& custom) {
  Lambda::Name function;
  from_config(config["function"], function);
  const auto found = custom.functions.find(function.text);
  if (found == custom.functions.end()) {
    std::vector<std::string_view> names;
    for (const auto& [name, lambda] : custom.functions) names.push_back(name);
    throw UnsupportedError(text("a Lambda layer calls the function '", printable(function.text), "', which the file names and does not contain", did_you_mean(function.text, names),
                                "; give load_model yours, LoadOptions{.functions = {{\"", printable(function.text), "\", Lambda(function)}}}"));
  }
  for (const char* key : {"mask", "arguments"}) {
    const Config& value = config[key];
    const bool nothing = value.is_null() || (value.is_dict() && value.as_dict().empty());
    require<UnsupportedError>(nothing, "Lambda: the option ", key, " is not supported; let the function itself do it");
  }
  Lambda lambda = found->second;
  lambda.registered = function;
  return Layer(std::move(lambda), options_from(config, Lambda::class_name));
}

/// The rules of a class of the program's own that an object dict names, or null.
const LayerRules* custom_rules(const Config& object, const CustomObjects& custom) {
  for (const LayerRules& rules : custom.layers)
    if (object["class_name"] == Config(rules.class_name) || object["registered_name"] == Config(rules.class_name)) return &rules;
  return nullptr;
}

[[noreturn]] void refuse(std::string_view class_name, const std::vector<std::string_view>& known) {
  for (const std::string_view unsafe : {"TFSMLayer", "TorchModuleWrapper", "FlaxLayer", "JaxLayer"})
    require<UnsafeError>(class_name != unsafe, "a layer of class ", unsafe, " would run code from the file, which cornu never does; replace it in Keras and save again");
  refuse_text_layer(class_name);
  throw UnsupportedError(text("cornu has no layer of class '", printable(class_name), "'", did_you_mean(class_name, known), "; a class of your own is given to load_model in LoadOptions.layers"));
}

/// Errors begin with the class's name.
Layer made(const LayerRules& rules, const Config& config) {
  LayerOptions options = options_from(config, rules.class_name);
  try {
    for (const std::string& field : rules.field_names())
      if (field == "activity_regularizer") options.activity_regularizer = {};  // the layer's own
    return rules.make(config, std::move(options));
  } catch (const Error& e) {  // from what an option is an object of: an initializer, a layer
    if (std::string_view(e.what()).starts_with(rules.class_name)) throw;
    rethrow_from(rules.class_name, e);
  }
}

}  // namespace

std::span<const LayerRules* const> all_layers() {
  static const std::vector<const LayerRules*> all = [] {
    std::vector<const LayerRules*> list;
    for (const auto rules : index) list.push_back(&rules());
    return list;
  }();
  return all;
}

Layer layer_from_config(std::string_view class_name, const Config& config, const CustomObjects& custom) {
  std::vector<std::string_view> known;
  for (const LayerRules* rules : all_layers()) {
    if (rules->class_name == class_name) return made(*rules, config);
    known.push_back(rules->class_name);
  }
  if (is_model_class(class_name)) return model_layer_from_config(class_name, config, custom);
  if (class_name == Lambda::class_name) return lambda_from_config(config, custom);
  for (const LayerRules& rules : custom.layers) {
    if (rules.class_name == class_name) return made(rules, config);
    known.push_back(rules.class_name);
  }
  refuse(class_name, known);
}

Layer layer_from_config(const Config& object, const CustomObjects& custom) {
  if (const auto* held = object["object"].held<Layer>()) return *held;  // put there by a program, never by a file
  if (object.is_dict() && object["module"].is_string() && is_operation_module(object["module"].as_string())) return operation_from_config(object);
  if (const LayerRules* own = object.is_dict() ? custom_rules(object, custom) : nullptr) return layer_from_config(own->class_name, object["config"], custom);
  const ObjectConfig read = read_object(object, "layer");
  return layer_from_config(read.name, read.config, custom);
}

Config policy_object(std::string_view name) { return keras_object("keras", "DTypePolicy", Config(Config::Dict{{"name", name}})); }

Config layer_to_config(const Layer& layer) {
  const std::string name = layer.name().empty() ? snake_case(layer.class_name()) : layer.name();
  if (const auto wiring = wiring_of(layer)) {
    Config model = model_to_config(*wiring, name, layer.trainable());
    if (!wiring->policy.empty()) put_policy(model, wiring->policy);
    return model;
  }
  if (const auto* operation = layer.as<Operation>()) return operation_to_config(*operation, name);
  Config config = Config::dict();
  config.set("name", name);
  const bool input = layer.as<Input>() != nullptr;
  const bool plain = layer.class_name().starts_with("SpatialDropout") || layer.as<Discretization>();  // Keras's take no "trainable"
  if (!input && !plain) config.set("trainable", layer.trainable());
  if (!input) config.set("dtype", layer.options().dtype.empty() ? Config("float32") : policy_object(layer.options().dtype));
  const Config fields = layer.fields();
  if (layer.options().activity_regularizer && !fields.contains("activity_regularizer")) config.set("activity_regularizer", to_config(layer.options().activity_regularizer));
  for (const auto& [key, value] : fields.as_dict()) {
    if (key == "activity_regularizer" && value.is_null()) continue;  // Keras writes it only where there is one
    config.set(key, value);
  }
  const bool own = layer.as<Lambda>() || std::any_of(index.begin(), index.end(), [&](const auto rules) { return rules().class_name == layer.class_name(); });
  if (own) return keras_object("keras.layers", layer.class_name(), std::move(config));
  if (const auto* named = dynamic_cast<const NamedInFiles*>(&layer.interface()))
    if (const auto names = named->names_in_files()) return keras_object("", layer.class_name(), std::move(config)).set("module", names->module).set("registered_name", names->registered_name);
  // A class of the program's own, as Keras writes one that is registered: "package>Scale".
  const std::string_view full = layer.class_name();
  const size_t package = full.find('>');
  Config object = keras_object("", full.substr(package == full.npos ? 0 : package + 1), std::move(config));
  return object.set("module", nullptr).set("registered_name", package == full.npos ? text("Custom>", full) : std::string(full));
}

Config to_config(const Layer& layer) { return layer_to_config(layer); }
void from_config(const Config& config, Layer& layer) {
  const auto* held = config.held<Layer>();
  layer = held ? *held : layer_from_config(config);
}
Config to_config(const std::optional<Layer>& layer) { return layer ? layer_to_config(*layer) : Config(); }
void from_config(const Config& config, std::optional<Layer>& layer) {
  layer.reset();
  if (const auto* held = config.held<Layer>()) layer = *held;
  else if (!config.is_null()) layer = layer_from_config(config);
}

}  // namespace cornu
