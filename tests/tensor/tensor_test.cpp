#include "cornu/tensor/tensor.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "cornu/base/error.h"

using namespace cornu;

namespace {
const Tensor counting({4, 2}, std::vector<int32_t>{0, 1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("a new tensor is zero, aligned, and of its shape") {
  const Tensor t(DType::float64, {3, 5});
  CHECK(t.size() == 15);
  CHECK(t.bytes() == 120);
  CHECK(reinterpret_cast<uintptr_t>(t.data()) % 64 == 0);
  for (const double v : t.values<double>()) CHECK(v == 0);
  CHECK(Tensor().shape() == Shape{});
  CHECK(Tensor().at(0) == 0);
  CHECK(Tensor(DType::uint8, {0, 28}).bytes() == 0);
}

TEST_CASE("tensors are made from lists and vectors") {
  CHECK(Tensor{1, 2, 3}.shape() == Shape{3});
  CHECK(Tensor{1, 2, 3}.dtype() == DType::float32);
  const Tensor m{{1, 2}, {3, 4}, {5, 6}};
  CHECK(m.shape() == Shape{3, 2});
  CHECK(m.at(3) == 4);
  CHECK(Tensor({2}, std::vector<bool>{true, false}).dtype() == DType::boolean);
  CHECK(Tensor::scalar(int64_t{7}).dtype() == DType::int64);
  CHECK(Tensor::scalar(2.5).at(0) == 2.5);
  CHECK_THROWS_WITH_AS((Tensor{{1, 2}, {3}}), "the rows of a tensor differ in length: 2 and 1", ShapeError);
  CHECK_THROWS_WITH_AS(Tensor({3}, std::vector<float>{1, 2}), "2 values for a tensor of shape [3]", ShapeError);
}

TEST_CASE("a tensor larger than memory is refused before memory is asked for") {
  CHECK_THROWS_AS(Tensor(DType::float32, {int64_t{1} << 40, int64_t{1} << 40}), LimitError);
  CHECK_THROWS_AS(Tensor(DType::float64, {int64_t{1} << 60}), LimitError);
  CHECK_THROWS_WITH_AS(Tensor(DType::float32, {Shape::unknown, 2}), "a tensor needs known sizes, but was given [?, 2]",
                       ShapeError);
}

TEST_CASE("copies share memory until one is written to") {
  Tensor a{1, 2, 3};
  const Tensor b = a;
  CHECK(a.data() == b.data());
  a.mutable_values<float>()[0] = 9;
  CHECK(a.data() != b.data());
  CHECK(a.at(0) == 9);
  CHECK(b.at(0) == 1);
  const void* own = a.data();
  a.mutable_values<float>()[1] = 8;  // alone now: in place
  CHECK(a.data() == own);
}

TEST_CASE("the last holder of memory writes in place") {
  Tensor a{1, 2};
  const void* memory = a.data();
  { const Tensor b = a; }
  a.mutable_data();
  CHECK(a.data() == memory);
}

TEST_CASE("rows share memory, and writing to them leaves the whole alone") {
  Tensor whole = counting;
  Tensor middle = whole.rows(1, 3);
  CHECK(middle == Tensor({2, 2}, std::vector<int32_t>{2, 3, 4, 5}));
  CHECK(middle.data() == whole.values<int32_t>().data() + 2);
  middle.mutable_values<int32_t>()[0] = 100;
  CHECK(middle.at(0) == 100);
  CHECK(middle.at(3) == 5);
  CHECK(whole == counting);
  CHECK(counting.rows(4, 4).shape() == Shape{0, 2});
  CHECK(counting.rows(0, 4) == counting);
  CHECK_THROWS_WITH_AS(counting.rows(3, 5), "rows 3 to 5 of a tensor of shape [4, 2]", ShapeError);
  CHECK_THROWS_AS(counting.rows(-1, 2), ShapeError);
  CHECK_THROWS_AS(counting.rows(3, 2), ShapeError);
  CHECK_THROWS_AS(Tensor().rows(0, 0), ShapeError);
}

TEST_CASE("rows outlive the whole, and may be written to then") {
  for (const int64_t first : {0, 2}) {
    Tensor part = Tensor({4}, std::vector<int32_t>{1, 2, 3, 4}).rows(first, first + 2);
    part.mutable_values<int32_t>()[1] = 50;
    CHECK(part == Tensor({2}, std::vector<int32_t>{static_cast<int32_t>(first + 1), 50}));
  }
}

TEST_CASE("borrowed memory is read where it lies and kept alive, and never written") {
  auto owner = std::make_shared<std::vector<float>>(std::vector<float>{0, 1, 2, 3});
  const std::weak_ptr<std::vector<float>> watch = owner;
  Tensor t = Tensor::borrow(DType::float32, {3}, owner->data() + 1, owner);
  CHECK(t.data() == owner->data() + 1);
  t.mutable_values<float>()[0] = 9;
  CHECK((*owner)[1] == 1);
  CHECK(t == Tensor{9, 2, 3});
  t = Tensor::borrow(DType::float32, {4}, owner->data(), owner);
  owner.reset();
  CHECK_FALSE(watch.expired());
  CHECK(t.at(3) == 3);
  t = Tensor();
  CHECK(watch.expired());
  CHECK_THROWS_AS(Tensor::borrow(DType::float32, {-1}, nullptr, nullptr), ShapeError);
}

TEST_CASE("reshaping keeps the numbers and their order") {
  const Tensor t = counting.reshaped({2, 4});
  CHECK(t.data() == counting.data());
  CHECK(t.at(5) == 5);
  CHECK_THROWS_WITH_AS(counting.reshaped({3, 3}), "cannot reshape [4, 2] to [3, 3]: 8 elements, not 9", ShapeError);
}

TEST_CASE("reading as another type is refused") {
  CHECK_THROWS_WITH_AS(counting.values<float>(), "a tensor of int32 was read as float32; cast() converts", ArgumentError);
  CHECK_THROWS_WITH_AS(counting.at(8), "element 8 of a tensor with 8", ArgumentError);
  CHECK_THROWS_AS(counting.at(-1), ArgumentError);
}

TEST_CASE("casting converts every element") {
  const Tensor f({4}, std::vector<double>{-1.75, 0, 2.999, 200});
  CHECK(f.cast(DType::int32) == Tensor({4}, std::vector<int32_t>{-1, 0, 2, 200}));
  CHECK(f.cast(DType::float32) == Tensor{-1.75f, 0, 2.999f, 200});
  CHECK(f.cast(DType::boolean) == Tensor({4}, std::vector<bool>{true, false, true, true}));
  CHECK(f.cast(DType::bfloat16).at(2) == 3);  // 2.999 needs more than 8 bits
  CHECK(f.cast(DType::float64).data() == f.data());
  CHECK(Tensor({2}, std::vector<bool>{true, false}).cast(DType::float32) == Tensor{1, 0});
  const int64_t large = (int64_t{1} << 53) + 1;  // no double
  CHECK(Tensor::scalar(large).cast(DType::int64).values<int64_t>()[0] == large);
  CHECK(Tensor::scalar(int32_t{-5}).cast(DType::int64).values<int64_t>()[0] == -5);
  CHECK(Tensor(Shape{1}, std::vector<uint8_t>{255}).cast(DType::bfloat16).at(0) == 255);
}

TEST_CASE("a scale is what a unit of an integer is worth, wherever numbers are read") {
  const Tensor image = Tensor({2, 1}, std::vector<uint8_t>{0, 255}).with_scale(1.0 / 255);
  CHECK(image.at(1) == 1);
  CHECK(image.cast(DType::float32) == Tensor({2, 1}, std::vector<float>{0, 1}));
  CHECK(image.cast(DType::float32).scale() == 1);
  CHECK(image.rows(1, 2).at(0) == 1);
  CHECK(image.reshaped({2}).scale() == image.scale());
  CHECK(image != Tensor({2, 1}, std::vector<uint8_t>{0, 255}));
  CHECK(image.values<uint8_t>()[1] == 255);  // the bytes stay bytes
  CHECK(image.cast(DType::uint8) == Tensor({2, 1}, std::vector<uint8_t>{0, 1}));
}

TEST_CASE("tensors are equal in dtype, shape and every bit") {
  CHECK(Tensor{1, 2} == Tensor{1, 2});
  CHECK(Tensor{1, 2} != Tensor{1, 3});
  CHECK(Tensor{1, 2} != Tensor{{1, 2}});
  CHECK(Tensor{1, 2} != Tensor({2}, std::vector<double>{1, 2}));
  CHECK(Tensor{0.0f} != Tensor{-0.0f});
  CHECK(Tensor(DType::int64, {0}) == Tensor(DType::int64, {0}));
}

TEST_CASE("a tensor prints its dtype, its shape and a few numbers") {
  CHECK(text(Tensor{1, 2.5f}) == "float32[2] {1, 2.5}");
  CHECK(text(Tensor::scalar(int32_t{3})) == "int32[] {3}");
  CHECK(text(Tensor(DType::uint8, {3, 4})) == "uint8[3, 4] {0, 0, 0, 0, 0, 0, 0, 0, ...}");
}
