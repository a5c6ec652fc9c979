// A tensor: its element type, its shape and its numbers.
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "cornu/tensor/dtype.h"
#include "cornu/tensor/shape.h"

namespace cornu {

/// Dense, row-major numbers, aligned to 64 bytes. A value: copies are cheap and share memory until one of them is
/// written to. Reading from several threads is safe; writing needs a tensor of one's own.
class Tensor {
 public:
  /// A scalar zero, float32.
  Tensor();
  CORNU_SPECIAL_MEMBERS(Tensor)
  /// Zeros. Throws ShapeError for an unknown axis, LimitError when the size overflows.
  Tensor(DType dtype, Shape shape);
  /// Takes the values' type as its dtype. Throws ShapeError unless there is one value for each element.
  template <class T> Tensor(Shape shape, const std::vector<T>& values) : Tensor(dtype_of<T>, std::move(shape)) {
    fill_from(values.size(), [&](size_t i) { return static_cast<T>(values[i]); });
  }
  /// A vector or a matrix of float32: Tensor{1, 2, 3}, Tensor{{1, 2}, {3, 4}}.
  Tensor(std::initializer_list<float> values);
  Tensor(std::initializer_list<std::initializer_list<float>> rows);
  /// Reads memory that something else owns; `owner` keeps it alive. Row-major, of any alignment.
  static Tensor borrow(DType dtype, Shape shape, const void* data, std::shared_ptr<const void> owner);
  template <class T> static Tensor scalar(T value) { return Tensor(Shape{}, std::vector<T>{value}); }

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  int64_t size() const { return shape_.elements(); }
  size_t bytes() const { return static_cast<size_t>(size()) * bytes_of(dtype_); }

  const void* data() const { return data_; }
  /// Memory of this tensor's own: detaches from copies first.
  void* mutable_data();
  /// The elements. Throws ArgumentError unless T is the dtype's type.
  template <class T> std::span<const T> values() const {
    check_type(dtype_of<T>);
    return {static_cast<const T*>(data_), static_cast<size_t>(size())};
  }
  template <class T> std::span<T> mutable_values() {
    check_type(dtype_of<T>);
    return {static_cast<T*>(mutable_data()), static_cast<size_t>(size())};
  }
  /// Element `i` in row-major order as a double, whatever the dtype; the scale is applied.
  double at(int64_t i) const;

  /// The same numbers in another shape. Throws ShapeError unless the sizes agree.
  Tensor reshaped(Shape shape) const;
  /// Rows [first, last) of the outermost axis; shares memory.
  Tensor rows(int64_t first, int64_t last) const;
  /// Each element converted; floats are truncated towards zero when they become integers. The scale is applied.
  Tensor cast(DType to) const;

  /// What one unit of an integer tensor is worth: 1, or for images 1/255. Everything that reads numbers applies it.
  double scale() const { return scale_; }
  Tensor with_scale(double scale) const;

  /// Same dtype, shape, scale and bytes.
  bool operator==(const Tensor& other) const;

 private:
  void check_type(DType wanted) const;
  template <class F> void fill_from(size_t given, F value) {
    check_count(given);
    using T = decltype(value(size_t{}));
    T* to = static_cast<T*>(mutable_data());
    for (size_t i = 0; i < given; ++i) to[i] = value(i);
  }
  void check_count(size_t given) const;

  DType dtype_ = DType::float32;
  Shape shape_;
  double scale_ = 1;
  std::shared_ptr<const void> owner_;
  const void* data_ = nullptr;
  bool writable_ = true;
};

/// dtype and shape, and up to eight numbers.
void append_text(std::string& to, const Tensor& tensor);

}  // namespace cornu
