// Direct computation, written down once and run often.
#include "cornu/compiler/recording.h"

#include <doctest/doctest.h>

#include "cornu/ops/ops.h"
#include "tests/compiler/eager.h"
#include "tests/harness.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

std::vector<float> numbers(const std::shared_ptr<LazyVariable>& v) {
  const auto* data = static_cast<const float*>(v->data);
  return {data, data + v->type.shape[0]};
}

const TensorType pair = {DType::float32, {2}};

}  // namespace

TEST_CASE("what is recorded runs on the inputs and the variables of each run") {
  Eager eager;
  const auto v = variable({1, 10});
  Recording recording(eager);
  const Lazy x = recording.input(pair);
  Lazy y;
  {
    const Recording::Here here(recording);
    y = times(eager, x, eager.read(v));
    eager.evaluate({}, {{v, plus(eager, eager.read(v), x)}});
    y = plus(eager, y, eager.read(v));  // as it was assigned
  }
  CHECK(numbers(v) == std::vector<float>{1, 10});  // nothing has run
  Recorded step = recording.compile({y});
  const int64_t compiled = eager.compiled();
  const float first[] = {2, 3}, second[] = {1, 1};
  step.run(std::vector<const void*>{first});
  CHECK(step.output(0).at(0) == 2 * 1 + 3);
  CHECK(step.output(0).at(1) == 3 * 10 + 13);
  CHECK(numbers(v) == std::vector<float>{3, 13});
  step.run(std::vector<const void*>{second});
  CHECK(step.output(0).at(1) == 13 + 14);
  CHECK(numbers(v) == std::vector<float>{4, 14});
  CHECK(eager.compiled() == compiled);
}

TEST_CASE("a tensor of a recording has no number, and others may be computed meanwhile") {
  Eager eager;
  Recording recording(eager);
  const Lazy x = recording.input(pair), c = Tensor{1, 2};
  const Recording::Here here(recording);
  CHECK_THROWS_WITH_AS(eager.value(times(eager, x, c)), doctest::Contains("no numbers"), ArgumentError);
  CHECK(eager.value(times(eager, c, c)).at(1) == 4);
}

TEST_CASE("what was known before is a constant of the recording") {
  Eager eager;
  const auto v = variable({1, 10});
  const Lazy before = plus(eager, eager.read(v), Tensor{1, 1});
  Recording recording(eager);
  const Lazy x = recording.input(pair);
  Lazy y;
  {
    const Recording::Here here(recording);
    y = times(eager, x, before);
    eager.evaluate({}, {{v, x}});
  }
  Recorded step = recording.compile({y});
  const float ones[] = {1, 1};
  for (int i = 0; i < 2; ++i) {
    step.run(std::vector<const void*>{ones});
    CHECK(step.output(0).at(1) == 11);
  }
}

TEST_CASE("variables may change places, and an output may show what one was") {
  Eager eager;
  const auto a = variable({1, 2}), b = variable({3, 4});
  Recording recording(eager);
  Lazy old;
  {
    const Recording::Here here(recording);
    old = eager.read(a);
    eager.evaluate({}, {{a, eager.read(b)}});
    eager.evaluate({}, {{b, old}});
  }
  Recorded step = recording.compile({old});
  step.run({});
  CHECK(numbers(a) == std::vector<float>{3, 4});
  CHECK(numbers(b) == std::vector<float>{1, 2});
  CHECK(step.output(0).at(0) == 1);
}

TEST_CASE("an output that is an input stays when the input's memory is gone") {
  Eager eager;
  Recording recording(eager);
  const Lazy x = recording.input(pair);
  Recorded step = recording.compile({x});
  std::vector<float> numbers = {2, 3};
  step.run(std::vector<const void*>{numbers.data()});
  numbers = {0, 0};
  CHECK(step.output(0).at(1) == 3);
}

TEST_CASE("a variable that was assigned to has a slope, before and after") {
  Eager eager;
  const auto w = variable({1, 10});
  Recording recording(eager);
  const Lazy x = recording.input(pair);
  std::vector<Lazy> slopes;
  {
    const Recording::Here here(recording);
    const auto tape = eager.tape();
    eager.record(tape);
    const Lazy first = times(eager, eager.read(w), x);
    eager.evaluate({}, {{w, Lazy(Tensor{5, 5})}});
    const Lazy y = plus(eager, first, times(eager, eager.read(w), eager.read(w)));
    eager.stop(tape);
    slopes = eager.gradients(*tape, {y}, {eager.read(w)}, {Lazy(Tensor{1, 1})});
  }
  REQUIRE(slopes[0]);
  Recorded step = recording.compile(slopes);
  const float numbers[] = {2, 3};
  step.run(std::vector<const void*>{numbers});
  CHECK(step.output(0).at(0) == 2 + 2 * 5);
  CHECK(step.output(0).at(1) == 3 + 2 * 5);
}

TEST_CASE("what was read from a variable is kept before a run writes it") {
  Eager eager;
  const auto v = variable({1, 10});
  Recording recording(eager);
  {
    const Recording::Here here(recording);
    eager.evaluate({}, {{v, plus(eager, eager.read(v), eager.read(v))}});
  }
  Recorded step = recording.compile({});
  CHECK(!step.awaited());
  const Lazy before = eager.read(v);
  CHECK(step.awaited());
  step.settle();
  step.run({});
  CHECK(eager.value(before).at(1) == 10);
  CHECK(eager.value(eager.read(v)).at(1) == 20);
}
