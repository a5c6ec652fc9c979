// Layers that act only while training.
#pragma once
#include "cornu/layers/axes.h"
#include "cornu/nn/layer.h"

namespace cornu {

/// While training, each number becomes 0 with probability `rate`; the others grow by 1 / (1 - rate), so that sums keep their
/// mean (Srivastava et al. 2014). Otherwise it does nothing. With a seed of its own the masks do not depend on the model's.
/// noise_shape, batch included, says along which axes of size 1 numbers share their fate; unknown sizes are the input's.
struct Dropout {
  double rate = 0.5;
  std::optional<int64_t> seed = {};
  Sizes noise_shape = {};

  static constexpr std::string_view class_name = "Dropout";
  static constexpr bool supports_masking = true;
  CORNU_FIELDS(rate, seed, noise_shape)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(Dropout)

// Dropout of whole feature maps (Tompson et al. 2015): of x[batch, steps, channels] and so on, a channel of a sample.
#define CORNU_SPATIAL_DROPOUT(Name)                                                              \
  struct Name {                                                                                  \
    double rate = 0.5;                                                                           \
    std::optional<int64_t> seed = {};                                                            \
    static constexpr std::string_view class_name = #Name;                                        \
    static constexpr bool supports_masking = true;                                               \
    static Config extras() { return only("data_format", "channels_last"); }    \
    CORNU_FIELDS(rate, seed)                                                                     \
    Value operator()(Value x, Scope& scope) const;                                               \
  };                                                                                             \
  CORNU_LAYER(Name)
CORNU_SPATIAL_DROPOUT(SpatialDropout1D)
CORNU_SPATIAL_DROPOUT(SpatialDropout2D)
CORNU_SPATIAL_DROPOUT(SpatialDropout3D)
#undef CORNU_SPATIAL_DROPOUT

/// While training, x + noise, normal with deviation stddev (in [0, 1]).
struct GaussianNoise {
  double stddev = 0;
  std::optional<int64_t> seed = {};
  static constexpr std::string_view class_name = "GaussianNoise";
  static constexpr bool supports_masking = true;
  CORNU_FIELDS(stddev, seed)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(GaussianNoise)

/// While training, x times noise, normal around 1 with the deviation of Dropout's factors, sqrt(rate / (1 - rate)).
struct GaussianDropout {
  double rate = 0;
  std::optional<int64_t> seed = {};
  static constexpr std::string_view class_name = "GaussianDropout";
  static constexpr bool supports_masking = true;
  CORNU_FIELDS(rate, seed)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(GaussianDropout)

/// While training, each number becomes selu's lowest value with probability `rate`; then all are scaled and shifted so that
/// mean 0 and variance 1 stay (Klambauer et al. 2017). For models with selu. noise_shape as Dropout's.
struct AlphaDropout {
  double rate = 0.5;
  Sizes noise_shape = {};
  std::optional<int64_t> seed = {};
  static constexpr std::string_view class_name = "AlphaDropout";
  static constexpr bool supports_masking = true;
  CORNU_FIELDS(rate, seed, noise_shape)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(AlphaDropout)

/// Passes x on and adds l1 sum|x| + l2 sum x^2, divided by the batch size, to the loss.
struct ActivityRegularization {
  double l1 = 0, l2 = 0;
  static constexpr std::string_view class_name = "ActivityRegularization";
  static constexpr bool supports_masking = true;
  CORNU_FIELDS(l1, l2)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(ActivityRegularization)

namespace layers {
using cornu::ActivityRegularization;
using cornu::AlphaDropout;
using cornu::Dropout;
using cornu::GaussianDropout;
using cornu::GaussianNoise;
using cornu::SpatialDropout1D;
using cornu::SpatialDropout2D;
using cornu::SpatialDropout3D;
}  // namespace layers

/// Numbers for a layer's noise: of `how`, whose shape broadcasts to x's and whose stream is the scope's next. With a seed of its
/// own they do not depend on the model's.
Value noise(Scope& scope, const std::optional<int64_t>& seed, Random how);
/// x with each number 0 with probability `rate`, the others grown by 1 / (1 - rate); what shares a number of `noise_shape`
/// shares its fate.
Value dropped(Value x, double rate, const std::optional<int64_t>& seed, const Shape& noise_shape, Scope& scope);

}  // namespace cornu
