#include "cornu/tensor/shape.h"

#include <algorithm>

#include "cornu/base/error.h"

namespace cornu {

CORNU_DEFINE_SPECIAL_MEMBERS(Shape)
Shape::Shape(std::initializer_list<int64_t> sizes) : sizes_(sizes) {}
Shape::Shape(std::vector<int64_t> sizes) : sizes_(std::move(sizes)) {}

int Shape::axis(int axis) const {
  require<ShapeError>(-rank() <= axis && axis < rank(), "shape ", *this, " has no axis ", axis);
  return axis < 0 ? axis + rank() : axis;
}

int64_t Shape::dim(int axis) const { return (*this)[this->axis(axis)]; }

int64_t Shape::elements() const {
  int64_t n = 1;
  for (const int64_t s : sizes_)
    if (__builtin_mul_overflow(n, s, &n)) [[unlikely]] throw ShapeError(text("a tensor of shape ", *this, " has more elements than can be counted"));
  return n;
}

bool Shape::is_known() const {
  return std::none_of(sizes_.begin(), sizes_.end(), [](int64_t s) { return s < 0; });
}

Shape Shape::part(int first, int last) const {
  return Shape(std::vector<int64_t>(sizes_.begin() + first, sizes_.begin() + last));
}

Shape operator+(Shape a, const Shape& b) {
  for (const int64_t s : b) a.push_back(s);
  return a;
}

void append_text(std::string& to, const Shape& shape) {
  to += '[';
  for (int i = 0; i < shape.rank(); ++i) {
    to += i ? ", " : "";
    if (shape[i] == Shape::unknown) {
      to += '?';
    } else {
      append_text(to, shape[i]);
    }
  }
  to += ']';
}

Shape broadcast(const Shape& a, const Shape& b) {
  const Shape &longer = a.rank() >= b.rank() ? a : b, &shorter = a.rank() >= b.rank() ? b : a;
  Shape out = longer;
  for (int i = 0; i < shorter.rank(); ++i) {
    int64_t& to = out[out.rank() - shorter.rank() + i];
    require<ShapeError>(shorter[i] == to || shorter[i] == 1 || to == 1, "shapes ", a, " and ", b, " do not broadcast");
    if (to == 1) to = shorter[i];
  }
  return out;
}

std::vector<int64_t> dense_strides(const Shape& shape) { return broadcast_strides(shape, shape); }

std::vector<int64_t> broadcast_strides(const Shape& from, const Shape& to) {
  std::vector<int64_t> strides(static_cast<size_t>(to.rank()), 0);
  int64_t step = 1;
  for (int i = from.rank() - 1, j = to.rank() - 1; i >= 0; --i, --j) {
    if (from[i] != 1) strides[static_cast<size_t>(j)] = step;
    step *= from[i];
  }
  return strides;
}

}  // namespace cornu
