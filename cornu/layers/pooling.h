// Layers that keep the largest or the mean of each window, or of all positions.
#pragma once
#include "cornu/layers/per_axis.h"
#include "cornu/nn/layer.h"

namespace cornu {

/// The largest number of each window of x [batch, N axes, channels], channel by channel. Not given, strides are pool_size.
/// padding: "valid" or "same"; what is outside x does not count.
template <int N> struct MaxPool {
  PerAxis<N> pool_size = 2;
  PerAxis<N> strides = {};
  std::string padding = "valid";

  static constexpr std::string_view class_name = N == 1 ? "MaxPooling1D" : N == 2 ? "MaxPooling2D" : "MaxPooling3D";
  static Config extras() { return only("data_format", "channels_last"); }
  CORNU_FIELDS(pool_size, padding, strides)
  Value operator()(Value x, Scope& scope) const;
};
using MaxPooling1D = MaxPool<1>;
using MaxPooling2D = MaxPool<2>;
using MaxPooling3D = MaxPool<3>;
CORNU_LAYER(MaxPooling1D)
CORNU_LAYER(MaxPooling2D)
CORNU_LAYER(MaxPooling3D)

/// The mean of each window, of those of its numbers that are inside x.
template <int N> struct AveragePool {
  PerAxis<N> pool_size = {};
  PerAxis<N> strides = {};
  std::string padding = "valid";

  static constexpr std::string_view class_name = N == 1 ? "AveragePooling1D" : N == 2 ? "AveragePooling2D" : "AveragePooling3D";
  static Config extras() { return only("data_format", "channels_last"); }
  CORNU_FIELDS(pool_size, padding, strides)
  Value operator()(Value x, Scope& scope) const;
};
using AveragePooling1D = AveragePool<1>;
using AveragePooling2D = AveragePool<2>;
using AveragePooling3D = AveragePool<3>;
CORNU_LAYER(AveragePooling1D)
CORNU_LAYER(AveragePooling2D)
CORNU_LAYER(AveragePooling3D)

/// The largest number of each channel: [batch, channels], or [batch, 1..., channels] with keepdims.
template <int N> struct GlobalMaxPool {
  bool keepdims = false;

  static constexpr std::string_view class_name = N == 1 ? "GlobalMaxPooling1D" : N == 2 ? "GlobalMaxPooling2D" : "GlobalMaxPooling3D";
  static Config extras() { return only("data_format", "channels_last"); }
  CORNU_FIELDS(keepdims)
  Value operator()(Value x, Scope& scope) const;
};
using GlobalMaxPooling1D = GlobalMaxPool<1>;
using GlobalMaxPooling2D = GlobalMaxPool<2>;
using GlobalMaxPooling3D = GlobalMaxPool<3>;
CORNU_LAYER(GlobalMaxPooling1D)
CORNU_LAYER(GlobalMaxPooling2D)
CORNU_LAYER(GlobalMaxPooling3D)

/// The mean of each channel; GlobalAveragePooling1D takes it over the steps that the mask lets count.
template <int N> struct GlobalAveragePool {
  bool keepdims = false;

  static constexpr std::string_view class_name = N == 1 ? "GlobalAveragePooling1D" : N == 2 ? "GlobalAveragePooling2D" : "GlobalAveragePooling3D";
  static constexpr std::string_view mask_argument = N == 1 ? "mask" : "";
  static Config extras() { return only("data_format", "channels_last"); }
  CORNU_FIELDS(keepdims)
  Value operator()(Value x, Scope& scope) const;
};
using GlobalAveragePooling1D = GlobalAveragePool<1>;
using GlobalAveragePooling2D = GlobalAveragePool<2>;
using GlobalAveragePooling3D = GlobalAveragePool<3>;
CORNU_LAYER(GlobalAveragePooling1D)
CORNU_LAYER(GlobalAveragePooling2D)
CORNU_LAYER(GlobalAveragePooling3D)

}  // namespace cornu
