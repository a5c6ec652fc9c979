#include "cornu/layers/image_transform.h"

#include <algorithm>
#include <array>

namespace cornu {
namespace {

constexpr std::array<std::string_view, 4> modes = {"constant", "reflect", "wrap", "nearest"};
constexpr std::array<std::string_view, 2> interpolations = {"nearest", "bilinear"};

template <class Enum> void read_name(const Config& config, std::span<const std::string_view> names, Enum& value) {
  const auto found = std::find(names.begin(), names.end(), config.as_string());
  if (found == names.end())
    throw FormatError(text("'", printable(config.as_string()), "' is none of ", std::vector<std::string_view>(names.begin(), names.end()), did_you_mean(config.as_string(), names)));
  value = static_cast<Enum>(found - names.begin());
}

/// Where `at` lies in [0, size - 1] by the fill mode, step by step as TensorFlow's ImageProjectiveTransformV3 computes it.
Value bring_inside(Value at, FillMode mode, int64_t size) {
  const double last = static_cast<double>(size - 1), n = static_cast<double>(size);
  if (mode == FillMode::constant) return at;
  const Value zero = scalar(at, 0), below = less(at, zero), above = greater(at, scalar(at, last));
  if (mode != FillMode::nearest && size == 1) return zero * at;
  if (mode == FillMode::reflect) {
    const Value turned = at + trunc(at / (-2 * n)) * (2 * n);  // in (-2n, 0]
    const Value from_below = select(less(turned, scalar(at, -n)), turned + 2 * n, -turned - 1.0);
    const Value passed = at - trunc(at / (2 * n)) * (2 * n);
    const Value from_above = select(greater_equal(passed, scalar(at, n)), 2 * n - passed - 1.0, passed);
    at = select(below, from_below, select(above, from_above, at));
  }
  if (mode == FillMode::wrap) {
    const Value from_below = at + (trunc(at / -last) + 1.0) * n, from_above = at - trunc(at / last) * n;
    at = select(below, from_below, select(above, from_above, at));
  }
  return clip(at, 0, last);
}

/// x to the nearest whole number, halves away from zero as std::round.
Value round_away(Value x) {
  const Value whole = trunc(x);
  return whole + trunc((x - whole) * 2.0);
}

/// The pixels of images at whole (x, y) [batch, height, width]; `value` where they are outside.
struct Pixels {
  Value rows;  // [batch * height * width, channels]
  Value first; // of each image, int64 [batch, 1, 1]
  int64_t height, width;
  double value;

  Pixels(Value images, double fill) : height(images.dim(1)), width(images.dim(2)), value(fill) {
    const Shape in = images.shape();
    rows = reshape(images, {in[0] * height * width, in[3]});
    first = iota(*images.graph, {in[0], 1, 1}) * static_cast<double>(height * width);
  }
  Value at(Value x, Value y) const {
    const auto within = [](Value v, int64_t size) { return logical_and(greater_equal(v, scalar(v, 0)), less(v, scalar(v, static_cast<double>(size)))); };
    const Value inside = logical_and(within(x, width), within(y, height));
    const Value place = cast(select(inside, y, scalar(y, 0)), DType::int64) * static_cast<double>(width) + cast(select(inside, x, scalar(x, 0)), DType::int64) + first;
    const Value read = gather(rows, select(inside, place, scalar(place, -1)));  // zeros where there is no row
    if (value == 0) return read;
    return read + reshape(cast(logical_not(inside), rows.dtype()), inside.shape() + Shape{1}) * value;
  }
};

}  // namespace

Config to_config(FillMode mode) { return modes[static_cast<size_t>(mode)]; }
void from_config(const Config& config, FillMode& mode) { read_name(config, modes, mode); }
Config to_config(Interpolation interpolation) { return interpolations[static_cast<size_t>(interpolation)]; }
void from_config(const Config& config, Interpolation& interpolation) { read_name(config, interpolations, interpolation); }

Value affine_transform(Value images, Value transforms, const Fill& fill) {
  const Shape in = images.shape();
  ensure(in.rank() == 4 && transforms.shape() == Shape{in[0], 8} && transforms.dtype() == images.dtype(), "affine_transform takes images [batch, height, width, channels] and transforms [batch, 8]");
  const int64_t height = in[1], width = in[2];
  Graph& graph = *images.graph;
  const Value x = iota(graph, {1, 1, width}, 2, images.dtype()), y = iota(graph, {1, height, 1}, 1, images.dtype());
  const Value t = stop_gradient(transforms);
  const auto number = [&](int64_t i) { return reshape(slice(t, {0, i}, {in[0], i + 1}), {in[0], 1, 1}); };
  const Value k = number(6) * x + number(7) * y + 1.0, no_place = equal(k, scalar(k, 0)), divisor = select(no_place, scalar(k, 1), k);
  const Value at_x = bring_inside((number(0) * x + number(1) * y + number(2)) / divisor, fill.mode, width);
  const Value at_y = bring_inside((number(3) * x + number(4) * y + number(5)) / divisor, fill.mode, height);
  const Pixels pixels(images, fill.value);

  Value out;
  if (fill.interpolation == Interpolation::nearest) {
    out = pixels.at(round_away(at_x), round_away(at_y));
  } else {
    const Value left = floor(at_x), top = floor(at_y), right = left + 1.0, bottom = top + 1.0;
    const auto share = [](Value v) { return reshape(v, v.shape() + Shape{1}); };
    const Value to_right = share(at_x - left), to_left = share(right - at_x), to_bottom = share(at_y - top), to_top = share(bottom - at_y);
    const Value upper = to_left * pixels.at(left, top) + to_right * pixels.at(right, top);
    const Value lower = to_left * pixels.at(left, bottom) + to_right * pixels.at(right, bottom);
    out = to_top * upper + to_bottom * lower;
  }
  const Value lost = reshape(no_place, no_place.shape() + Shape{1});
  return select(broadcast_to(lost, in), broadcast_to(scalar(out, fill.value), in), out);
}

namespace {

Value table(std::initializer_list<Value> columns) { return concat(std::vector<Value>(columns), 1); }

}  // namespace

Value rotations(Value angles, int64_t height, int64_t width) {
  const double x = 0.5 * static_cast<double>(width - 1), y = 0.5 * static_cast<double>(height - 1);
  const Value c = cos(angles), s = sin(angles), none = angles * 0.0;
  return table({c, -s, x - x * c + y * s, s, c, y - x * s - y * c, none, none});
}

Value zooms(Value height_factors, Value width_factors, int64_t height, int64_t width) {
  const Value none = height_factors * 0.0;
  return table({width_factors, none, (1.0 - width_factors) * (static_cast<double>(width - 1) / 2), none, height_factors,
                (1.0 - height_factors) * (static_cast<double>(height - 1) / 2), none, none});
}

Value translations(Value down, Value right) {
  const Value none = down * 0.0, one = none + 1.0;
  return table({one, none, -right, none, one, -down, none, none});
}

Value crop_each(Value images, Value top, Value left, int64_t height, int64_t width) {
  const Shape in = images.shape();
  Graph& graph = *images.graph;
  const Value rows = iota(graph, {1, height, 1}, 1) + reshape(top, {in[0], 1, 1}), columns = iota(graph, {1, 1, width}, 2) + reshape(left, {in[0], 1, 1});
  const Value first = iota(graph, {in[0], 1, 1}) * static_cast<double>(in[1] * in[2]);
  return gather(reshape(images, {in[0] * in[1] * in[2], in[3]}), first + rows * static_cast<double>(in[2]) + columns);
}

}  // namespace cornu
