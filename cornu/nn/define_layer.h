// From a struct to its LayerRules. Included by the files that define layers, and by nobody else.
#pragma once
#include "cornu/nn/choose.h"
#include "cornu/nn/layer.h"

namespace cornu {

/// The keys of every layer's config, which the handle keeps.
inline constexpr std::string_view layer_keys[] = {"name", "trainable", "dtype", "batch_shape", "batch_input_shape", "input_shape", "input_dim", "autocast", "activity_regularizer"};

template <class T> LayerRules define_layer() {
  return {.class_name = T::class_name,
          .make = [](const Config& config, LayerOptions options) {
            T layer{};
            object_from_config(config, layer, {std::begin(layer_keys), std::end(layer_keys)});
            return Layer(std::move(layer), std::move(options));
          },
          .field_names = [] {
            std::vector<std::string> names;
            for (const std::string_view name : field_names<T>()) names.emplace_back(name);
            return names;
          }};
}

}  // namespace cornu

#define CORNU_DEFINE_LAYER(T)                        \
  template <> std::unique_ptr<const LayerInterface> layer_holder(T& layer) { return std::make_unique<LayerHolder<T>>(std::move(layer)); } \
  template <> const LayerRules& layer_rules<T>() {   \
    static const LayerRules rules = define_layer<T>(); \
    return rules;                                    \
  }
