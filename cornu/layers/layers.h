// Every layer, and the way between layers and Keras's configs.
#pragma once
#include "cornu/layers/activation_layers.h"
#include "cornu/layers/attention.h"
#include "cornu/layers/categories.h"
#include "cornu/layers/convolution.h"
#include "cornu/layers/core.h"
#include "cornu/layers/einsum_dense.h"
#include "cornu/layers/embedding.h"
#include "cornu/layers/hashing.h"
#include "cornu/layers/image_augmentation.h"
#include "cornu/layers/image_resizing.h"
#include "cornu/layers/lookup.h"
#include "cornu/layers/merging.h"
#include "cornu/layers/normalization.h"
#include "cornu/layers/pooling.h"
#include "cornu/layers/preprocessing.h"
#include "cornu/layers/recurrent.h"
#include "cornu/layers/regularization.h"
#include "cornu/layers/reshaping.h"
#include "cornu/layers/resizing.h"
#include "cornu/layers/separable_convolution.h"
#include "cornu/layers/spectral_normalization.h"
#include "cornu/layers/text.h"
#include "cornu/nn/layer.h"

namespace cornu {

/// The one list, in layers.cpp: a layer that it names can be loaded from a file.
std::span<const LayerRules* const> all_layers();

/// What a program adds to what files may name: Keras's custom_objects.
struct CustomObjects {
  std::map<std::string, Lambda> functions = {};  // of Lambda layers, by the names that files have for them: "package>name"
  std::vector<LayerRules> layers = {};           // of classes of your own: define_layer<Scale>(), of nn/define_layer.h
};

/// A layer from its class's name and its "config". The name, trainable, dtype and batch_shape in it go to the handle.
/// Throws UnsupportedError for a class or an option that cornu lacks, UnsafeError for one that would run code, FormatError
/// for an unknown option or a value of the wrong kind.
/// Layers within wrappers are of cornu's own classes.
Layer layer_from_config(std::string_view class_name, const Config& config, const CustomObjects& custom = {});
/// The same from the whole object dict.
Layer layer_from_config(const Config& object, const CustomObjects& custom = {});

/// Keras's object dict: {"module": "keras.layers", "class_name", "config": {name, trainable, dtype, ...}, "registered_name": null}.
/// Throws UnsupportedError for a layer that cannot be described.
Config layer_to_config(const Layer& layer);

/// Keras's dict of a dtype policy, {"module": "keras", "class_name": "DTypePolicy", "config": {"name": ...}, "registered_name": null}.
Config policy_object(std::string_view name);

// A layer as a field of another: wrappers.
Config to_config(const Layer& layer);
void from_config(const Config& config, Layer& layer);
Config to_config(const std::optional<Layer>& layer);
void from_config(const Config& config, std::optional<Layer>& layer);

}  // namespace cornu
