// A wrapper that divides a layer's kernel by its largest singular value.
#pragma once
#include "cornu/layers/core.h"

namespace cornu {

/// While training, each step first replaces the kernel (or the embeddings) of `layer` by itself over its largest singular value,
/// found by `power_iterations` steps of the power method, which go on from where the last step's ended (Miyato et al. 2018). The
/// gradient is that of the replaced kernel. State: vector_u [1, last size of the
/// kernel], after the kernel.
struct SpectralNormalization {
  Layer layer = layers::Activation{};
  int64_t power_iterations = 1;
  static constexpr std::string_view class_name = "SpectralNormalization";
  CORNU_FIELDS(layer, power_iterations)
  std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const;
};
CORNU_LAYER(SpectralNormalization)

namespace layers {
using cornu::SpectralNormalization;
}

}  // namespace cornu
