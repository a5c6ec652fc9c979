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
    if (name == "sparsemax") continue;               // see below
    const Tensors out = run({tensor(c["x"]), tensor(c["upstream"])}, [&](const std::vector<Value>& in) {
      const Value y = Activation(name)(in[0]);
      return std::vector<Value>{y, gradients(y, {in[0]}, in[1])[0]};
    });
    CHECK(difference(out[0], tensor(c["y"])) < float64_of_keras);
    CHECK(difference(out[1], tensor(c["dx"])) < float64_of_keras);
  }
}

TEST_CASE("sparsemax is the nearest distribution; Keras's is that too where only one element is left, or all are equal") {
  // Keras 3.15 adds up cumulative sums where it means the elements: other rows of its do not sum to 1.
  int compared = 0;
  const Config all = golden("activations.json");
  for (const Config& c : all["rows"].as_list()) {
    if (c["name"] != Config("sparsemax")) continue;
    const Tensor x = tensor(c["x"]), keras = tensor(c["y"]);
    for (const DType dtype : {DType::float64, DType::float32}) {
      const double tolerance = dtype == DType::float64 ? 1e-12 : 1e-6;
      const Tensor y = run({x.cast(dtype)}, [](const std::vector<Value>& in) { return std::vector<Value>{Activation("sparsemax")(in[0])}; })[0];
      const int64_t n = x.shape()[1];
      for (int64_t r = 0; r < x.shape()[0]; ++r) {
        double sum = 0, of_keras = 0;
        for (int64_t i = r * n; i < (r + 1) * n; ++i) sum += y.at(i), of_keras += keras.at(i);
        CHECK(sum == doctest::Approx(1).epsilon(tolerance));
        for (int64_t i = r * n; i < (r + 1) * n; ++i)  // y = max(x - t, 0) for one t
          for (int64_t j = r * n; j < (r + 1) * n; ++j)
            if (y.at(i) > 0) CHECK(y.at(j) == doctest::Approx(std::max(0.0, y.at(i) + x.at(j) - x.at(i))).epsilon(tolerance));
        if (std::abs(of_keras - 1) > 1e-9) continue;
        ++compared;
        for (int64_t i = r * n; i < (r + 1) * n; ++i) CHECK(std::abs(y.at(i) - keras.at(i)) < 1e-6);
      }
    }
  }
  CHECK(compared >= 8);
  std::mt19937 rng(3);
  const Tensor x({2, 4}, std::vector<double>{0.1, 0.5, 0.3, -1, 2, 1.7, -3, 1.9});
  CHECK(gradient_error({x}, [](const std::vector<Value>& in) { return std::vector<Value>{activations::sparsemax(in[0])}; }, rng) < 1e-7);
}
