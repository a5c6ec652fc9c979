#include "cornu/base/error.h"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

using namespace cornu;

TEST_CASE("text joins what it is given, numbers as short as they can be read back") {
  CHECK(text("Dense '", std::string("dense_1"), "': ", 3, ' ', int64_t{-7}, ' ', true, ' ', std::string_view("ok")) ==
        "Dense 'dense_1': 3 -7 true ok");
  CHECK(text(0.1, ' ', 1.0, ' ', 1e-7, ' ', 0.1f, ' ', 1.0 / 3) == "0.1 1 1e-07 0.1 0.3333333333333333");
  CHECK(text(std::numeric_limits<double>::infinity(), ' ', -std::numeric_limits<double>::infinity()) == "inf -inf");
  CHECK(text(std::vector<int>{1, 2}, std::vector<std::string>{}, std::vector<std::vector<int>>{{3}, {}}) == "[1, 2][][[3], []]");
  CHECK(text() == "");
}

TEST_CASE("require throws the type that is asked for, with the parts as its text") {
  require(true, "never");
  CHECK_THROWS_WITH_AS(require(false, "units is ", -1), "units is -1", ArgumentError);
  CHECK_THROWS_WITH_AS(require<IoError>(false, "cannot open"), "cannot open", IoError);
  CHECK_THROWS_WITH_AS(ensure(1 + 1 == 3, "lost"), "lost", InternalError);
}

TEST_CASE("whoever catches Error catches all") {
  const auto caught = [](auto error) {
    try {
      throw error;
    } catch (const Error& e) {
      return std::string(e.what());
    }
  };
  CHECK(caught(ArgumentError("a")) == "a");
  CHECK(caught(ShapeError("b")) == "b");
  CHECK(caught(UnsupportedError("c")) == "c");
  CHECK(caught(LimitError("d")) == "d");
  CHECK(caught(UnsafeError("e")) == "e");
  CHECK(caught(NumericError("f")) == "f");
  CHECK(caught(InternalError("g")) == "g");
  CHECK_THROWS_AS(throw ShapeError("x"), ArgumentError);
  CHECK_THROWS_AS(throw LimitError("x"), FormatError);
}

TEST_CASE("the nearest name is suggested, and none when all are far") {
  const std::vector<std::string_view> known = {"relu", "sigmoid", "softmax", "softplus"};
  CHECK(did_you_mean("rleu", known) == " (did you mean 'relu'?)");
  CHECK(did_you_mean("RELU", known) == " (did you mean 'relu'?)");
  CHECK(did_you_mean("softmx", known) == " (did you mean 'softmax'?)");
  CHECK(did_you_mean("soft_plus", known) == " (did you mean 'softplus'?)");
  CHECK(did_you_mean("convolution", known) == "");
  CHECK(did_you_mean("", std::vector<std::string_view>{}) == "");
  CHECK(did_you_mean(std::string(1 << 20, 'r'), known) == "");  // and takes no time over it
}

TEST_CASE("bytes from outside are printed without their power over terminals") {
  CHECK(printable("plain text") == "plain text");
  CHECK(printable("a\x1b[31m\n\xff") == "a\\x1b[31m\\x0a\\xff");
  CHECK(printable(std::string_view("\0", 1)) == "\\x00");
  CHECK(printable(std::string(200, 'x')) == std::string(200, 'x'));
  CHECK(printable(std::string(201, 'x')) == std::string(200, 'x') + "...");
}
