#include "cornu/tensor/tensor.h"

#include <cstring>
#include <new>

#include "cornu/base/error.h"

namespace cornu {

CORNU_DEFINE_SPECIAL_MEMBERS(Tensor)
Tensor::Tensor() : Tensor(DType::float32, Shape{}) {}

namespace {

std::shared_ptr<void> allocate(size_t bytes) {
  constexpr std::align_val_t alignment{64};
  void* memory = ::operator new(bytes + 64, alignment);  // the spare line lets kernels read past the end
  std::memset(memory, 0, bytes + 64);
  return {memory, [](void* p) { ::operator delete(p, alignment); }};
}

size_t checked_bytes(DType dtype, const Shape& shape) {
  size_t bytes = bytes_of(dtype);
  for (const int64_t s : shape) {
    require<ShapeError>(s >= 0, "a tensor needs known sizes, but was given ", shape);
    require<LimitError>(!__builtin_mul_overflow(bytes, static_cast<size_t>(s), &bytes) && bytes < size_t{1} << 62,
                        "a tensor of shape ", shape, " is larger than any memory");
  }
  return bytes;
}

}  // namespace

Tensor::Tensor(DType dtype, Shape shape) : dtype_(dtype), shape_(std::move(shape)) {
  auto memory = allocate(checked_bytes(dtype_, shape_));
  data_ = memory.get();
  owner_ = std::move(memory);
}

Tensor::Tensor(std::initializer_list<float> values) : Tensor(DType::float32, Shape{static_cast<int64_t>(values.size())}) {
  fill_from(values.size(), [&](size_t i) { return values.begin()[i]; });
}

Tensor::Tensor(std::initializer_list<std::initializer_list<float>> rows) {
  std::vector<float> all;
  for (const auto& row : rows) {
    require<ShapeError>(row.size() == rows.begin()->size(), "the rows of a tensor differ in length: ", rows.begin()->size(),
                        " and ", row.size());
    all.insert(all.end(), row);
  }
  const auto n = static_cast<int64_t>(rows.size());
  *this = Tensor(Shape{n, n ? static_cast<int64_t>(rows.begin()->size()) : 0}, all);
}

Tensor Tensor::borrow(DType dtype, Shape shape, const void* data, std::shared_ptr<const void> owner) {
  checked_bytes(dtype, shape);
  Tensor t;
  t.dtype_ = dtype;
  t.shape_ = std::move(shape);
  t.owner_ = std::move(owner);
  t.data_ = data;
  t.writable_ = false;
  return t;
}

void* Tensor::mutable_data() {
  if (!writable_ || owner_.use_count() != 1) {
    auto memory = allocate(bytes());
    if (bytes() > 0) std::memcpy(memory.get(), data_, bytes());
    data_ = memory.get();
    owner_ = std::move(memory);
    writable_ = true;
  }
  return const_cast<void*>(data_);
}

double Tensor::at(int64_t i) const {
  require(0 <= i && i < size(), "element ", i, " of a tensor with ", size());
  const double raw = with_type(dtype_, [&](auto zero) {
    using T = decltype(zero);
    const T value = static_cast<const T*>(data_)[i];
    if constexpr (std::is_same_v<T, bfloat16>) return static_cast<double>(static_cast<float>(value));
    else return static_cast<double>(value);
  });
  return raw * scale_;
}

Tensor Tensor::reshaped(Shape shape) const {
  require<ShapeError>(shape.elements() == size(), "cannot reshape ", shape_, " to ", shape, ": ", size(), " elements, not ",
                      shape.elements());
  Tensor t = *this;
  t.shape_ = std::move(shape);
  return t;
}

Tensor Tensor::rows(int64_t first, int64_t last) const {
  require<ShapeError>(shape_.rank() > 0 && 0 <= first && first <= last && last <= shape_[0], "rows ", first, " to ", last,
                      " of a tensor of shape ", shape_);
  Tensor t = *this;
  const int64_t row = shape_.drop_front().elements();
  t.shape_[0] = last - first;
  t.data_ = static_cast<const char*>(data_) + static_cast<size_t>(first * row) * bytes_of(dtype_);
  t.writable_ = t.writable_ && first == 0;  // writing to a part copies it out: rows at the front may be written in place
  return t;
}

Tensor Tensor::cast(DType to) const {
  if (to == dtype_ && scale_ == 1) return *this;
  Tensor out(to, shape_);
  with_type(to, [&](auto zero) {
    using T = decltype(zero);
    T* y = static_cast<T*>(out.mutable_data());
    const int64_t n = size();
    with_type(dtype_, [&](auto from) {
      using S = decltype(from);
      const S* x = static_cast<const S*>(data_);
      for (int64_t i = 0; i < n; ++i) {
        if constexpr (std::is_integral_v<S> && std::is_integral_v<T>) {
          if (scale_ == 1) {
            y[i] = static_cast<T>(x[i]);
            continue;
          }
        }
        double v;
        if constexpr (std::is_same_v<S, bfloat16>) v = static_cast<double>(static_cast<float>(x[i]));
        else v = static_cast<double>(x[i]);
        v *= scale_;
        if constexpr (std::is_same_v<T, bfloat16>) y[i] = bfloat16(static_cast<float>(v));
        else if constexpr (std::is_same_v<T, bool>) y[i] = v != 0;
        else y[i] = static_cast<T>(v);
      }
    });
  });
  return out;
}

Tensor Tensor::with_scale(double scale) const {
  Tensor t = *this;
  t.scale_ = scale;
  return t;
}

bool Tensor::operator==(const Tensor& other) const {
  return dtype_ == other.dtype_ && shape_ == other.shape_ && scale_ == other.scale_ &&
         (bytes() == 0 || std::memcmp(data_, other.data_, bytes()) == 0);
}

void Tensor::check_type(DType wanted) const {
  require(wanted == dtype_, "a tensor of ", dtype_, " was read as ", wanted, "; cast() converts");
}

void Tensor::check_count(size_t given) const {
  require<ShapeError>(static_cast<int64_t>(given) == size(), given, " values for a tensor of shape ", shape_);
}

void append_text(std::string& to, const Tensor& tensor) {
  append_text(to, tensor.dtype());
  append_text(to, tensor.shape());
  to += " {";
  for (int64_t i = 0; i < tensor.size() && i < 8; ++i) {
    to += i ? ", " : "";
    if (tensor.dtype() == DType::float64) append_text(to, tensor.at(i));
    else append_text(to, static_cast<float>(tensor.at(i)));
  }
  to += tensor.size() > 8 ? ", ...}" : "}";
}

}  // namespace cornu
