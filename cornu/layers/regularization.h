// Layers that act only while training.
#pragma once
#include "cornu/nn/layer.h"

namespace cornu {

/// While training, each number becomes 0 with probability `rate`; the others grow by 1 / (1 - rate), so that sums keep their
/// mean (Srivastava et al. 2014). Otherwise it does nothing. With a seed of its own the masks do not depend on the model's.
struct Dropout {
  double rate = 0.5;
  std::optional<int64_t> seed = {};

  static constexpr std::string_view class_name = "Dropout";
  static Config extras() { return Config(Config::Dict{{"noise_shape", nullptr}}); }
  static constexpr bool supports_masking = true;
  CORNU_FIELDS(rate, seed)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(Dropout)

namespace layers {
using cornu::Dropout;
}

}  // namespace cornu
