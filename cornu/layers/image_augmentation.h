// Images changed at random, each by a draw of its own, while training; at other times they pass as they are. Draws are keyed by
// (seed, layer, step, row): the same however the batch is cut, and with a seed of the layer's own whatever the model's is.
// All take images [batch, height, width, channels], or one [height, width, channels].
#pragma once
#include "cornu/layers/image_transform.h"

namespace cornu {

/// From how much to how much a number is drawn, uniformly: FactorRange(0.2) is -0.2 to 0.2, FactorRange{0.1, 0.3} as it says.
/// In configs a number or a list of two.
struct FactorRange {
  double lower = 0, upper = 0;
  bool single = true;  // written as one number
  FactorRange(double both = 0);
  FactorRange(double low, double high);
};
Config to_config(const FactorRange& range);
void from_config(const Config& config, FactorRange& range);

/// The least and the largest number that a pixel may be.
struct ValueRange {
  double low = 0, high = 255;
};
Config to_config(const ValueRange& range);
void from_config(const Config& config, ValueRange& range);

/// Half of the images, mirrored: "horizontal" (left and right), "vertical", or "horizontal_and_vertical", which turns an image by
/// 180 degrees or leaves it, as Keras 3 does.
struct RandomFlip {
  std::string mode = "horizontal_and_vertical";
  std::optional<int64_t> seed = {};

  static constexpr std::string_view class_name = "RandomFlip";
  static Config extras() { return only("data_format", "channels_last").set("bounding_box_format", nullptr); }
  CORNU_FIELDS(seed, mode)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(RandomFlip)

/// Turned about their middle by `factor` of a full turn, counter-clockwise where positive.
struct RandomRotation {
  FactorRange factor = 0;
  FillMode fill_mode = FillMode::reflect;
  Interpolation interpolation = Interpolation::bilinear;
  std::optional<int64_t> seed = {};
  double fill_value = 0;

  static constexpr std::string_view class_name = "RandomRotation";
  static Config extras() { return RandomFlip::extras(); }
  CORNU_FIELDS(factor, fill_mode, fill_value, interpolation, seed)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(RandomRotation)

/// Seen from 1 + height_factor and 1 + width_factor times as far: positive factors make what is seen smaller. Without a width_factor
/// the proportions stay.
struct RandomZoom {
  FactorRange height_factor = 0;
  std::optional<FactorRange> width_factor = {};
  FillMode fill_mode = FillMode::reflect;
  Interpolation interpolation = Interpolation::bilinear;
  std::optional<int64_t> seed = {};
  double fill_value = 0;

  static constexpr std::string_view class_name = "RandomZoom";
  static Config extras() { return RandomFlip::extras(); }
  CORNU_FIELDS(height_factor, width_factor, fill_mode, interpolation, seed, fill_value)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(RandomZoom)

/// Moved down by height_factor of the height and to the right by width_factor of the width.
struct RandomTranslation {
  FactorRange height_factor = 0;
  FactorRange width_factor = 0;
  FillMode fill_mode = FillMode::reflect;
  Interpolation interpolation = Interpolation::bilinear;
  std::optional<int64_t> seed = {};
  double fill_value = 0;

  static constexpr std::string_view class_name = "RandomTranslation";
  static Config extras() { return RandomFlip::extras(); }
  CORNU_FIELDS(height_factor, width_factor, fill_mode, interpolation, seed, fill_value)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(RandomTranslation)

/// Distances from the mean of each channel, times a factor in [1 - factor.lower, 1 + factor.upper], then clipped to value_range.
/// One number f gives [1, 1 + f], as in Keras 3.
struct RandomContrast {
  FactorRange factor = 0;
  ValueRange value_range = {};
  std::optional<int64_t> seed = {};

  static constexpr std::string_view class_name = "RandomContrast";
  static Config extras() { return RandomFlip::extras(); }
  CORNU_FIELDS(factor, value_range, seed)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(RandomContrast)

/// Lighter or darker by `factor` of the value_range, then clipped to it.
struct RandomBrightness {
  FactorRange factor = 0;
  ValueRange value_range = {};
  std::optional<int64_t> seed = {};

  static constexpr std::string_view class_name = "RandomBrightness";
  static Config extras() { return RandomFlip::extras(); }
  CORNU_FIELDS(factor, value_range, seed)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(RandomBrightness)

/// A part of height x width from anywhere in each image; images that are no larger are cut as they can be, and resized. At other times
/// than training images pass in their own size, as in Keras 3.15, whose documentation promises that they are resized: put a
/// CenterCrop or a Resizing after it where the size matters.
struct RandomCrop {
  int64_t height = 0;
  int64_t width = 0;
  std::optional<int64_t> seed = {};

  static constexpr std::string_view class_name = "RandomCrop";
  static Config extras() { return RandomFlip::extras(); }
  CORNU_FIELDS(height, width, seed)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(RandomCrop)

namespace layers {
using cornu::RandomBrightness;
using cornu::RandomContrast;
using cornu::RandomCrop;
using cornu::RandomFlip;
using cornu::RandomRotation;
using cornu::RandomTranslation;
using cornu::RandomZoom;
}  // namespace layers

}  // namespace cornu
