#include "cornu/layers/layer_policies.h"

#include "cornu/layers/layers.h"

namespace cornu {
namespace {

bool names_policy(const std::string& class_name, const Config& config) {
  const Config& name = policy_name(config["dtype"]);
  return class_name != "InputLayer" && class_name != "__keras_tensor__" && name.is_string() && !name.as_string().starts_with("int") && name.as_string() != "bool";
}

}  // namespace

const Config& policy_name(const Config& dtype) {
  if (!dtype.is_dict()) return dtype;
  return dtype["config"].is_dict() ? dtype["config"]["name"] : dtype["class_name"];
}

Config with_policies(const Config& c, const std::function<void(const std::string& class_name, Config& config)>& f) {
  if (c.is_list()) {
    Config::List list;
    for (const Config& item : c.as_list()) list.push_back(with_policies(item, f));
    return list;
  }
  if (!c.is_dict()) return c;
  Config::Dict entries;  // not set(), which looks for the key: a file may have a million of them
  for (const auto& [key, value] : c.as_dict()) entries.emplace_back(key, with_policies(value, f));
  Config dict = std::move(entries);
  if (!dict["class_name"].is_string() || !dict["config"].is_dict() || !dict["config"].contains("dtype")) return dict;
  const std::string class_name = dict["class_name"].as_string();
  if (!names_policy(class_name, dict["config"])) return dict;
  Config config = dict["config"];
  f(class_name, config);
  return dict.set("config", std::move(config));
}

void put_policy(Config& object, std::string_view name) {
  Config layers = with_policies(object["config"], [&](const std::string&, Config& config) {
    if (config["dtype"].is_string()) config.set("dtype", policy_object(name));
  });
  object.set("config", std::move(layers));
}

}  // namespace cornu
