#include "cornu/train/dtype_policy.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "cornu/base/error.h"
#include "cornu/layers/layer_policies.h"

namespace cornu {
namespace {

constexpr std::array policies = {DtypePolicy{}, DtypePolicy{"float64", DType::float64, false}, DtypePolicy{"mixed_bfloat16", DType::float32, true}};

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
  with_policies(object["config"], [&](const std::string& class_name, Config& config) {
    const DtypePolicy here = policy_of(config);
    const std::string layer = config["name"].is_string() ? config["name"].as_string() : class_name;
    if (!found) found = here, first = layer;
    require<UnsupportedError>(*found == here || (found->dtype == DType::float32 && here.dtype == DType::float32), "layer '", printable(first), "' has the dtype policy ", found->name, " and '",
                              printable(layer), "' has ", here.name, "; layers of one model may have float32 and mixed_bfloat16, or all of them float64");
    if (here.bfloat16_products && !found->bfloat16_products) found = here, first = layer;
  });
  const DtypePolicy policy = found.value_or(DtypePolicy{});
  object.set("config", with_policies(object["config"], [&](const std::string&, Config& config) {
    const DtypePolicy here = policy_of(config);
    config.set("dtype", here == policy ? Config(DtypePolicy{}.name) : Config(Config::Dict{{"own", here.name}}));
  }));
  return policy;
}

}  // namespace cornu
