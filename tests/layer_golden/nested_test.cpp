// Files whose layers hold layers: how deep, and which.
#include <doctest/doctest.h>

#include "cornu/io/json.h"
#include "cornu/layers/layers.h"
#include "tests/messages.h"

using namespace cornu;
using namespace cornu::testing;

TEST_CASE("a file cannot nest layers without end, nor hide another layer where a cell belongs") {
  std::string nested = R"({"class_name": "Dense", "config": {"units": 1}})";
  for (int i = 0; i < 20; ++i) nested = R"({"class_name": "TimeDistributed", "config": {"layer": )" + nested + "}}";
  CHECK(layer_from_config(parse_json(nested)).class_name() == "TimeDistributed");
  for (int i = 0; i < 10000; ++i) nested = R"({"class_name": "Bidirectional", "config": {"layer": )" + nested + "}}";
  CHECK_THROWS_AS(layer_from_config(parse_json(nested)), LimitError);
  std::string within = R"({"class_name": "GRU", "config": {"units": 1}})";
  for (int i = 0; i < 40; ++i) within = R"({"class_name": "Bidirectional", "config": {"layer": )" + within + "}}";
  CHECK(has(error_of([&] { layer_to_config(layer_from_config(parse_json(within))); }), "Bidirectional wraps LSTM, GRU, SimpleRNN or RNN, and was given a Bidirectional"));
  CHECK_THROWS_AS(layer_from_config(parse_json(R"({"class_name": "RNN", "config": {"cell": {"class_name": "Dense", "config": {"units": 1}}}})")), UnsupportedError);
  CHECK(has(error_of([] { layer_from_config(parse_json(R"({"class_name": "LSTM", "config": {"units": 1, "time_major": true}})")); }), "LSTM: 'time_major' can only be false"));
}
