#include "cornu/layers/image_resizing.h"

#include <algorithm>

#include "cornu/layers/core.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(Resizing)
CORNU_DEFINE_LAYER(CenterCrop)

Value resize_images(Value images, int64_t height, int64_t width, std::string_view interpolation, bool antialias) {
  const Shape in = images.shape();
  const int64_t batch = in[0], channels = in[3];
  const auto weights = [&](int64_t from, int64_t to) { return images.graph->constant(resize_weights(interpolation, antialias, from, to).cast(images.dtype())); };
  if (in[1] != height) images = reshape(matmul(weights(in[1], height), reshape(images, {batch, in[1], in[2] * channels})), {batch, height, in[2], channels});
  if (in[2] != width) images = reshape(matmul(weights(in[2], width), reshape(images, {batch * height, in[2], channels})), {batch, height, width, channels});
  if (in[1] == height && in[2] == width) resize_weights(interpolation, antialias, 1, 1);  // refuses what it does not know
  return images;
}

Value as_images(Value x, const Scope& scope, std::string_view class_name) {
  const Shape in = x.shape();
  require<ShapeError>((in.rank() == 4 || in.rank() == 3) && in.elements() > 0, scope.path(), ": ", class_name,
                      " takes images [batch, height, width, channels], or one [height, width, channels], and was given ", in,
                      in.rank() == 2 ? "; reshape rows of pixels to images first" : "");
  x = computable(x, scope);
  return in.rank() == 3 ? reshape(x, Shape{1} + in) : x;
}

Value like_input(Value images, Value x) { return x.shape().rank() == 3 ? reshape(images, images.shape().drop_front()) : images; }

Value crop(Value images, int64_t top, int64_t left, int64_t height, int64_t width) {
  const Shape in = images.shape();
  if (top == 0 && left == 0 && height == in[1] && width == in[2]) return images;
  return slice(images, {0, top, left, 0}, {in[0], top + height, left + width, in[3]});
}

namespace {

/// How high an image of this width is in the proportions of the target, as Keras rounds it.
int64_t side(int64_t other, int64_t target, int64_t target_other) {
  return static_cast<int64_t>(static_cast<float>(other * target) / static_cast<float>(target_other));
}

void check_size(int64_t height, int64_t width, const Scope& scope, std::string_view class_name) {
  require(height > 0 && width > 0, scope.path(), ": ", class_name, " takes a positive height and width, and was given ", height, " and ", width);
}

Value crop_to_aspect_ratio_of(Value images, int64_t height, int64_t width) {
  const int64_t h = images.dim(1), w = images.dim(2);
  const int64_t rows = std::max<int64_t>(std::min(h, side(w, height, width)), 1), columns = std::max<int64_t>(std::min(w, side(h, width, height)), 1);
  return crop(images, (h - rows) / 2, (w - columns) / 2, rows, columns);
}

}  // namespace

Value crop_and_resize(Value images, int64_t height, int64_t width, std::string_view interpolation, bool antialias) {
  return resize_images(crop_to_aspect_ratio_of(images, height, width), height, width, interpolation, antialias);
}

Value Resizing::operator()(Value x, Scope& scope) const {
  check_size(height, width, scope, class_name);
  require(!(crop_to_aspect_ratio && pad_to_aspect_ratio), scope.path(), ": Resizing takes crop_to_aspect_ratio or pad_to_aspect_ratio, not both");
  require(fill_mode == "constant", scope.path(), ": Resizing's fill_mode can only be 'constant', and was given as '", printable(fill_mode), "'");
  Value images = as_images(x, scope, class_name);
  if (crop_to_aspect_ratio) images = crop_to_aspect_ratio_of(images, height, width);
  if (pad_to_aspect_ratio) {
    const int64_t h = images.dim(1), w = images.dim(2);
    const int64_t above = (std::max(h, side(w, height, width)) - h) / 2, before = (std::max(w, side(h, width, height)) - w) / 2;
    if (above > 0 || before > 0) images = pad(images, {0, above, before, 0}, {0, above, before, 0}, fill_value);
  }
  try {
    images = resize_images(images, height, width, interpolation, antialias);
  } catch (const ArgumentError& e) {
    throw ArgumentError(text(scope.path(), ": Resizing: ", e.what()));
  }
  if (is_integer(x.dtype())) {
    const double low = x.dtype() == DType::uint8 ? 0 : -2147483648.0, high = x.dtype() == DType::uint8 ? 255 : 2147483520.0;
    images = cast(clip(round(images), low, high), x.dtype());
  }
  return like_input(images, x);
}

Value CenterCrop::operator()(Value x, Scope& scope) const {
  check_size(height, width, scope, class_name);
  const Value images = as_images(x, scope, class_name);
  const int64_t above = images.dim(1) - height, before = images.dim(2) - width;
  return like_input(above >= 0 && before >= 0 ? crop(images, above / 2, before / 2, height, width) : crop_and_resize(images, height, width), x);
}

}  // namespace cornu
