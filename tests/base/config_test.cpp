#include "cornu/base/config.h"

#include <doctest/doctest.h>

#include "cornu/base/error.h"

using namespace cornu;

TEST_CASE("a config holds what JSON can say and gives it back") {
  CHECK(Config().is_null());
  CHECK(Config(true).as_bool());
  CHECK(Config(7).as_int() == 7);
  CHECK(Config(0.5).as_double() == 0.5);
  CHECK(Config("relu").as_string() == "relu");
  CHECK(Config(Config::List{1, "two"}).as_list().size() == 2);
  CHECK(Config(Config::Dict{{"a", 1}}).as_dict().front().first == "a");
}

TEST_CASE("numbers change kind only when nothing is lost") {
  CHECK(Config(7).as_double() == 7.0);
  CHECK(Config(7.0).as_int() == 7);
  CHECK(Config(-7.0).as_int() == -7);
  CHECK_THROWS_WITH_AS(Config(7.5).as_int(), "expected an integer, found a number", FormatError);
  CHECK_THROWS_AS(Config(1e300).as_int(), FormatError);
  CHECK_THROWS_AS(Config(true).as_int(), FormatError);
}

TEST_CASE("reading a config as what it is not says what it is") {
  CHECK_THROWS_WITH_AS(Config(7).as_bool(), "expected a boolean, found an integer", FormatError);
  CHECK_THROWS_WITH_AS(Config("7").as_int(), "expected an integer, found a string", FormatError);
  CHECK_THROWS_WITH_AS(Config().as_double(), "expected a number, found null", FormatError);
  CHECK_THROWS_WITH_AS(Config(1.5).as_string(), "expected a string, found a number", FormatError);
  CHECK_THROWS_WITH_AS(Config::dict().as_list(), "expected a list, found a dict", FormatError);
  CHECK_THROWS_WITH_AS(Config(Config::List{}).as_dict(), "expected a dict, found a list", FormatError);
}

TEST_CASE("a dict keeps the order of its keys, and replaces in place") {
  Config c = Config::dict();
  c.set("units", 10).set("activation", "relu").set("units", 20);
  CHECK(text(c) == "{units: 20, activation: \"relu\"}");
  CHECK(c["units"].as_int() == 20);
  CHECK(c["nothing"].is_null());
  CHECK(c.contains("activation"));
  CHECK_FALSE(c.contains("nothing"));
  CHECK(Config(3)["x"].is_null());
  CHECK_FALSE(Config(3).contains("x"));
}

TEST_CASE("a null becomes a dict or a list when something is put in") {
  Config dict, list;
  dict.set("a", Config());
  list.push_back(1);
  list.push_back(2.5);
  list.push_back(false);
  CHECK(text(dict, ' ', list, ' ', Config()) == "{a: null} [1, 2.5, false] null");
}

TEST_CASE("configs are equal when their values and the order of their keys are") {
  CHECK(Config(Config::List{1, "x"}) == Config(Config::List{1, "x"}));
  CHECK(Config(1) != Config(1.0));
  CHECK(Config(Config::Dict{{"a", 1}, {"b", 2}}) != Config(Config::Dict{{"b", 2}, {"a", 1}}));
}
