// Dtype policies as the layers in a config name them.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "cornu/base/config.h"

namespace cornu {

/// The name in "float32" or {"class_name": "DTypePolicy", "config": {"name": "float32"}}; null if there is none.
const Config& policy_name(const Config& dtype);

/// `config` with f(class_name, the layer's config) done to every layer in it, however deep, that names a policy: an Input's dtype, or
/// that of integers, is that of its data.
Config with_policies(const Config& config, const std::function<void(const std::string& class_name, Config& config)>& f);

/// Has every layer in the object dict of a model that has none of its own name this one, as Keras writes it.
void put_policy(Config& object, std::string_view name);

}  // namespace cornu
