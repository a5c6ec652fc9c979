#include "cornu/tensor/shape.h"

#include <doctest/doctest.h>

#include "cornu/base/error.h"

using namespace cornu;

TEST_CASE("a shape knows its rank, its elements and its axes from either end") {
  const Shape s{2, 3, 4};
  CHECK(s.rank() == 3);
  CHECK(s.elements() == 24);
  CHECK(s.dim(0) == 2);
  CHECK(s.dim(-1) == 4);
  CHECK(s.axis(-3) == 0);
  CHECK(Shape{}.elements() == 1);
  CHECK(Shape{5, 0}.elements() == 0);
  CHECK_THROWS_WITH_AS(s.dim(3), "shape [2, 3, 4] has no axis 3", ShapeError);
  CHECK_THROWS_WITH_AS(s.axis(-4), "shape [2, 3, 4] has no axis -4", ShapeError);
  CHECK_THROWS_AS(Shape{}.dim(0), ShapeError);
}

TEST_CASE("a product of sizes that 64 bits cannot hold is an error, not another number") {
  const int64_t large = int64_t{1} << 32;
  CHECK_THROWS_WITH_AS((Shape{large, large}.elements()), "a tensor of shape [4294967296, 4294967296] has more elements than can be counted", ShapeError);
}

TEST_CASE("shapes are cut and joined") {
  const Shape s{2, 3, 4};
  CHECK(s.part(1, 2) == Shape{3});
  CHECK(s.part(1, 1) == Shape{});
  CHECK(s.drop_front() == Shape{3, 4});
  CHECK(s.drop_front(2) == Shape{4});
  CHECK(s.drop_back() == Shape{2, 3});
  CHECK(Shape{7} + s == Shape{7, 2, 3, 4});
  CHECK(s + Shape{} == s);
}

TEST_CASE("an unknown axis prints as a question mark") {
  CHECK(text(Shape{Shape::unknown, 784}) == "[?, 784]");
  CHECK(text(Shape{}) == "[]");
  CHECK_FALSE(Shape{Shape::unknown, 784}.is_known());
  CHECK(Shape{0}.is_known());
}

TEST_CASE("broadcasting follows NumPy's rule") {
  CHECK(broadcast({2, 3}, {3}) == Shape{2, 3});
  CHECK(broadcast({3}, {2, 3}) == Shape{2, 3});
  CHECK(broadcast({2, 1}, {1, 3}) == Shape{2, 3});
  CHECK(broadcast({}, {4, 5}) == Shape{4, 5});
  CHECK(broadcast({}, {}) == Shape{});
  CHECK(broadcast({8, 1, 6, 1}, {7, 1, 5}) == Shape{8, 7, 6, 5});
  CHECK(broadcast({0, 1}, {1, 3}) == Shape{0, 3});
  CHECK(broadcast({1}, {0}) == Shape{0});
  CHECK_THROWS_WITH_AS(broadcast({2, 3}, {2}), "shapes [2, 3] and [2] do not broadcast", ShapeError);
  CHECK_THROWS_WITH_AS(broadcast({2}, {0}), "shapes [2] and [0] do not broadcast", ShapeError);
}

TEST_CASE("strides step over dense elements, and stand still where an axis is stretched") {
  using Strides = std::vector<int64_t>;
  CHECK(dense_strides({2, 3, 4}) == Strides{12, 4, 1});
  CHECK(dense_strides({}) == Strides{});
  CHECK(broadcast_strides({3}, {2, 3}) == Strides{0, 1});
  CHECK(broadcast_strides({2, 1}, {2, 3}) == Strides{1, 0});
  CHECK(broadcast_strides({2, 1, 4}, {5, 2, 3, 4}) == Strides{0, 4, 0, 1});
  CHECK(broadcast_strides({}, {2, 3}) == Strides{0, 0});
}
