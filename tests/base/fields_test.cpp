#include "cornu/base/fields.h"

#include <doctest/doctest.h>

#include <limits>

using namespace cornu;

namespace {
struct Everything {
  int64_t units = 3;
  int count = 4;
  bool use_bias = true;
  double rate = 0.5;
  float slope = 0.1f;
  std::string activation = "relu";
  std::optional<double> seed = {};
  std::vector<int64_t> sizes = {1, 2};
  CORNU_FIELDS(units, count, use_bias, rate, slope, activation, seed, sizes)
};
struct Nothing {
  CORNU_FIELDS()
};
}  // namespace

TEST_CASE("fields are written in their order") {
  CHECK(field_names<Everything>() ==
        std::vector<std::string_view>{"units", "count", "use_bias", "rate", "slope", "activation", "seed", "sizes"});
  const Config config = fields_to_config(Everything{});
  CHECK(config["units"].as_int() == 3);
  CHECK(config["use_bias"].as_bool());
  CHECK(static_cast<float>(config["slope"].as_double()) == 0.1f);
  CHECK(config["seed"].is_null());
  CHECK(text(config["sizes"]) == "[1, 2]");
  CHECK(config.as_dict().size() == 8);
  CHECK(fields_to_config(Nothing{}) == Config::dict());
}

TEST_CASE("fields read back are the fields written") {
  Everything from{
      .units = 9, .count = -1, .use_bias = false, .rate = 1e-3, .slope = 0.3f, .activation = "", .seed = 7.0, .sizes = {}},
      to;
  fields_from_config(fields_to_config(from), to, "Everything");
  CHECK(to.units == 9);
  CHECK(to.count == -1);
  CHECK_FALSE(to.use_bias);
  CHECK(to.rate == 1e-3);
  CHECK(to.slope == 0.3f);
  CHECK(to.activation == "");
  CHECK(to.seed == 7.0);
  CHECK(to.sizes.empty());
}

TEST_CASE("what a config does not name keeps its default, and null empties an optional") {
  Everything to{.rate = 2, .seed = 1.0};
  fields_from_config(Config(Config::Dict{{"units", 5}, {"seed", Config()}}), to, "Everything");
  CHECK(to.units == 5);
  CHECK(to.rate == 2);
  CHECK_FALSE(to.seed);
}

TEST_CASE("an unknown option is refused, and the near one suggested") {
  Everything to;
  CHECK_THROWS_WITH_AS(fields_from_config(Config(Config::Dict{{"unit", 5}}), to, "Dense 'a'"),
                       "Dense 'a' has no option 'unit' (did you mean 'units'?)", FormatError);
  const std::vector<std::string_view> also = {"name"};
  fields_from_config(Config(Config::Dict{{"name", "x"}}), to, "Dense 'a'", also);
  Nothing nothing;
  CHECK_THROWS_WITH_AS(fields_from_config(Config(Config::Dict{{"units", 5}}), nothing, "Flatten"),
                       "Flatten has no option 'units'", FormatError);
}

TEST_CASE("a value of the wrong kind names its field") {
  Everything to;
  const auto set = [&](Config::Dict dict) { fields_from_config(Config(std::move(dict)), to, "Dense"); };
  CHECK_THROWS_WITH_AS(set({{"units", "ten"}}), "Dense: 'units': expected an integer, found a string", FormatError);
  CHECK_THROWS_WITH_AS(set({{"use_bias", 1}}), "Dense: 'use_bias': expected a boolean, found an integer", FormatError);
  CHECK_THROWS_WITH_AS(set({{"sizes", Config::List{1, Config()}}}), "Dense: 'sizes': expected an integer, found null",
                       FormatError);
  CHECK_THROWS_WITH_AS(fields_from_config(Config(3), to, "Dense"), "expected a dict, found an integer", FormatError);
}
