// Sets of nodes that grow and stay free of cycles.
#include "cornu/compiler/groups.h"

#include <doctest/doctest.h>

#include "cornu/ops/ops.h"

using namespace cornu;

TEST_CASE("two nodes are not made one where a path between them goes back inside of another group") {
  Graph g;
  const Value x = g.input("x", {DType::float32, {4}});
  const Value early = exp(x), reader = tanh(early), from = log(x), between = sin(from), late = cos(between);
  Groups groups(g);
  REQUIRE(groups.merge(early.node, late.node));
  CHECK_FALSE(groups.merge(reader.node, from.node));  // from, between, then late, whose group early is of, then reader
  CHECK(groups.merge(from.node, between.node));
  CHECK(groups.of(late.node) != groups.of(between.node));
  for (const Value v : {reader, late}) g.output(v);
  CHECK(groups.rebuild([](const auto&) { return std::nullopt; })->size() == g.size());
}
