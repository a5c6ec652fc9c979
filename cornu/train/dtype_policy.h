// In which numbers a model keeps its weights and computes: Keras's dtype policy, of the model as a whole.
#pragma once
#include <string_view>

#include "cornu/base/config.h"
#include "cornu/tensor/dtype.h"

namespace cornu {

struct DtypePolicy {
  std::string_view name = "float32";
  DType dtype = DType::float32;    // of weights, the optimizer and the arithmetic
  bool bfloat16_products = false;  // what enters matrix products and convolutions is rounded to bfloat16; sums are float32

  /// "float32", "float64" or "mixed_bfloat16". Throws UnsupportedError for Keras's others, ArgumentError for what is none.
  static DtypePolicy named(std::string_view name);
  bool operator==(const DtypePolicy&) const = default;
};

/// The policy that the layers in a model's object dict name, which then name float32. Where some name float32 and others
/// mixed_bfloat16, it is that, and the former name {"own": "float32"}. Throws UnsupportedError, naming a layer, when they name others.
DtypePolicy take_policy(Config& object);

}  // namespace cornu
