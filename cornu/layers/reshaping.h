// Layers that put the same numbers into another shape. The batch axis stays.
#pragma once
#include "cornu/layers/axes.h"
#include "cornu/nn/layer.h"

namespace cornu {

/// [batch, a, b, ...] -> [batch, a b ...]; [batch] -> [batch, 1].
struct Flatten {
  static constexpr std::string_view class_name = "Flatten";
  static Config extras() { return only("data_format", "channels_last"); }
  CORNU_FIELDS()
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(Flatten)

/// Other axes in another order: output axis i is input axis dims[i], both counted from 1, the first after the batch.
struct Permute {
  Sizes dims = {};
  static constexpr std::string_view class_name = "Permute";
  CORNU_FIELDS(dims)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(Permute)

/// [batch, features] -> [batch, n, features], n times the same.
struct RepeatVector {
  int64_t n = 1;
  static constexpr std::string_view class_name = "RepeatVector";
  CORNU_FIELDS(n)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(RepeatVector)

namespace layers {
using cornu::Flatten;
using cornu::Permute;
using cornu::RepeatVector;

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
