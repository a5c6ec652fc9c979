// Layers that prepare data.
#pragma once
#include "cornu/nn/layer.h"

namespace cornu {

/// One number for all, or one for each index of the last axis.
struct Factor {
  std::vector<double> numbers;
  Factor(double number = 0) : numbers{number} {}
  Factor(std::initializer_list<double> list) : numbers(list) {}
};
/// A number or a list, as in Keras.
Config to_config(const Factor& factor);
void from_config(const Config& config, Factor& factor);

/// x * scale + offset, in floats whatever x is: Rescaling{1.0 / 255} for images.
struct Rescaling {
  Factor scale = 1;
  Factor offset = 0;
  static constexpr std::string_view class_name = "Rescaling";
  CORNU_FIELDS(scale, offset)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(Rescaling)

namespace layers {
using cornu::Rescaling;
}

}  // namespace cornu
