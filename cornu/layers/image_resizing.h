// Images in other sizes: Resizing and CenterCrop, and the matrices that they multiply by.
#pragma once
#include "cornu/nn/layer.h"

namespace cornu {

/// The matrix [to, from] that makes `to` samples of `from`, whose rows sum to 1: TensorFlow's weights, in its float32. Sample i
/// lies at (i + 0.5) from / to - 0.5. "nearest"; "bilinear"; "bicubic" (Keys 1981, a = -0.5, in steps of 1/1024); "lanczos3" and
/// "lanczos5"; "area", the mean of what a sample covers. With antialias the kernels of bilinear and bicubic grow with the
/// step where there are fewer samples than before; the lanczos ones do so then alone.
Tensor resize_weights(std::string_view interpolation, bool antialias, int64_t from, int64_t to);

/// Rows and columns of images [batch, height, width, channels], floats, resampled: one product with a matrix for each.
Value resize_images(Value images, int64_t height, int64_t width, std::string_view interpolation = "bilinear", bool antialias = false);

/// Images [batch, height, width, channels] as floats; one image [height, width, channels] becomes a batch of one. Throws
/// ShapeError, naming the layer, for anything else.
Value as_images(Value x, const Scope& scope, std::string_view class_name);
/// Back to the rank of x.
Value like_input(Value images, Value x);

/// Images [batch, height, width, channels], or one [height, width, channels], in another size. Integers stay integers, rounded.
/// crop_to_aspect_ratio: the largest centred part of the target's proportions is taken first; pad_to_aspect_ratio: fill_value
/// is put around first.
struct Resizing {
  int64_t height = 0;
  int64_t width = 0;
  std::string interpolation = "bilinear";
  bool crop_to_aspect_ratio = false;
  bool pad_to_aspect_ratio = false;
  std::string fill_mode = "constant";  // there is no other
  double fill_value = 0;
  bool antialias = false;

  static constexpr std::string_view class_name = "Resizing";
  static Config extras() { return only("data_format", "channels_last"); }
  CORNU_FIELDS(height, width, interpolation, crop_to_aspect_ratio, pad_to_aspect_ratio, fill_mode, fill_value, antialias)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(Resizing)

/// The middle of images, height x width. Images that are smaller are resized, bilinearly, from their largest centred part of
/// these proportions.
struct CenterCrop {
  int64_t height = 0;
  int64_t width = 0;

  static constexpr std::string_view class_name = "CenterCrop";
  static Config extras() { return only("data_format", "channels_last"); }
  CORNU_FIELDS(height, width)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(CenterCrop)

/// The largest centred part of images with the proportions height : width, resized to that: Keras's smart_resize.
Value crop_and_resize(Value images, int64_t height, int64_t width, std::string_view interpolation = "bilinear", bool antialias = false);
/// Rows [top, top + height) and columns [left, left + width) of images.
Value crop(Value images, int64_t top, int64_t left, int64_t height, int64_t width);

namespace layers {
using cornu::CenterCrop;
using cornu::Resizing;
}  // namespace layers

}  // namespace cornu
