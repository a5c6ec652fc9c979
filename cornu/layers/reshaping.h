// Layers that put the same numbers into another shape. The batch axis stays.
#pragma once
#include "cornu/nn/layer.h"

namespace cornu {

/// [batch, a, b, ...] -> [batch, a b ...]; [batch] -> [batch, 1].
struct Flatten {
  static constexpr std::string_view class_name = "Flatten";
  static Config extras() { return Config(Config::Dict{{"data_format", "channels_last"}}); }
  CORNU_FIELDS()
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(Flatten)

namespace layers {
using cornu::Flatten;

/// [batch, ...] -> [batch, target_shape...]; one size may be -1 and follows from the others. layers::Reshape because
/// cornu::Reshape is the op.
struct Reshape {
  Shape target_shape;
  static constexpr std::string_view class_name = "Reshape";
  CORNU_FIELDS(target_shape)
  Value operator()(Value x, Scope& scope) const;
};
}  // namespace layers
CORNU_LAYER(layers::Reshape)

}  // namespace cornu
