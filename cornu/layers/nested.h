// Models as layers of models.
#pragma once
#include "cornu/layers/wiring.h"

namespace cornu {

/// A wiring that stands where a layer does. Its handle holds the model's name and whether it may be trained.
struct NestedModel {
  std::shared_ptr<Wiring> wiring;
};

template <> struct LayerHolder<NestedModel> final : LayerInterface {
  explicit LayerHolder(NestedModel m) : layer(std::move(m)) {}
  std::vector<Value> call(const std::vector<Value>& in, Scope& scope) const override;
  std::string_view class_name() const override { return layer.wiring->class_name(); }
  Config fields() const override { return layer.wiring->config("", true); }
  bool supports_masking() const override { return false; }  // its layers pass masks on
  std::string_view mask_argument() const override { return "mask"; }
  NestedModel layer;
};

Layer model_layer(std::shared_ptr<Wiring> wiring, LayerOptions options);
/// The wiring of a layer that is a model, or null.
std::shared_ptr<Wiring> wiring_of(const Layer& layer);

/// Whether files call a model so: "Sequential", "Functional", "Model".
bool is_model_class(std::string_view class_name);
/// From the config of such a class. Throws FormatError, LimitError, and as layer_from_config does.
std::shared_ptr<Wiring> wiring_from_config(std::string_view class_name, const Config& config, const CustomObjects& custom = {});
/// The whole object dict of a model: {"module", "class_name", "config", "registered_name"}.
Config model_to_config(const Wiring& wiring, const std::string& name, bool trainable);
/// A layer from the config of a model, named and trainable as that says.
Layer model_layer_from_config(std::string_view class_name, const Config& config, const CustomObjects& custom = {});

}  // namespace cornu
