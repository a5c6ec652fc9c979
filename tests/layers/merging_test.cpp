// Merging layers: masks, and what they say to inputs that do not fit.
#include <doctest/doctest.h>

#include "trace.h"

using namespace cornu;
using namespace cornu::testing;

TEST_CASE("merging layers say what they take") {
  CHECK(has(says(Add{}, {{2, 3}, {2, 4}}), "add: Add takes inputs whose samples broadcast, and was given [2, 3], [2, 4]"));
  CHECK(has(says(Multiply{}, {{2, 3}, {4, 3}}), "multiply: Multiply merges inputs of as many samples each, and was given [2, 3], [4, 3]"));
  CHECK(has(says(Average{}, {}), "Average merges one input or more, and was given none"));
  CHECK(has(says(Maximum{}, {{2, 3}, {2, 2}}), "Maximum takes inputs whose samples broadcast"));
  CHECK(has(says(Minimum{}, {{2, 3}, {3, 3}}), "Minimum merges inputs of as many samples"));
  CHECK(has(says(Subtract{}, {{2, 3}, {2, 3}, {2, 3}}), "subtract: Subtract takes two inputs, and was given 3"));
  CHECK(has(says(Concatenate{}, {{2, 3, 1}, {2, 4, 1}}), "concatenate: Concatenate takes inputs that differ only along axis -1, and was given [2, 3, 1], [2, 4, 1]"));
  CHECK(has(says(Concatenate{3}, {{2, 3}, {2, 4}}), "Concatenate: there is no axis 3 in [2, 3]"));
  CHECK(has(says(Dot{1}, {{2, 3}, {2, 4}}), "dot: Dot needs as many numbers along axis 1 of [2, 3] as along axis 1 of [2, 4]"));
  CHECK(has(says(Dot{{0, 1}}, {{2, 3}, {2, 4}}), "Dot cannot sum along the batch axis of [2, 3]"));
  CHECK(has(says(Dot{{1, 1, 1}}, {{2, 3}, {2, 3}}), "Dot takes one axis, or one for each input, and was given [1, 1, 1]"));
  CHECK(has(says(Dot{1}, {{2, 3}}), "Dot takes two inputs, and was given 1"));
  CHECK(has(says(Dot{1}, {{2}, {2}}), "Dot takes inputs of two axes or more"));
}

TEST_CASE("a merge counts where any input does, if all have masks") {
  Trace t;
  const Value a = t.input({2, 3, 4}), b = t.input({2, 3, 4}), mask = t.input({2, 3}, DType::boolean);
  t.scope.set_mask(a, mask);
  CHECK_FALSE(t.scope.mask(t(Add{}, {a, b})[0]).has_value());
  t.scope.set_mask(b, t.input({2, 3}, DType::boolean));
  CHECK(t.scope.mask(t(Add{}, {a, b})[0]).has_value());
  CHECK_FALSE(t.scope.mask(t(Dot{1}, {a, b})[0]).has_value());
  const auto joined = t.scope.mask(t(Concatenate{1}, {a, b})[0]);
  REQUIRE(joined.has_value());
  CHECK(joined->shape() == Shape{2, 6});
}

TEST_CASE("integers become floats where they are merged") {
  Trace t;
  CHECK(t(Add{}, {t.input({2, 3}, DType::int32), t.input({2, 3})})[0].dtype() == DType::float32);
  CHECK(t(Concatenate{}, {t.input({2, 3}, DType::int32), t.input({2, 1})})[0].shape() == Shape{2, 4});
}
