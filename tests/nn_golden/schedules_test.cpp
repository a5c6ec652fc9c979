// Learning rate schedules: Keras's rates and configs.
#include <doctest/doctest.h>

#include "cornu/optimizers/schedules.h"
#include "golden.h"

using namespace cornu;
using namespace cornu::testing;

TEST_CASE("schedules give Keras's rates, and their configs come and go") {
  const Config all = golden("schedules.json");
  const Config::List& steps = all["steps"].as_list();
  for (const Config& c : all["cases"].as_list()) {
    CAPTURE(c["config"]);
    LearningRate rate;
    from_config(c["config"], rate);
    REQUIRE(rate.scheduled());
    for (size_t i = 0; i < steps.size(); ++i) {
      CAPTURE(steps[i]);
      CHECK(rate.at(steps[i].as_int()) == doctest::Approx(c["values"].as_list()[i].as_double()).epsilon(1e-5));
    }
    const Config mine = to_config(rate);
    CHECK(mine["class_name"] == c["config"]["class_name"]);
    CHECK(mine["module"] == c["config"]["module"]);
    for (const auto& [key, value] : c["config"]["config"].as_dict()) {
      CAPTURE(key);
      if (value.is_number()) CHECK(mine["config"][key].as_double() == value.as_double());
      else if (!value.is_list()) CHECK(mine["config"][key] == value);
    }
    CHECK(mine["config"].as_dict().size() == c["config"]["config"].as_dict().size());
  }
}

TEST_CASE("a rate is a number, or a function of the user's that no file can hold") {
  CHECK(LearningRate(0.25).at(7) == 0.25);
  const LearningRate mine = [](Value step) { return step * step; };
  CHECK(mine.at(3) == 9);
  CHECK_THROWS_AS(to_config(mine), UnsupportedError);
}
