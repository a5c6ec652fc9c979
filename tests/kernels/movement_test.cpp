#include "cornu/kernels/movement.h"

#include "cornu/base/error.h"
#include "numbers.h"
#include "run_kernel.h"

using namespace cornu;

namespace {

const DType dtypes[] = {DType::float32, DType::float64, DType::bfloat16, DType::uint8};

Tensor counted(Shape shape, DType dtype) {
  std::vector<double> v(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<double>(i % 251);
  return Tensor(std::move(shape), v).cast(dtype);
}

/// The definition, index by index.
Tensor copied(const Tensor& from, const StridedCopy& copy, const Tensor& to) {
  Tensor y = to;
  const size_t bytes = bytes_of(from.dtype());
  const Shape space(copy.sizes);
  for (int64_t i = 0; i < space.elements(); ++i) {
    int64_t rest = i, x_at = copy.from_offset, y_at = copy.to_offset;
    for (size_t a = copy.sizes.size(); a-- > 0; rest /= copy.sizes[a]) {
      x_at += rest % copy.sizes[a] * copy.from_strides[a];
      y_at += rest % copy.sizes[a] * copy.to_strides[a];
    }
    std::memcpy(static_cast<char*>(y.mutable_data()) + static_cast<size_t>(y_at) * bytes, static_cast<const char*>(from.data()) + static_cast<size_t>(x_at) * bytes, bytes);
  }
  return y;
}

void check_copy(const Shape& from, const Shape& to, const StridedCopy& copy) {
  for (const DType dtype : dtypes) {
    const Tensor x = counted(from, dtype);
    const Kernel kernel = strided_copy_kernel("copy", dtype, copy);
    CAPTURE(text(dtype, from, " to ", to));
    const Tensor want = copied(x, copy, Tensor(dtype, to));
    CHECK(run_kernel(kernel, {x}, {{dtype, to}})[0] == want);
    CHECK(run_kernel(kernel, {misaligned(x)}, {{dtype, to}})[0] == want);
  }
}

void check_transpose(const Shape& from, const std::vector<int>& axes) {
  StridedCopy copy;
  Shape to;
  for (const int a : axes) {
    to.push_back(from[a]);
    copy.from_strides.push_back(dense_strides(from)[static_cast<size_t>(a)]);
  }
  copy.sizes = to.sizes();
  copy.to_strides = dense_strides(to);
  check_copy(from, to, copy);
}

}  // namespace

TEST_CASE("a strided copy transposes any axes of any size") {
  check_transpose({1, 1}, {1, 0});
  check_transpose({3, 5}, {1, 0});
  check_transpose({17, 130}, {1, 0});
  check_transpose({300, 401}, {1, 0});  // several slices
  check_transpose({2, 3, 4}, {2, 1, 0});
  check_transpose({2, 33, 4}, {1, 0, 2});
  check_transpose({3, 1, 5, 2}, {3, 1, 0, 2});
  check_transpose({2, 3, 2, 3, 2}, {4, 2, 0, 3, 1});
  check_transpose({0, 3}, {1, 0});
  check_transpose({}, {});
}

TEST_CASE("a strided copy broadcasts") {
  const auto check = [](const Shape& from, const Shape& to) { check_copy(from, to, {to.sizes(), broadcast_strides(from, to), dense_strides(to)}); };
  check({}, {7});
  check({1}, {200000});
  check({5}, {3, 5});
  check({3, 1}, {3, 5});
  check({2, 1, 3}, {4, 2, 5, 3});
  check({1, 3}, {0, 3});
}

TEST_CASE("a strided copy takes every second element, from an offset") {
  check_copy({5, 7}, {2, 3}, {{2, 3}, {14, 2}, {3, 1}, 8, 0});
  check_copy({9}, {3}, {{3}, {3}, {1}, 1, 0});
}

TEST_CASE("pad writes its value everywhere else") {
  for (const DType dtype : dtypes) {
    const Tensor x = counted({2, 3}, dtype);
    const StridedCopy into{{2, 3}, {3, 1}, {3 * 9, 2}, 0, 9 + 2};
    const Tensor want = copied(x, into, Tensor({6, 9}, std::vector<double>(54, 7)).cast(dtype));
    CHECK(run_kernel(pad_kernel(dtype, into, 54, 7), {x}, {{dtype, {6, 9}}})[0] == want);
    const Tensor empty(dtype, {0, 3});
    CHECK(run_kernel(pad_kernel(dtype, {{0, 3}, {3, 1}, {3, 1}}, 6, 7), {empty}, {{dtype, {2, 3}}})[0] == Tensor({2, 3}, std::vector<double>(6, 7)).cast(dtype));
  }
}

TEST_CASE("concat puts rows one after another, whatever the slices") {
  const Tensor a = counted({3, 2}, DType::float32), b = counted({3, 1}, DType::float32), none(DType::float32, {3, 0});
  const Tensor y = run_kernel(concat_kernel(3, {8, 0, 4}), {a, none, b}, {{DType::float32, {3, 3}}})[0];
  CHECK(y == Tensor{{0, 1, 0}, {2, 3, 1}, {4, 5, 2}});

  const int64_t rows = 7, wide = 120013, narrow = 3;  // long rows: a slice ends inside one
  const Tensor left = counted({rows, wide}, DType::uint8), right = counted({rows, narrow}, DType::uint8);
  const Kernel kernel = concat_kernel(rows, {wide, narrow});
  REQUIRE(kernel.phases[0].slices > 1);
  const Tensor both = run_kernel(kernel, {left, misaligned(right)}, {{DType::uint8, {rows, wide + narrow}}})[0];
  bool same = true;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t k = 0; k < wide + narrow; ++k)
      same = same && both.at(r * (wide + narrow) + k) == (k < wide ? left.at(r * wide + k) : right.at(r * narrow + k - wide));
  CHECK(same);
}

TEST_CASE("iota counts along its axis") {
  CHECK(run_kernel(iota_kernel(DType::float32, 1, 3, 2), {}, {{DType::float32, {3, 2}}})[0] == Tensor{{0, 0}, {1, 1}, {2, 2}});
  CHECK(run_kernel(iota_kernel(DType::int64, 2, 3, 1), {}, {{DType::int64, {2, 3}}})[0] == Tensor({2, 3}, std::vector<int64_t>{0, 1, 2, 0, 1, 2}));
  CHECK(run_kernel(iota_kernel(DType::bfloat16, 1, 2, 1), {}, {{DType::bfloat16, {2}}})[0].at(1) == 1);
}
