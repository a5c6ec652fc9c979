// Layers that make the spatial axes longer or shorter: repeating, interpolating, zeros around, cutting off.
#pragma once
#include "cornu/layers/per_axis.h"
#include "cornu/nn/layer.h"

namespace cornu {

/// Each step `size` times: [batch, steps, channels] -> [batch, steps size, channels].
struct UpSampling1D {
  int64_t size = 2;
  static constexpr std::string_view class_name = "UpSampling1D";
  CORNU_FIELDS(size)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(UpSampling1D)

/// Rows and columns size[0] and size[1] times as many; interpolation: "nearest" repeats, "bilinear", "bicubic", "lanczos3" and
/// "lanczos5" resample as Resizing does.
struct UpSampling2D {
  PerAxis<2> size = 2;
  std::string interpolation = "nearest";
  static constexpr std::string_view class_name = "UpSampling2D";
  static Config extras() { return only("data_format", "channels_last"); }
  CORNU_FIELDS(size, interpolation)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(UpSampling2D)

struct UpSampling3D {
  PerAxis<3> size = 2;
  static constexpr std::string_view class_name = "UpSampling3D";
  static Config extras() { return only("data_format", "channels_last"); }
  CORNU_FIELDS(size)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(UpSampling3D)

/// Zeros around the spatial axes of x.
template <int N> struct ZeroPadding {
  Margins<N> padding = 1;
  static constexpr std::string_view class_name = N == 1 ? "ZeroPadding1D" : N == 2 ? "ZeroPadding2D" : "ZeroPadding3D";
  static Config extras() { return only("data_format", "channels_last"); }
  CORNU_FIELDS(padding)
  Value operator()(Value x, Scope& scope) const;
};
using ZeroPadding1D = ZeroPadding<1>;
using ZeroPadding2D = ZeroPadding<2>;
using ZeroPadding3D = ZeroPadding<3>;
CORNU_LAYER(ZeroPadding1D)
CORNU_LAYER(ZeroPadding2D)
CORNU_LAYER(ZeroPadding3D)

/// Without what the margins cut off the spatial axes; something must be left.
template <int N> struct Cropping {
  Margins<N> cropping = N == 2 ? 0 : 1;  // Keras's defaults
  static constexpr std::string_view class_name = N == 1 ? "Cropping1D" : N == 2 ? "Cropping2D" : "Cropping3D";
  static Config extras() { return only("data_format", "channels_last"); }
  CORNU_FIELDS(cropping)
  Value operator()(Value x, Scope& scope) const;
};
using Cropping1D = Cropping<1>;
using Cropping2D = Cropping<2>;
using Cropping3D = Cropping<3>;
CORNU_LAYER(Cropping1D)
CORNU_LAYER(Cropping2D)
CORNU_LAYER(Cropping3D)

}  // namespace cornu
