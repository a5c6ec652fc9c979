// Layers that prepare data.
#pragma once
#include "cornu/nn/scope.h"

namespace cornu {

/// x * scale + offset, in floats whatever x is: Rescaling{1.0 / 255} for images.
struct Rescaling {
  double scale = 1;
  double offset = 0;
  static constexpr std::string_view class_name = "Rescaling";
  CORNU_FIELDS(scale, offset)
  Value operator()(Value x, Scope& scope) const;
};

namespace layers {
using cornu::Rescaling;
}

}  // namespace cornu
