#include "cornu/train/dtype_policy.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string>

#include "cornu/layers/layers.h"

namespace cornu {
namespace {

constexpr std::array policies = {DtypePolicy{}, DtypePolicy{"float64", DType::float64, false}, DtypePolicy{"mixed_bfloat16", DType::float32, true}};

/// The name in "float32" or {"class_name": "DTypePolicy", "config": {"name": "float32"}}; null if there is none.
const Config& policy_name(const Config& dtype) {
  if (!dtype.is_dict()) return dtype;
  return dtype["config"].is_dict() ? dtype["config"]["name"] : dtype["class_name"];
}

/// Calls f(class_name, config) for every layer in a dict, however deep, and takes what it makes of the config.
using Change = std::function<void(const std::string& class_name, Config& config)>;
Config changed(const Config& c, const Change& f) {
  if (c.is_list()) {
    Config::List list;
    for (const Config& item : c.as_list()) list.push_back(changed(item, f));
    return list;
  }
  if (!c.is_dict()) return c;
  Config dict = Config::dict();
  for (const auto& [key, value] : c.as_dict()) dict.set(key, changed(value, f));
  if (!dict["class_name"].is_string() || !dict["config"].is_dict() || !dict["config"].contains("dtype")) return dict;
  Config config = dict["config"];
  f(dict["class_name"].as_string(), config);
  return dict.set("config", std::move(config));
}

/// An Input's dtype, or that of integers, is that of its data.
bool of_policy(const std::string& class_name, const Config& config) {
  const Config& name = policy_name(config["dtype"]);
  return class_name != "InputLayer" && class_name != "__keras_tensor__" && name.is_string() && !name.as_string().starts_with("int") && name.as_string() != "bool";
}

}  // namespace

DtypePolicy DtypePolicy::named(std::string_view name) {
  std::vector<std::string_view> known;
  for (const DtypePolicy& p : policies) {
    if (p.name == name) return p;
    known.push_back(p.name);
  }
  constexpr std::array others = {std::string_view("float16"), std::string_view("bfloat16"), std::string_view("mixed_float16"), std::string_view("int8_from_float32")};
  require<UnsupportedError>(std::find(others.begin(), others.end(), name) == others.end(), "the dtype policy ", name, " is not supported; float32, float64 and mixed_bfloat16 are");
  throw ArgumentError(text("there is no dtype policy '", printable(name), "'", did_you_mean(name, known), "; there are float32, float64 and mixed_bfloat16"));
}

DtypePolicy take_policy(Config& object) {
  std::optional<DtypePolicy> found;
  std::string first;
  const auto policy_of = [](const Config& config) { return DtypePolicy::named(policy_name(config["dtype"]).as_string()); };
  const auto each = [&](const auto& f) {
    return changed(object["config"], [&](const std::string& class_name, Config& config) {
      if (of_policy(class_name, config)) f(policy_of(config), config["name"].is_string() ? config["name"].as_string() : class_name, config);
    });
  };
  each([&](const DtypePolicy& here, const std::string& layer, Config&) {
    if (!found) found = here, first = layer;
    require<UnsupportedError>(*found == here || (found->dtype == DType::float32 && here.dtype == DType::float32), "layer '", printable(first), "' has the dtype policy ", found->name, " and '",
                              printable(layer), "' has ", here.name, "; layers of one model may have float32 and mixed_bfloat16, or all of them float64");
    if (here.bfloat16_products && !found->bfloat16_products) found = here, first = layer;
  });
  const DtypePolicy policy = found.value_or(DtypePolicy{});
  object.set("config", each([&](const DtypePolicy& here, const std::string&, Config& config) {
    config.set("dtype", here == policy ? Config(DtypePolicy{}.name) : Config(Config::Dict{{"own", here.name}}));
  }));
  return policy;
}

void put_policy(Config& object, const DtypePolicy& policy) {
  Config layers = changed(object["config"], [&](const std::string& class_name, Config& config) {
    if (of_policy(class_name, config) && config["dtype"].is_string()) config.set("dtype", policy_object(policy.name));
  });
  object.set("config", std::move(layers));
}

}  // namespace cornu
