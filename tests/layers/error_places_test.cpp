// What a layer says besides its own words when something goes wrong in it: its name, whoever found the mistake.
#include <doctest/doctest.h>

#include "cornu/base/rethrow.h"
#include "cornu/layers/layers.h"
#include "tests/messages.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

struct OwnError : ArgumentError { using ArgumentError::ArgumentError; };

/// A layer of a program's own that says no name.
struct Refuses {
  int how = 0;
  CORNU_FIELDS(how)
  static constexpr std::string_view class_name = "Refuses";
  Value operator()(Value x, Scope&) const {
    require<ShapeError>(how != 0, "not this");
    require<UnsupportedError>(how != 1, "not this");
    require<OwnError>(how != 2, "not this");
    return x;
  }
};

struct Around {
  Layer layer;
  Value operator()(Value x, Scope& scope) const { return layer({x}, scope)[0]; }
};

template <class E> std::string said(const Layer& layer, const std::vector<Shape>& shapes) {
  Graph g;
  Scope scope(g, {.training = true});
  std::vector<Value> in;
  for (const Shape& s : shapes) in.push_back(g.input(text("x", in.size()), {DType::float32, s}));
  try {
    layer(in, scope);
  } catch (const E& e) {
    CHECK(typeid(e) == typeid(E));
    CHECK(scope.path() == "");
    return e.what();
  }
  return "nothing was thrown";
}

Layer named(Layer layer, const std::string& name) {
  layer.set_name(name);
  return layer;
}

}  // namespace

TEST_CASE("an error in a layer names it once, with the layers around it, and stays of its kind") {
  CHECK(said<ShapeError>(named(Refuses{0}, "mine"), {{2, 3}}) == "mine: not this");
  CHECK(said<UnsupportedError>(named(Around{named(Refuses{1}, "mine")}, "outer"), {{2, 3}}) == "outer/mine: not this");
  CHECK(said<OwnError>(named(Refuses{2}, "mine"), {{2, 3}}) == "not this");
  CHECK(said<ArgumentError>(named(Dense{2}, "here"), {{2, 3}, {2, 3}}) == "here: Dense takes one input and was given 2; merge them first");
  CHECK(said<ArgumentError>(named(Dense{2}, "here"), {}) == "here: Dense takes one input and was given 0; merge them first");
}

TEST_CASE("an error while a wrapper looks at a weight of the layer in it leads back to that layer") {
  CHECK(has(said<ShapeError>(named(SpectralNormalization{Dense{2}}, "here"), {{0, 0}}), "here"));
}
