// The sizes of a tensor's axes.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "cornu/base/special_members.h"

namespace cornu {

/// Sizes, outermost first. In descriptions of models an axis may be `unknown` (the batch); in a graph never.
class Shape {
 public:
  static constexpr int64_t unknown = -1;

  Shape() = default;
  CORNU_SPECIAL_MEMBERS(Shape)
  Shape(std::initializer_list<int64_t> sizes);
  explicit Shape(std::vector<int64_t> sizes);

  int rank() const { return static_cast<int>(sizes_.size()); }
  bool empty() const { return sizes_.empty(); }
  int64_t& operator[](int axis) { return sizes_[static_cast<size_t>(axis)]; }
  int64_t operator[](int axis) const { return sizes_[static_cast<size_t>(axis)]; }
  /// The size of `axis`, counted from the end when negative. Throws ShapeError when there is no such axis.
  int64_t dim(int axis) const;
  /// `axis` counted from the front. Throws ShapeError when there is no such axis.
  int axis(int axis) const;

  /// The product of the sizes; one for a scalar.
  int64_t elements() const;
  bool is_known() const;
  /// Sizes from `first` up to, not including, `last`.
  Shape part(int first, int last) const;
  Shape drop_front(int n = 1) const { return part(n, rank()); }
  Shape drop_back(int n = 1) const { return part(0, rank() - n); }
  void push_back(int64_t size) { sizes_.push_back(size); }

  auto begin() const { return sizes_.begin(); }
  auto end() const { return sizes_.end(); }
  const std::vector<int64_t>& sizes() const { return sizes_; }
  bool operator==(const Shape&) const = default;

 private:
  std::vector<int64_t> sizes_;
};

Shape operator+(Shape a, const Shape& b);  // one after the other

/// [32, 784]; an unknown axis prints as ?.
void append_text(std::string& to, const Shape& shape);

/// NumPy's rule: aligned at the end, a size of one stretches. Throws ShapeError, naming both.
Shape broadcast(const Shape& a, const Shape& b);

/// Steps, in elements, from one element to the next along each axis of a dense row-major tensor.
std::vector<int64_t> dense_strides(const Shape& shape);
/// Strides for reading `from` as if it had shape `to`: zero along stretched axes.
std::vector<int64_t> broadcast_strides(const Shape& from, const Shape& to);

}  // namespace cornu
