// Symbols: the shapes they carry, what errors say, and what a Functional makes of them.
#include <doctest/doctest.h>

#include "cornu/layers/functional.h"
#include "cornu/layers/nested.h"
#include "tests/messages.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

constexpr int64_t any = Shape::unknown;

/// Two layers under one name, and without a name of their own.
struct Twice {
  Layer first{Dense{4}}, second{Dense{4}};
  Value operator()(Value x, Scope& scope) const { return second(first({x}, scope), scope)[0]; }
};
/// What one should not write: the layers are no handles.
struct Clash {
  Dense first{4}, second{4};
  Value operator()(Value x, Scope& scope) const { return second(first(x, scope), scope); }
};
struct Halves {
  std::vector<Value> operator()(Value x, Scope&) const { return {x * 0.5, x * 0.25}; }
};
struct Flag {
  Value operator()(Value x, Scope& scope) const { return scope.call().options["double"] == Config(true) ? x * 2.0 : concat({x, scope.call().values.at("other")[0]}, -1); }
};

std::vector<std::string> weights_of(const Wiring& wiring, const TensorType& x) {
  Graph g;
  Scope scope(g);
  wiring.trace({g.input("x", x)}, scope);
  std::vector<std::string> paths;
  for (const Variable& v : scope.variables()) paths.push_back(v.path);
  return paths;
}

}  // namespace

TEST_CASE("a Symbol carries a dtype and a shape whose free axes follow through layers") {
  const Symbol x = input({any, 8}, {.name = "steps", .dtype = DType::float32});
  CHECK(x.shape() == Shape{any, any, 8});
  CHECK((x | Dense{3}).shape() == Shape{any, any, 3});
  const Symbol image = input({28, 28, 1});
  CHECK((image | Flatten{} | Dense{10}).shape() == Shape{any, 10});
  CHECK(operation("Mean", {x}, Config(Config::Dict{{"axis", 1}, {"keepdims", false}})).shape() == Shape{any, 8});
}

TEST_CASE("an error in wiring names the layer and what it was given") {
  const Symbol x = input({28, 28, 1});
  CHECK(error_of([&] { (void)(input({}) | Layer(Dense{3}, {.name = "odd"})); }).find("odd") != std::string::npos);
  CHECK(error_of([&] { (void)(x + input({7})); }).find("add") != std::string::npos);
  CHECK(error_of([&] { (void)(Symbol() | Dense{3}); }).find("layer 'dense' was called on an empty Symbol") != std::string::npos);
  CHECK(error_of([&] { (void)operation("Meen", {x}); }).find("did you mean 'Mean'?") != std::string::npos);
}

TEST_CASE("arithmetic on Symbols computes, with numbers on either side") {
  const Symbol a = input({2}), b = input({2});
  const Symbol y = 3.0 / (1.0 + -(a - b * 2.0)) + (a / b) * 0.5 - 1.0 + (2.0 - a) * b;
  Functional f({a, b}, y);
  Graph g;
  Scope scope(g);
  const Value out = f.trace({g.input("a", {DType::float32, {5, 2}}), g.input("b", {DType::float32, {5, 2}})}, scope)[0];
  CHECK(out.shape() == Shape{5, 2});
  CHECK(f.entries().size() == 2 + 12);
  CHECK(f.layers().size() == 2);  // ops are none
}

TEST_CASE("a layer that is called twice is listed once, with both calls, and declares its weights once") {
  const Symbol x = input({4}, {.name = "x"});
  const Layer fc{Dense{4}, {.name = "fc"}};
  Functional f(x, fc(fc(x)) | Dense{2});
  CHECK(f.names() == std::vector<std::string>{"x", "fc", "dense"});
  CHECK(f.entries()[1].connected_to == std::vector<std::string>{"x[0][0]", "fc[0][0]"});
  CHECK(f.is_graph());
  CHECK(weights_of(f, {DType::float32, {2, 4}}) == std::vector<std::string>{"fc/kernel", "fc/bias", "dense/kernel", "dense/bias"});
}

TEST_CASE("several outputs of a layer are Symbols of one call") {
  const std::vector<Symbol> parts = (input({6}) | Halves{}).outputs();
  REQUIRE(parts.size() == 2);
  CHECK(parts[1].shape() == Shape{any, 6});
  CHECK(parts[0][1] == parts[1]);
  CHECK(error_of([&] { (void)parts[0][2]; }).find("output 2 was asked for, and the layer returned 2") != std::string::npos);
}

TEST_CASE("keyword arguments reach the layer, Symbols among them") {
  const Symbol x = input({6}), other = input({2});
  const Layer flag{Flag{}};
  CHECK(flag(x, {.options = Config(Config::Dict{{"double", true}})}).shape() == Shape{any, 6});
  CHECK(flag(x, {.symbols = {{"other", {other}}}}).shape() == Shape{any, 8});
}

TEST_CASE("layers inside a layer are named within it in the order of first calls") {
  const Symbol x = input({4});
  Functional f(x, x | Twice{} | Layer(Twice{}, {.name = "again"}));
  CHECK(weights_of(f, {DType::float32, {2, 4}}) ==
        std::vector<std::string>{"layer/dense/kernel", "layer/dense/bias", "layer/dense_1/kernel", "layer/dense_1/bias", "again/dense/kernel", "again/dense/bias", "again/dense_1/kernel",
                                 "again/dense_1/bias"});
}

TEST_CASE("a layer that is called twice shares the weights of the layers in it") {
  const Symbol x = input({4});
  const Layer block{Twice{}};
  Functional f(x, block(block(x)));
  CHECK(weights_of(f, {DType::float32, {2, 4}}).size() == 4);
}

TEST_CASE("two plain structs inside a layer, which would share a weight by accident, are refused with what to write") {
  const std::string said = error_of([&] { (void)(input({4}) | Clash{}); });
  CHECK(said.find("layer/kernel") != std::string::npos);
  CHECK(said.find("hold them as Layer") != std::string::npos);
}

TEST_CASE("a Functional begins where it is told, also in the middle of another") {
  const Symbol x = input({8});
  const Symbol h = x | Dense{6}, y = h | Dense{3};
  Functional tail(h, y);
  CHECK(tail.inputs()->at(0).shape == Shape{6});
  CHECK(weights_of(tail, {DType::float32, {2, 6}}).size() == 2);
  CHECK(error_of([&] { Functional(input({8}), y); }).find("is not among the model's inputs") != std::string::npos);
  CHECK(error_of([&] { Functional({x, x}, y); }).find("stands twice") != std::string::npos);
  const Symbol named = x | Layer(Dense{2}, {.name = "same"}) | Layer(Dense{2}, {.name = "same"});
  CHECK(error_of([&] { Functional(x, named); }).find("two layers of one model are named 'same'") != std::string::npos);
}

TEST_CASE("a model as a layer: its weights are under its name, and are the same when it is called again or beside it") {
  const Symbol x = input({4}), h = input({4});
  const Layer fc{Dense{4}, {.name = "fc"}};
  const Layer inner = model_layer(std::make_shared<Functional>(h, h | fc | Dense{4}), {.name = "inner"});
  Functional f(x, fc(inner(inner(x))));
  CHECK(weights_of(f, {DType::float32, {2, 4}}) == std::vector<std::string>{"inner/fc/kernel", "inner/fc/bias", "inner/dense/kernel", "inner/dense/bias"});
  CHECK(f.entries()[1].connected_to[1] == "inner[0][0]");
}

TEST_CASE("a wiring of 15,000 layers is made, described and taken apart without deep recursion") {
  Symbol x = input({1});
  const Symbol first = x;
  for (int i = 0; i < 15'000; ++i) x = x + 1.0;
  Functional f(first, x);
  CHECK(f.entries().size() == 15'001);
}

TEST_CASE("a config of models within models that doubles its calls at each level is refused") {
  const Symbol x = input({1});
  auto wiring = std::make_shared<Functional>(x, x + 1.0);
  const std::string said = error_of([&] {
    for (int i = 0; i < 32; ++i) {
      const Layer layer = model_layer(wiring, {.name = text("level", i)});
      const Symbol h = input({1});
      wiring = std::make_shared<Functional>(h, layer(layer(h)));
    }
  });
  CHECK(said.find("a model calls at most") != std::string::npos);
}

TEST_CASE("Keras's config of a Functional comes back as it was, and one with a cycle or a missing layer is refused") {
  const Symbol a = input({4}, {.name = "a"}), b = input({4}, {.name = "b"});
  const Layer fc{Dense{3}, {.name = "fc"}};
  const Functional f({a, b}, {fc(a) + fc(b) * 2.0, fc(a) | Dense{1}});
  const Config config = f.config("two", true);
  const auto again = functional_from_config(config);
  CHECK(again->config("two", true) == config);
  CHECK(again->names() == f.names());

  const auto changed = [&](const std::string& from, const std::string& to) {
    std::function<Config(const Config&)> map = [&](const Config& c) -> Config {
      if (c.is_string() && c.as_string() == from) return to;
      if (c.is_list()) {
        Config::List list;
        for (const Config& part : c.as_list()) list.push_back(map(part));
        return list;
      }
      if (!c.is_dict()) return c;
      Config dict = Config::dict();
      for (const auto& [key, part] : c.as_dict()) dict.set(key, key == "keras_history" || key == "output_layers" ? map(part) : part.is_dict() || part.is_list() ? map(part) : part);
      return dict;
    };
    return error_of([&] { functional_from_config(map(config)); });
  };
  CHECK(changed("a", "add").find("cycle") != std::string::npos);
  CHECK(changed("a", "nobody").find("refers to a layer 'nobody' that it does not list") != std::string::npos);
}

TEST_CASE("a graph from a file runs no code and knows no ops but its own") {
  const Symbol x = input({4}, {.name = "x"});
  const Config config = Functional(x, (x | Dense{3}) + 1.0).config("model", true);
  const auto with = [&](size_t layer, const std::string& key, const std::string& value) {
    Config::List layers = config["layers"].as_list();
    layers[layer].set(key, value);
    Config changed = config;
    changed.set("layers", std::move(layers));
    return changed;
  };
  CHECK_THROWS_AS(functional_from_config(with(1, "class_name", "Lambda")), UnsafeError);
  CHECK_THROWS_AS(functional_from_config(with(1, "module", "os")), UnsupportedError);
  CHECK(has(error_of([&] { functional_from_config(with(2, "class_name", "While")); }), "cornu has no op of class 'While' for models"));
  CHECK(has(error_of([&] { functional_from_config(with(1, "name", "x")); }), "two layers of the model are named 'x'"));
  CHECK(has(error_of([&] { functional_from_config(Config(config).set("output_layer", 1)); }), "did you mean 'output_layers'?"));
}

TEST_CASE("Keras 2's form of calls is read") {
  const Symbol x = input({4}, {.name = "x"});
  const Functional f(x, x | Layer(Dense{3}, {.name = "d"}));
  Config config = f.config("model", true);
  Config::List layers = config["layers"].as_list();
  layers[1].set("inbound_nodes", Config::List{Config::List{Config::List{"x", 0, 0, Config::dict()}}});
  Config old = config;
  old.set("layers", std::move(layers));
  CHECK(functional_from_config(old)->config("model", true) == config);
}
