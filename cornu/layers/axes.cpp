#include "cornu/layers/axes.h"

#include <algorithm>

#include "cornu/base/fields.h"

namespace cornu {
namespace {

int64_t from_the_front(int64_t axis, const Shape& shape, std::string_view who) {
  const int64_t rank = shape.rank();
  require<ShapeError>(-rank <= axis && axis < rank, who, ": there is no axis ", axis, " in ", shape);
  return axis < 0 ? axis + rank : axis;
}

}  // namespace

std::vector<int64_t> Axes::of(const Shape& shape, std::string_view who) const {
  std::vector<int64_t> axes;
  for (const int64_t axis : list) axes.push_back(from_the_front(axis, shape, who));
  std::sort(axes.begin(), axes.end());
  require<ShapeError>(std::adjacent_find(axes.begin(), axes.end()) == axes.end(), who, ": axis ", list, " names an axis of ", shape, " twice");
  return axes;
}

Config to_config(const Axes& axes) { return axes.listed || axes.list.size() != 1 ? to_config(axes.list) : Config(axes.list[0]); }
void from_config(const Config& config, Axes& axes) {
  axes.listed = config.is_list();
  if (axes.listed) from_config(config, axes.list);
  else axes.list = {config.as_int()};
}

int OneAxis::of(const Shape& shape, std::string_view who) const { return static_cast<int>(from_the_front(axis, shape, who)); }
Config to_config(const OneAxis& axis) { return axis.axis; }
void from_config(const Config& config, OneAxis& axis) {
  require<FormatError>(!config.is_list() || config.as_list().size() == 1, "expected one axis, found ", config);
  axis.axis = config.is_list() ? config.as_list()[0].as_int() : config.as_int();
}

Config to_config(const Sizes& sizes) {
  if (!sizes.list) return {};
  Config::List out;
  for (const int64_t size : *sizes.list) out.push_back(size == Shape::unknown ? Config() : Config(size));
  return out;
}
void from_config(const Config& config, Sizes& sizes) {
  if (config.is_null()) return sizes.list.reset();
  sizes.list.emplace();
  if (!config.is_list()) return sizes.list->push_back(config.as_int());
  for (const Config& size : config.as_list()) {
    require<FormatError>(size.is_null() || size.as_int() > 0, "expected positive sizes or null, found ", config);
    sizes.list->push_back(size.is_null() ? Shape::unknown : size.as_int());
  }
}

}  // namespace cornu
