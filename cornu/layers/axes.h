// Numbers in layers' options that Keras writes as one number or as a list; they are written back in the form in which they came.
#pragma once
#include <optional>

#include "cornu/base/config.h"
#include "cornu/tensor/shape.h"

namespace cornu {

/// An axis or several, negative ones counted from the end: -1, or [1, 2].
struct Axes {
  std::vector<int64_t> list;
  bool listed = false;  // as a list even when it is one
  Axes(int axis = -1) : list{axis} {}
  Axes(std::initializer_list<int64_t> axes) : list(axes), listed(true) {}
  /// The axes of a value of this shape, counted from the front, ascending. Throws ShapeError, beginning with `who`, for an axis
  /// that there is not and for one that is named twice.
  std::vector<int64_t> of(const Shape& shape, std::string_view who) const;
};
Config to_config(const Axes& axes);
void from_config(const Config& config, Axes& axes);

/// An axis that Keras 2 may have written as a list of one.
struct OneAxis {
  int64_t axis = -1;
  OneAxis(int a = -1) : axis(a) {}
  /// Counted from the front; throws as Axes::of does.
  int of(const Shape& shape, std::string_view who) const;
};
Config to_config(const OneAxis& axis);
void from_config(const Config& config, OneAxis& axis);

/// A list of numbers that may be absent, with or without unknown entries (null in files): Sizes{Shape::unknown, 1, 3}. Files may
/// have one number instead.
struct Sizes {
  std::optional<std::vector<int64_t>> list;
  Sizes() = default;
  Sizes(std::nullopt_t) {}
  Sizes(int size) : list(std::vector<int64_t>{size}) {}
  Sizes(std::initializer_list<int64_t> sizes) : list(std::vector<int64_t>(sizes)) {}
  explicit Sizes(std::vector<int64_t> sizes) : list(std::move(sizes)) {}
  explicit operator bool() const { return list.has_value(); }
};
Config to_config(const Sizes& sizes);
void from_config(const Config& config, Sizes& sizes);

}  // namespace cornu
