// Direct computation: ops put off until they are read, variables, and tapes.
#include "cornu/compiler/lazy.h"

#include <doctest/doctest.h>

#include "cornu/ops/ops.h"
#include "tests/compiler/eager.h"
#include "tests/harness.h"

using namespace cornu;
using namespace cornu::testing;

TEST_CASE("nothing is compiled before a result is read, and then all of it at once") {
  Eager eager;
  const Lazy x = Tensor{1, 2, 3};
  const Lazy y = total(eager, times(eager, x, x));
  CHECK(y.type().shape == Shape{});
  CHECK(eager.compiled() == 0);
  CHECK(eager.value(y).at(0) == 14);
  CHECK(eager.compiled() == 1);
}

TEST_CASE("what was done before, on other numbers, is not compiled again") {
  Eager eager;
  for (int i = 1; i < 6; ++i) {
    const Lazy x = Tensor{static_cast<float>(i), 2};
    CHECK(eager.value(times(eager, x, x)).at(0) == i * i);
  }
  CHECK(eager.compiled() == 1);
}

TEST_CASE("a result that is read first brings along what others hold, so that it is computed once") {
  Eager eager;
  const Lazy x = Tensor{1, 2, 3};
  const Lazy square = times(eager, x, x);
  CHECK(eager.value(total(eager, square)).at(0) == 14);
  REQUIRE(square.known());
  CHECK(square.known()->at(2) == 9);
}

TEST_CASE("an op that does not fit is refused where it is written") {
  Eager eager;
  CHECK_THROWS_AS(times(eager, Tensor{1, 2, 3}, Tensor{1, 2}), ShapeError);
}

TEST_CASE("what was read from a variable stays what it was when the variable changes") {
  Eager eager;
  const auto w = variable({1, 2});
  const Lazy before = eager.read(w), twice = times(eager, before, Tensor{2, 2});
  eager.evaluate({}, {{w, times(eager, eager.read(w), Tensor{10, 10})}});
  CHECK(eager.value(eager.read(w)) == Tensor{10, 20});
  CHECK(eager.value(before) == Tensor{1, 2});
  CHECK(eager.value(twice) == Tensor{2, 4});
}

TEST_CASE("an output that lies in a variable's memory is not overwritten by the assignment beside it") {
  Eager eager;
  const auto w = variable({1, 2, 3, 4});
  const Lazy view = eager.apply({eager.read(w)}, [](Graph&, Values v) { return std::vector{reshape(v[0], {2, 2})}; })[0];
  eager.evaluate({view}, {{w, times(eager, eager.read(w), Tensor{0, 0, 0, 0})}});
  CHECK(eager.value(view).at(3) == 4);
  CHECK(eager.value(eager.read(w)).at(3) == 0);
}

TEST_CASE("variables that something else writes to are read before") {
  Eager eager;
  const auto w = variable({1, 2});
  const Lazy twice = times(eager, eager.read(w), Tensor{2, 2});
  eager.keep_readings(w);
  static_cast<float*>(w->data)[0] = 100;
  CHECK(eager.value(twice) == Tensor{2, 4});
  CHECK(eager.value(eager.read(w)) == Tensor{100, 2});
}

TEST_CASE("a loop over one variable compiles its step once") {
  Eager eager;
  const auto w = variable({1, 1});
  for (int i = 0; i < 8; ++i) eager.evaluate({}, {{w, times(eager, eager.read(w), Tensor{2, 1})}});
  CHECK(eager.value(eager.read(w)) == Tensor{256, 1});
  CHECK(eager.compiled() == 2);  // the step, and the reading
}

TEST_CASE("a tape differentiates what it saw, and nothing else") {
  Eager eager;
  const Lazy x = Tensor{1, 2, 3};
  const Lazy before = times(eager, x, x);
  const auto tape = eager.tape();
  eager.record(tape);
  const Lazy y = total(eager, times(eager, times(eager, x, x), x)), z = total(eager, before);
  eager.stop(tape);
  const Lazy one = Tensor::scalar(1.0f);
  CHECK(eager.value(eager.gradients(*tape, {y}, {x}, {one})[0]) == Tensor{3, 12, 27});
  CHECK(!eager.gradients(*tape, {z}, {x}, {one})[0]);
  CHECK(eager.value(eager.gradients(*tape, {z}, {before}, {one})[0]) == Tensor{1, 1, 1});
}

TEST_CASE("a result that was read while the tape recorded is differentiated all the same, until the tape is forgotten") {
  Eager eager;
  const Lazy x = Tensor{1, 2, 3};
  const auto tape = eager.tape();
  eager.record(tape);
  const Lazy y = total(eager, times(eager, x, x));
  CHECK(eager.value(y).at(0) == 14);
  eager.stop(tape);
  CHECK(eager.value(eager.gradients(*tape, {y}, {x}, {Lazy(Tensor::scalar(1.0f))})[0]) == Tensor{2, 4, 6});
  CHECK(y.node()->op.has_value());
  eager.forget(tape);
  CHECK(!y.node()->op.has_value());
}

TEST_CASE("a tape around a tape gives second derivatives") {
  Eager eager;
  const Lazy x = Tensor{1, 2, 3}, one = Tensor::scalar(1.0f);
  const auto outer = eager.tape(), inner = eager.tape();
  eager.record(outer);
  eager.record(inner);
  const Lazy y = total(eager, times(eager, times(eager, x, x), x));
  eager.stop(inner);
  const Lazy slope = eager.gradients(*inner, {y}, {x}, {one})[0];
  eager.stop(outer);
  CHECK(eager.value(eager.gradients(*outer, {slope}, {x}, {Lazy(Tensor{1, 1, 1})})[0]) == Tensor{6, 12, 18});
}

TEST_CASE("what nothing leads to has no gradient") {
  Eager eager;
  const Lazy x = Tensor{1, 2, 3};
  const auto tape = eager.tape();
  eager.record(tape);
  const Lazy y = total(eager, eager.apply({x}, [](Graph&, Values v) { return std::vector{cast(argmax(v[0]), DType::float32) + 0.0}; })[0]);
  CHECK(!eager.gradients(*tape, {y}, {x}, {Lazy(Tensor::scalar(1.0f))})[0]);
}

TEST_CASE("a long chain is computed on the way, and taken apart without recursion") {
  Eager eager;
  Lazy x = Tensor{1, 2};
  const Lazy one = Tensor{1, 1};
  for (int i = 0; i < 5000; ++i) x = times(eager, x, one);
  CHECK(eager.value(x) == Tensor{1, 2});
  CHECK(eager.compiled() >= 2);
}

TEST_CASE("a variable that was assigned to after it was read has the slopes of what was read") {
  Eager eager;
  const auto w = variable({3, 3});
  const auto tape = eager.tape();
  eager.record(tape);
  const Lazy before = eager.read(w), y = times(eager, before, before);
  eager.evaluate({}, {{w, Lazy(Tensor{10, 10})}});
  const Lazy z = total(eager, times(eager, y, eager.read(w)));  // w1^2 w2
  eager.stop(tape);
  CHECK(eager.value(eager.gradients(*tape, {z}, {eager.read(w)}, {Lazy(Tensor::scalar(1.0f))})[0]) == Tensor{69, 69});  // 2 w1 w2 + w1^2
}
