// Lambda layers and layers of one's own in files: they come back if the program says what they are, and are refused by name if not.
#include <doctest/doctest.h>

#include "cornu/nn/define_layer.h"
#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

struct Scale {
  double by = 2;
  static constexpr std::string_view class_name = "mine>Scale";
  CORNU_FIELDS(by)
  Value operator()(Value x, Scope& scope) const { return x * by + scope.weight("shift", {x.dim(-1)}, "ones"); }
};

const Lambda twice([](Value x) { return x * 2; }, "mine>twice");

Sequential model_with_own() { return Sequential{Input{4}, Dense{3}, Layer(twice, {.name = "double"}), Layer(Scale{0.5}, {.name = "scale"}), Dense{2}}; }

/// The model's JSON with `from` in place of `to`.
std::string json_with(std::string_view from, std::string_view to) {
  std::string json = model_with_own().to_json();
  const size_t at = json.find(from);
  REQUIRE(at != std::string::npos);
  return json.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("functions and layers that load_model is given are those that the file names") {
  TestFolder folder;
  const std::string path = folder.path / "own.keras";
  Sequential model = model_with_own();
  const Tensor x = some_x(5, 4);
  model.save(path);
  Model loaded = load_model(path, {.functions = {{"mine>twice", twice}}, .layers = {define_layer<Scale>()}});
  CHECK(loaded.predict_on_batch(x) == model.predict_on_batch(x));
  CHECK(loaded.to_json() == model.to_json());
  CHECK(loaded.get_layer("scale").as<Scale>()->by == 0.5);

  const Symbol in = input({4});
  Model graph{in, Layer(Scale{3})(in) | Layer(twice) | Dense{2}};
  graph.save(path);
  Model again = load_model(path, {.functions = {{"mine>twice", twice}}, .layers = {define_layer<Scale>()}});
  CHECK(again.predict_on_batch(x) == graph.predict_on_batch(x));
}

TEST_CASE("a file of Keras with a registered layer and function predicts what it predicts there") {
  const Config e = golden("fixtures/own_layers.json");
  Model model = load_model(std::string(CORNU_SOURCE_DIR) + "/tests/golden/fixtures/own_layers.keras", {.functions = {{"mine>twice", twice}}, .layers = {define_layer<Scale>()}});
  CHECK(difference(model.predict_on_batch(tensor(e["x"], DType::float32)), tensor(e["predictions"])) < 1e-6);
  CHECK(model.layers()[4].name() == "again");
}

TEST_CASE("a function of the same name may be another one: the program's counts") {
  const Lambda thrice([](Value x) { return x * 3; });
  const Config config = Sequential{Input{4}, Layer(twice)}.to_config();
  Model loaded = model_from_json(write_json(config), {.functions = {{"mine>twice", thrice}}});
  CHECK(loaded.predict_on_batch(Tensor({1, 4}, std::vector<double>{1, 2, 3, 4})).at(3) == 12);
  CHECK(loaded.to_config() == config);
}

TEST_CASE("own layers are written as Keras writes registered ones") {
  const Config layers = model_with_own().to_config()["config"]["layers"];
  const Config &lambda = layers.as_list()[2], &scale = layers.as_list()[3];
  CHECK(text(lambda["config"]["function"]) == text(Config(Config::Dict{{"module", "builtins"}, {"class_name", "function"}, {"config", "mine>twice"}, {"registered_name", "function"}})));
  CHECK(scale["module"].is_null());
  CHECK(scale["class_name"] == Config("Scale"));
  CHECK(scale["registered_name"] == Config("mine>Scale"));
}

TEST_CASE("what a file names and the program does not give is refused by name") {
  const CustomObjects functions{.functions = {{"mine>twice", twice}}}, layers{.layers = {define_layer<Scale>()}};
  const std::string json = model_with_own().to_json();
  CHECK(has(text_of<UnsupportedError>([&] { model_from_json(json); }), "calls the function 'mine>twice', which the file names and does not contain; give load_model yours"));
  CHECK(has(text_of<UnsupportedError>([&] { model_from_json(json, layers); }), "LoadOptions{.functions = {{\"mine>twice\", Lambda(function)}}}"));
  CHECK(has(text_of<UnsupportedError>([&] { model_from_json(json_with("mine>twice", "mine>twic"), functions); }), "'mine>twic', which the file names and does not contain (did you mean 'mine>twice'?)"));
  CHECK(has(text_of<UnsupportedError>([&] { model_from_json(json, functions); }), "no layer of class 'Scale'; a class of your own is given to load_model in LoadOptions.layers"));
  CHECK(has(text_of<FormatError>([&] { model_from_json(json_with("\"by\": 0.5", "\"bye\": 0.5"), {.functions = functions.functions, .layers = layers.layers}); }), "'bye' (did you mean 'by'?)"));
  CHECK(has(text_of<UnsafeError>([&] { model_from_json(json_with("\"class_name\": \"function\"", "\"class_name\": \"__lambda__\""), functions); }), "would run code from the file"));
  CHECK(has(text_of<UnsupportedError>([&] { Sequential{Input{4}, Layer(Lambda([](Value x) { return x; }))}.to_json(); }), "give it one, Lambda(function, \"package>name\")"));
  struct Nameless {
    Value operator()(Value x, Scope&) const { return x; }
  };
  CHECK(has(text_of<UnsupportedError>([&] { Sequential{Input{4}, Nameless{}}.to_json(); }), "CORNU_FIELDS"));
}
