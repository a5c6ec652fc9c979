// Every activation against Keras's values and derivatives.
#include <doctest/doctest.h>

#include "cornu/nn/activations.h"
#include "golden.h"

using namespace cornu;
using namespace cornu::testing;

namespace {
Value apply(const Config& given, Value x) {
  const std::string& name = given["name"].as_string();
  const Config& a = given["arguments"];
  const auto number = [&](const char* key, double otherwise) { return a[key].is_null() ? otherwise : a[key].as_double(); };
  if (!a.is_dict() || a.as_dict().empty()) return Activation(name)(x);
  if (name == "relu") {
    const std::optional<double> most = a["max_value"].is_null() ? std::nullopt : std::optional(a["max_value"].as_double());
    return activations::relu(x, number("negative_slope", 0), most, number("threshold", 0));
  }
  if (name == "leaky_relu") return activations::leaky_relu(x, number("negative_slope", 0.2));
  if (name == "elu") return activations::elu(x, number("alpha", 1));
  if (name == "celu") return activations::celu(x, number("alpha", 1));
  if (name == "gelu") return activations::gelu(x, a["approximate"].as_bool());
  if (name == "squareplus") return activations::squareplus(x, number("b", 4));
  if (name == "soft_shrink") return activations::soft_shrink(x, number("threshold", 0.5));
  if (name == "threshold") return activations::threshold(x, number("threshold", 0), number("default_value", 0));
  throw ArgumentError(text("this test does not know the arguments of ", name));
}
}  // namespace

TEST_CASE("pointwise activations and their derivatives are Keras's") {
  const Config all = golden("activations.json");
  const Tensor x = tensor(all["x"]), x32 = x.cast(DType::float32);
  const auto values = [&](const std::vector<Value>& in) {
    std::vector<Value> out;
    for (const Config& c : all["pointwise"].as_list()) {
      const Value y = apply(c, in[0]);
      out.push_back(y);
      out.push_back(gradients(sum(y), {in[0]})[0]);
    }
    return out;
  };
  const Tensors wide = run({x}, values), narrow = run({x32}, values);
  size_t i = 0;
  for (const Config& c : all["pointwise"].as_list()) {
    CAPTURE(c["name"].as_string());
    CHECK(difference(wide[i], tensor(c["y"])) < float64_of_keras);
    CHECK(difference(wide[i + 1], tensor(c["dy"])) < float64_of_keras);
    CHECK(difference(narrow[i], tensor(c["y"])) < 2e-6);
    CHECK(difference(narrow[i + 1], tensor(c["dy"])) < 4e-6);
    i += 2;
  }
}

TEST_CASE("activations of whole rows and their derivatives are Keras's") {
  const Config all = golden("activations.json");
  for (const Config& c : all["rows"].as_list()) {
    const std::string& name = c["name"].as_string();
    CAPTURE(name);
    if (!c["arguments"]["axis"].is_null()) continue;  // cornu's softmax runs along the last axis
    const Tensors out = run({tensor(c["x"]), tensor(c["upstream"])}, [&](const std::vector<Value>& in) {
      const Value y = Activation(name)(in[0]);
      return std::vector<Value>{y, gradients(y, {in[0]}, in[1])[0]};
    });
    CHECK(difference(out[0], tensor(c["y"])) < float64_of_keras);
    CHECK(difference(out[1], tensor(c["dx"])) < float64_of_keras);
  }
}
