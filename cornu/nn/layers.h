// Every layer, and the way between layers and Keras's configs.
#pragma once
#include "cornu/nn/core.h"
#include "cornu/nn/layer.h"
#include "cornu/nn/preprocessing.h"
#include "cornu/nn/regularization.h"
#include "cornu/nn/reshaping.h"

namespace cornu {

/// The one list: a layer that it names can be loaded from a file.
template <class... Ts> struct LayerList {};
using Layers = LayerList<Input, Dense, layers::Activation, Dropout, Flatten, layers::Reshape, Rescaling>;

/// A layer from its class's name and its "config". The name, trainable, dtype and batch_shape in it go to the handle.
/// Throws UnsupportedError for a class or an option that cornu lacks, UnsafeError for one that would run code, FormatError
/// for an unknown option or a value of the wrong kind.
Layer layer_from_config(std::string_view class_name, const Config& config);
/// The same from the whole object dict.
Layer layer_from_config(const Config& object);

/// Keras's object dict: {"module": "keras.layers", "class_name", "config": {name, trainable, dtype, ...}, "registered_name": null}.
/// Throws UnsupportedError for a layer that cannot be described.
Config layer_to_config(const Layer& layer);

}  // namespace cornu
