// JSON text and Config.
#include "cornu/io/json.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "cornu/base/error.h"

using namespace cornu;

namespace {
/// The text of the FormatError that parsing gives.
std::string refusal(std::string_view json, const LoadLimits& limits = {}) {
  try {
    parse_json(json, limits);
  } catch (const FormatError& e) {
    return e.what();
  }
  return "(accepted)";
}
bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }
}  // namespace

TEST_CASE("what json.dumps wrote comes back to the byte") {
  for (const char* s : {R"({"module": "keras.layers", "config": {"units": 10, "rate": 0.5, "axis": [-1], "none": null, "yes": true, "no": false}})",
                        R"([])", R"({})", R"([[], {}, [[1]], "a\"b\\c\n\t\u00e9\ud83d\ude00\u007f"])", "-12", "NaN", "-Infinity",
                        R"([1e-07, 0.001, 0.0010000000474974513, 1.0, 1e+16, 123456789012345.0, -0.0, 1.5e+300, 5e-324])"}) {
    CAPTURE(s);
    CHECK(write_json(parse_json(s)) == s);
  }
}

TEST_CASE("floats are written as Python's repr writes them") {
  CHECK(python_float(1e15) == "1000000000000000.0");
  CHECK(python_float(1e16) == "1e+16");
  CHECK(python_float(0.0001) == "0.0001");
  CHECK(python_float(0.00001) == "1e-05");
  CHECK(python_float(1e100) == "1e+100");
  CHECK(python_float(0.1 + 0.2) == "0.30000000000000004");
  CHECK(python_float(123.456) == "123.456");
  CHECK(python_float(double{0.001f}) == "0.0010000000474974513");
  CHECK(python_float(-0.0) == "-0.0");
  CHECK(python_float(1.7976931348623157e308) == "1.7976931348623157e+308");
}

TEST_CASE("numbers keep their kind: integers stay integers") {
  CHECK(parse_json("10").is_int());
  CHECK_FALSE(parse_json("10.0").is_int());
  CHECK(parse_json("9223372036854775807").as_int() == std::numeric_limits<int64_t>::max());
  CHECK(std::isnan(parse_json(" NaN ").as_double()));
  CHECK(says(refusal("9223372036854775808"), "does not fit 64 bits"));
  CHECK(says(refusal("1e400"), "does not fit a double"));
}

TEST_CASE("the indented form reads back as the same") {
  const Config config = parse_json(R"({"a": [1, {"b": []}, "x"], "c": {}})");
  CHECK(write_json_indented(config) == "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    },\n    \"x\"\n  ],\n  \"c\": {}\n}");
  CHECK(parse_json(write_json_indented(config)) == config);
}

TEST_CASE("an error names the byte and the path") {
  const std::string e = refusal(R"({"config": {"layers": [1, 2, tru]}})");
  CHECK(says(e, "byte 29"));
  CHECK(says(e, "$.config.layers[2]"));
  CHECK(says(refusal(R"({"a": 1, "b": 2, "a": 3})"), "the key 'a' is given twice"));
}

TEST_CASE("text that is not JSON is refused") {
  for (const char* s : {"", " ", "[", "[1", "[1,", "[1,]", "[,1]", "{", "{\"a\"", "{\"a\":", "{\"a\":1,}", "{a: 1}", "[1] 2", "01", "-", "1.", ".5", "1e", "+1", "nul",
                        "'a'", "\"a", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\x01\"", "\"\xff\"", "\"\xc0\xaf\"",
                        "\"\xed\xa0\x80\"", "]", "}", "[1}", "{\"a\" 1}", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "\xef\xbb\xbf{}"}) {
    CAPTURE(s);
    CHECK(says(refusal(s), "JSON, byte"));
  }
}

TEST_CASE("depth, strings and tokens are limited") {
  CHECK(parse_json(std::string(128, '[') + std::string(128, ']')).is_list());
  CHECK_THROWS_AS(parse_json(std::string(129, '[')), LimitError);
  CHECK_THROWS_AS(parse_json(std::string(10'000'000, '[')), LimitError);
  CHECK_THROWS_AS(parse_json("\"abcd\"", {.json_string_bytes = 3}), LimitError);
  CHECK_THROWS_AS(parse_json("[1,2,3]", {.json_tokens = 3}), LimitError);
  CHECK_THROWS_AS(parse_json("[1,2,3]", {.json_bytes = 3}), LimitError);
  std::string many = "[0";
  for (int i = 0; i < 3'000'000; ++i) many += ",0";
  CHECK_THROWS_AS(parse_json(many + "]"), LimitError);  // 6 MB of text would become 400 MB of values
}
