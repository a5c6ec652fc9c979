#include <doctest/doctest.h>

#include "evaluate.h"

using namespace cornu;

TEST_CASE("gather and scatter_add are each other's transpose") {
  const Tensor table{{1, 2}, {3, 4}, {5, 6}}, picks({2, 2}, std::vector<int32_t>{2, 0, 2, 5}), dy({2, 2, 2}, std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(evaluate({table, picks}, [](const auto& in) { return gather(in[0], in[1]); }) == Tensor({2, 2, 2}, std::vector<float>{5, 6, 1, 2, 5, 6, 0, 0}));
  const Tensor back{{3, 4}, {0, 0}, {6, 8}};
  CHECK(evaluate({table, picks, dy}, [](const auto& in) { return gradient_rule(gather(in[0], in[1]), in[2])[0]; }) == back);
  CHECK(evaluate({dy, picks}, [](const auto& in) { return scatter_add(in[0], in[1], 3); }) == back);
  CHECK(evaluate({dy, picks, table}, [](const auto& in) { return gradient_rule(scatter_add(in[0], in[1], 3), in[2])[0]; }) ==
        Tensor({2, 2, 2}, std::vector<float>{5, 6, 1, 2, 5, 6, 0, 0}));
}

TEST_CASE("one_hot is 1 at the index, and nowhere for an index that is no class") {
  const Tensor want({3, 3}, std::vector<float>{0, 1, 0, 0, 0, 0, 1, 0, 0});
  CHECK(evaluate({Tensor({3}, std::vector<int32_t>{1, 3, 0})}, [](const auto& in) { return one_hot(in[0], 3); }) == want);
  CHECK(evaluate({Tensor({3}, std::vector<int64_t>{1, -1, 0})}, [](const auto& in) { return one_hot(in[0], 3); }) == want);
  const Tensor wide = evaluate({Tensor({1}, std::vector<uint8_t>{3})}, [](const auto& in) { return one_hot(in[0], 300); });  // more than uint8 counts
  for (int64_t k = 0; k < 300; ++k) CHECK(wide.at(k) == (k == 3));
}

TEST_CASE("errors of gather say what was given and what to do") {
  const TensorType floats{DType::float32, {3}}, ints{DType::int32, {2}};
  CHECK(error_of({floats, floats}, [](Graph&, const auto& in) { gather(in[0], in[1]); }) ==
        "gather: indices are integers, but were given as float32[3]; cast them to int32");
  CHECK(error_of({floats, ints}, [](Graph&, const auto& in) { scatter_add(in[0], in[1], 5); }) ==
        "scatter_add into 5 rows: updates float32[3] do not start with the shape of the indices int32[2]");
  CHECK(error_of({floats}, [](Graph&, const auto& in) { one_hot(in[0], 5); }) == "one_hot: indices are integers, but were given as float32[3]; cast them to int32");
}
