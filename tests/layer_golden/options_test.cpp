// What every layer says to options that it does not have, that are of another kind, or that Keras has and cornu does not.
#include <set>

#include "each_case.h"
#include "tests/messages.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

/// The first case of each class.
template <class F> void for_each_class(F f) {
  std::set<std::string> classes;
  for_each_case([&](const Config& config) {
    const Config& serialized = config["serialized"];
    if (classes.insert(serialized["class_name"].as_string()).second) f(serialized, serialized["class_name"].as_string(), config);
  });
}

Config with(const Config& serialized, const std::string& key, Config value) {
  Config object = serialized, config = serialized["config"];
  config.set(key, std::move(value));
  return object.set("config", std::move(config));
}

/// The text of the E, or what happened instead. With a case's inputs the layer is traced on these, too.
template <class E> std::string refusal(const Config& object, const Case* c = nullptr) {
  try {
    const Layer layer = layer_from_config(object);
    if (!c) return "it was taken";
    Graph g;
    Scope scope(g, {.training = c->training});
    std::vector<Value> in;
    for (const Tensor& t : c->inputs) in.push_back(g.input(text("x", in.size()), {t.dtype(), t.shape()}));
    layer(in, scope, {.options = c->call_options});
  } catch (const E& e) {
    return e.what();
  } catch (const std::exception& e) {
    return std::string("another exception: ") + e.what();
  }
  return "it was taken";
}

}  // namespace

TEST_CASE("every layer refuses an option that it does not have, with its own name and the option's") {
  int tried = 0;
  for_each_class([&](const Config& serialized, const std::string& name, const Config&) {
    const std::string said = refusal<FormatError>(with(serialized, "no_such_option", 1));
    CHECK_MESSAGE(has(said, name + " has no option 'no_such_option'"), said);
    ++tried;
  });
  CHECK((tried > 90 || std::getenv("CORNU_FAMILY")));
}

TEST_CASE("every layer refuses a value that means nothing, with its own name and the option's, at the latest when it is called") {
  int tried = 0;
  for_each_class([&](const Config& serialized, const std::string& name, const Config& config) {
    const Case c = read_case(config);
    for (const Config::Dict::value_type& entry : serialized["config"].as_dict()) {
      const std::string& key = entry.first;  // clang 14 cannot capture structured bindings
      CAPTURE(key);
      for (const Config& other : {Config(Config::Dict{{"no_such_key", 1}}), Config("no such value"), Config(Config::List{"no", "such", "list"})}) {
        CAPTURE(text(other));
        if (key == "name" && other.is_string()) continue;
        std::string said = refusal<Error>(with(serialized, key, other));
        if (said == "it was taken") said = refusal<Error>(with(serialized, key, other), &c);
        CHECK_MESSAGE((!has(said, "another exception") && has(said, name) && (has(said, key.substr(0, 10)) || has(said, "no layer of class 'no"))), said);  // or "can interpolate"
        ++tried;
      }
    }
  });
  CHECK((tried > 1500 || std::getenv("CORNU_FAMILY")));
}

TEST_CASE("channels_first, sparse and ragged are refused by name by every layer that has them in Keras") {
  std::map<std::string, int> tried;
  for_each_class([&](const Config& serialized, const std::string& name, const Config&) {
    for (const auto& option : {std::pair{"data_format", Config("channels_first")}, {"sparse", Config(true)}, {"ragged", Config(true)}}) {
      const char* key = option.first;
      if (!serialized["config"].contains(key)) continue;
      const std::string said = refusal<UnsupportedError>(with(serialized, key, option.second));
      CHECK_MESSAGE((has(said, name) && has(said, key)), said);
      ++tried[key];
    }
  });
  if (std::getenv("CORNU_FAMILY")) return;
  CHECK(tried["data_format"] > 40);
  CHECK(tried["sparse"] >= 3);
  for (const char* key : {"sparse", "ragged"}) {
    const std::string said = refusal<UnsupportedError>(Config(Config::Dict{{"class_name", "InputLayer"}, {"config", Config(Config::Dict{{"batch_shape", Config(Config::List{nullptr, 3})}, {key, true}})}}));
    CHECK_MESSAGE((has(said, "InputLayer") && has(said, key)), said);
  }
}
