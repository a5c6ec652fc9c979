#include <doctest/doctest.h>

#include "evaluate.h"

using namespace cornu;

namespace {
Tensor draw(const Random& how, int64_t first_row = 0) {
  return evaluate({Tensor({3}, std::vector<int64_t>{1, 2, first_row})}, [&](const auto& in) { return random(in[0], how); });
}
}  // namespace

TEST_CASE("a batch draws for its samples what the whole set would") {
  Random how{Distribution::normal, {48, 5, 2}};
  const Tensor whole = draw(how);
  how.shape = {16, 5, 2};
  CHECK(draw(how, 16) == whole.rows(16, 32));
}

TEST_CASE("a scalar and a vector can be drawn, and nothing") {
  CHECK(draw({Distribution::uniform, {}}).size() == 1);
  CHECK(draw({Distribution::bernoulli, {9}, DType::boolean, 1}) == Tensor({9}, std::vector<bool>(9, true)));
  CHECK(draw({Distribution::uniform, {0, 3}}).size() == 0);
}

TEST_CASE("errors of random say what was given") {
  const auto error = [](TensorType key, const Random& how) { return error_of({key}, [&](Graph&, const auto& in) { random(in[0], how); }); };
  const TensorType key{DType::int64, {3}};
  CHECK(error({DType::int32, {3}}, {}) == "random takes a key int64[3] {seed, step, first row}, but was given [int32[3]]");
  CHECK(error(key, {Distribution::bernoulli, {2}, DType::float32, 1.5}) == "random bernoulli: a is a probability, but was given 1.5");
  CHECK(error(key, {Distribution::uniform, {2}, DType::int32, 3, 3}) == "random uniform in [3, 3) of int32 has no numbers to draw");
  CHECK(error(key, {Distribution::normal, {2}, DType::int32}) == "random normal draws floats with a deviation of at least 0, but was given int32 and 1");
}
