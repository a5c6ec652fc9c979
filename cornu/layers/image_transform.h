// Images seen through an affine map of the plane.
#pragma once
#include "cornu/nn/layer.h"

namespace cornu {

/// What lies outside an image: one number; "dcba|abcd|dcba"; "abcd|abcd|abcd"; "aaaa|abcd|dddd".
enum class FillMode { constant, reflect, wrap, nearest };
enum class Interpolation { nearest, bilinear };
/// By Keras's names. Throw FormatError, with the names there are, for others.
Config to_config(FillMode mode);
void from_config(const Config& config, FillMode& mode);
Config to_config(Interpolation interpolation);
void from_config(const Config& config, Interpolation& interpolation);

struct Fill {
  FillMode mode = FillMode::reflect;
  Interpolation interpolation = Interpolation::bilinear;
  double value = 0;  // for FillMode::constant
};

/// keras.ops.image.affine_transform: pixel (x, y) of the result is that of `images` [batch, height, width, channels] at
/// ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k), k = c0 x + c1 y + 1, where a row of `transforms` [batch, 8] is
/// a0, a1, a2, b0, b1, b2, c0, c1 and x counts columns. No gradient flows into the transforms.
Value affine_transform(Value images, Value transforms, const Fill& fill);

// Rows for affine_transform, [batch, 8], from a number for each image, [batch, 1].
/// About the middle of a height x width image, by an angle in radians.
Value rotations(Value angles, int64_t height, int64_t width);
/// About the middle; a factor below 1 brings the image nearer.
Value zooms(Value height_factors, Value width_factors, int64_t height, int64_t width);
/// By that many pixels, down and to the right.
Value translations(Value down, Value right);

/// Row r of the result [batch, height, width, channels] is rows top[r], top[r] + 1, ... and columns left[r], ... of image r, where top
/// and left are int64 [batch, 1].
Value crop_each(Value images, Value top, Value left, int64_t height, int64_t width);

}  // namespace cornu
