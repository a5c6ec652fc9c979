#include "cornu/layers/image_augmentation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "cornu/layers/image_resizing.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

FactorRange::FactorRange(double both) : lower(-std::abs(both)), upper(std::abs(both)) {}
FactorRange::FactorRange(double low, double high) : lower(std::min(low, high)), upper(std::max(low, high)), single(false) {}

CORNU_DEFINE_LAYER(RandomFlip)
CORNU_DEFINE_LAYER(RandomRotation)
CORNU_DEFINE_LAYER(RandomZoom)
CORNU_DEFINE_LAYER(RandomTranslation)
CORNU_DEFINE_LAYER(RandomContrast)
CORNU_DEFINE_LAYER(RandomBrightness)
CORNU_DEFINE_LAYER(RandomCrop)

Config to_config(const FactorRange& range) { return range.single ? Config(range.upper) : Config(Config::List{range.lower, range.upper}); }
void from_config(const Config& config, FactorRange& range) {
  if (!config.is_list()) return void(range = FactorRange(config.is_null() ? 0 : config.as_double()));
  require<FormatError>(config.as_list().size() == 2, "a factor is a number or a list of two, and was given as ", config);
  range = FactorRange(config.as_list()[0].as_double(), config.as_list()[1].as_double());
}

Config to_config(const ValueRange& range) { return Config::List{range.low, range.high}; }
void from_config(const Config& config, ValueRange& range) {
  require<FormatError>(config.as_list().size() == 2, "a value range is a list of two numbers, and was given as ", config);
  const double a = config.as_list()[0].as_double(), b = config.as_list()[1].as_double();
  range = {std::min(a, b), std::max(a, b)};
}

namespace {

/// A number in [low, high) for each image: [batch, 1].
Value draw(Value images, Scope& scope, const std::optional<int64_t>& seed, double low, double high) {
  Value key = scope.random_key();
  if (seed) {
    const Value own = scope.graph().constant(Tensor(Shape{1}, std::vector<int64_t>{*seed}));
    key = concat({own, slice(key, {1}, {3})}, 0);  // the step and the row stay
  }
  return random(key, {.distribution = Distribution::uniform, .shape = {images.dim(0), 1}, .dtype = images.dtype(), .a = low, .b = high, .stream = scope.stream()});
}
Value draw(Value images, Scope& scope, const std::optional<int64_t>& seed, const FactorRange& range) { return draw(images, scope, seed, range.lower, range.upper); }

/// `least` is out of bounds itself where `open`.
void check(const FactorRange& range, const char* what, double least, bool open, const Scope& scope, std::string_view class_name) {
  const bool low = open ? range.lower <= least : range.lower < least;
  require(!low && range.upper <= 1, scope.path(), ": ", class_name, "'s ", what, " must lie in ", open ? "(" : "[", least, ", 1], and was given as ", to_config(range));
}

Value over_pixels(Value per_image) { return reshape(per_image, {per_image.dim(0), 1, 1, 1}); }

/// The rows or columns of images in the opposite order.
Value mirrored(Value images, int axis) {
  std::vector<int64_t> backwards(static_cast<size_t>(images.dim(axis)));
  for (size_t i = 0; i < backwards.size(); ++i) backwards[i] = static_cast<int64_t>(backwards.size() - 1 - i);
  const int64_t n = images.dim(axis);
  Graph& graph = *images.graph;
  const Value order = graph.constant(Tensor(Shape{n}, backwards));
  const Shape in = images.shape();
  const int64_t outer = in.part(0, axis).elements(), inner = in.drop_front(axis + 1).elements();
  const Value places = iota(graph, {outer, 1}) * static_cast<double>(n) + reshape(order, {1, n});
  return reshape(gather(reshape(images, {outer * n, inner}), places), in);
}

}  // namespace

Value RandomFlip::operator()(Value x, Scope& scope) const {
  constexpr std::array<std::string_view, 3> modes = {"horizontal", "vertical", "horizontal_and_vertical"};
  require(std::find(modes.begin(), modes.end(), mode) != modes.end(), scope.path(), ": RandomFlip's mode is horizontal, vertical or horizontal_and_vertical, and was given as '",
          printable(mode), "'", did_you_mean(mode, modes));
  const Value images = as_images(x, scope, class_name);
  if (!scope.training()) return like_input(images, x);
  const Value coin = less_equal(draw(images, scope, seed, 0, 1), scalar(images, 0.5));
  Value flipped = images;
  if (mode != "vertical") flipped = mirrored(flipped, 2);
  if (mode != "horizontal") flipped = mirrored(flipped, 1);
  return like_input(select(broadcast_to(over_pixels(coin), images.shape()), flipped, images), x);
}

Value RandomRotation::operator()(Value x, Scope& scope) const {
  check(factor, "factor", -1, false, scope, class_name);
  const Value images = as_images(x, scope, class_name);
  if (!scope.training()) return like_input(images, x);
  const Value angles = draw(images, scope, seed, factor) * (2 * std::numbers::pi);
  return like_input(affine_transform(images, rotations(angles, images.dim(1), images.dim(2)), {fill_mode, interpolation, fill_value}), x);
}

Value RandomZoom::operator()(Value x, Scope& scope) const {
  check(height_factor, "height_factor", -1, true, scope, class_name);
  if (width_factor) check(*width_factor, "width_factor", -1, true, scope, class_name);
  const Value images = as_images(x, scope, class_name);
  if (!scope.training()) return like_input(images, x);
  const Value height = draw(images, scope, seed, height_factor) + 1.0, width = width_factor ? draw(images, scope, seed, *width_factor) + 1.0 : height;
  return like_input(affine_transform(images, zooms(height, width, images.dim(1), images.dim(2)), {fill_mode, interpolation, fill_value}), x);
}

Value RandomTranslation::operator()(Value x, Scope& scope) const {
  check(height_factor, "height_factor", -1, false, scope, class_name);
  check(width_factor, "width_factor", -1, false, scope, class_name);
  const Value images = as_images(x, scope, class_name);
  if (!scope.training()) return like_input(images, x);
  const Value down = draw(images, scope, seed, height_factor) * static_cast<double>(images.dim(1)), right = draw(images, scope, seed, width_factor) * static_cast<double>(images.dim(2));
  return like_input(affine_transform(images, translations(down, right), {fill_mode, interpolation, fill_value}), x);
}

Value RandomContrast::operator()(Value x, Scope& scope) const {
  const FactorRange bounded = factor.single ? FactorRange(0, factor.upper) : factor;
  check(bounded, "factor", 0, false, scope, class_name);
  const Value images = as_images(x, scope, class_name);
  if (!scope.training()) return like_input(images, x);
  const Value by = over_pixels(draw(images, scope, seed, 1 - bounded.lower, 1 + bounded.upper));
  const Value middle = mean(images, {1, 2}, true);
  return like_input(clip((images - middle) * by + middle, value_range.low, value_range.high), x);
}

Value RandomBrightness::operator()(Value x, Scope& scope) const {
  check(factor, "factor", -1, false, scope, class_name);
  const Value images = as_images(x, scope, class_name);
  if (!scope.training()) return like_input(images, x);
  const Value by = over_pixels(draw(images, scope, seed, factor)) * (value_range.high - value_range.low);
  return like_input(clip(images + by, value_range.low, value_range.high), x);
}

Value RandomCrop::operator()(Value x, Scope& scope) const {
  require(height > 0 && width > 0, scope.path(), ": RandomCrop takes a positive height and width, and was given ", height, " and ", width);
  const Value images = as_images(x, scope, class_name);
  const int64_t rows = images.dim(1), columns = images.dim(2);
  if (!scope.training()) return like_input(images, x);
  if (rows > height && columns > width) {
    const auto place = [&](int64_t most) {
      const Value drawn = cast(draw(images, scope, seed, 0, static_cast<double>(most + 1)), DType::int64);
      return minimum(drawn, scalar(drawn, static_cast<double>(most)));
    };
    const Value top = place(rows - height), left = place(columns - width);
    return like_input(crop_each(images, top, left, height, width), x);
  }
  // What there is of the part that would be cut from the middle, as Keras does.
  const auto part = [](int64_t size, int64_t wanted, int64_t in_proportion) {
    const int64_t first = (size - std::max<int64_t>(std::min(size, in_proportion), 1)) / 2;
    return std::pair(first, std::min(wanted, size - first));
  };
  const auto [top, high] = part(rows, height, columns * height / width);
  const auto [left, wide] = part(columns, width, rows * width / height);
  return like_input(resize_images(crop(images, top, left, high, wide), height, width), x);
}

}  // namespace cornu
