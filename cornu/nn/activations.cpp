#include "cornu/nn/activations.h"

#include <numbers>
#include <optional>

#include "cornu/nn/choice_from_config.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace activations {
namespace {
/// What is left of x below zero. relu(x) + f(below(x)) is a branch without a branch, exact on both sides when f(0) = 0.
Value below(Value x) { return minimum(x, scalar(x, 0)); }
}  // namespace

Value linear(Value x) { return x; }
Value relu(Value x, double negative_slope, std::optional<double> max_value, double threshold) {
  Value y = threshold == 0 ? cornu::relu(x) : activations::threshold(x, threshold, 0);
  if (max_value) y = clip(y, 0, *max_value);
  return negative_slope == 0 ? y : y - cornu::relu(threshold - x) * negative_slope;
}
Value relu6(Value x) { return clip(x, 0, 6); }
Value leaky_relu(Value x, double negative_slope) { return cornu::relu(x) + below(x) * negative_slope; }
Value elu(Value x, double alpha) {
  const Value low = expm1(below(x));
  return cornu::relu(x) + (alpha == 1 ? low : low * alpha);
}
Value selu(Value x) {
  constexpr double alpha = 1.6732632423543772848170429916717, scale = 1.0507009873554804934193349852946;
  return cornu::relu(x) * scale + expm1(below(x)) * (scale * alpha);
}
Value celu(Value x, double alpha) { return cornu::relu(x) + expm1(below(x) / alpha) * alpha; }
Value gelu(Value x, bool approximate) {
  constexpr double root_two_over_pi = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
  if (!approximate) return cornu::gelu(x);
  return x * 0.5 * (tanh((x + x * square(x) * 0.044715) * root_two_over_pi) + 1);
}
Value silu(Value x) { return x * sigmoid(x); }
Value mish(Value x) { return x * tanh(softplus(x)); }
Value softsign(Value x) { return x / (absolute(x) + 1); }
Value hard_sigmoid(Value x) { return relu6(x + 3) / 6; }
Value hard_silu(Value x) { return x * hard_sigmoid(x); }
Value hard_tanh(Value x) { return clip(x, -1, 1); }
Value squareplus(Value x, double b) { return (x + sqrt(square(x) + b)) * 0.5; }
Value sparse_plus(Value x) { return square(clip(x, -1, 1) + 1) * 0.25 + cornu::relu(x - 1); }
Value sparse_sigmoid(Value x) { return clip((x + 1) * 0.5, 0, 1); }
Value soft_shrink(Value x, double threshold) { return cornu::relu(x - threshold) - cornu::relu(-x - threshold); }
Value hard_shrink(Value x, double threshold) { return select(greater(absolute(x), scalar(x, threshold)), x, scalar(x, 0)); }
Value tanh_shrink(Value x) { return x - tanh(x); }
Value threshold(Value x, double threshold, double default_value) {
  return select(greater(x, scalar(x, threshold)), x, scalar(x, default_value));
}
Value sparsemax(Value x) {
  require<ShapeError>(x.shape().rank() >= 1 && x.dim(-1) > 0, "sparsemax runs along the last axis, and was given ", x.shape());
  // sum(max(x - t, 0)) falls with t, from at least 1 at max(x) - 1 to 0 at max(x): halving finds t to the last bit. What is above
  // it is the support, and given that, t is a mean: exact, and what the gradient goes through.
  const Value top = stop_gradient(max(x, {-1}, true)), still = stop_gradient(x);
  const int64_t steps = x.dtype() == DType::float64 ? 54 : 25;
  const Value low = scan({top - 1, top}, {iota(*x.graph, {steps})}, [&](Values bounds, Values) {
    const Value middle = (bounds[0] + bounds[1]) * 0.5;
    const Value enough = greater_equal(sum(cornu::relu(still - middle), {-1}, true), scalar(middle, 1));
    return std::vector<Value>{select(enough, middle, bounds[0]), select(enough, bounds[1], middle)};
  })[0];
  const Value support = greater(still, low), zero = scalar(x, 0);
  const Value t = (sum(select(support, x, zero), {-1}, true) - 1) / sum(cast(support, x.dtype()), {-1}, true);
  return cornu::relu(x - t);
}
Value glu(Value x) {
  const int64_t size = x.dim(-1);
  require<ShapeError>(size % 2 == 0, "glu halves the last axis, whose size must be even; it was given ", x.shape());
  std::vector<int64_t> begin(x.shape().sizes().size(), 0), end = x.shape().sizes();
  end.back() = size / 2;
  const Value a = slice(x, begin, end);
  begin.back() = size / 2;
  end.back() = size;
  return a * sigmoid(slice(x, begin, end));
}

}  // namespace activations

namespace {
using Function = Value (*)(Value);
struct Named {
  std::string_view name;
  Function function;
};
namespace act = activations;
constexpr Named named[] = {
    {"linear", act::linear},
    {"relu", static_cast<Function>(cornu::relu)},
    {"relu6", act::relu6},
    {"leaky_relu", [](Value x) { return act::leaky_relu(x); }},
    {"elu", [](Value x) { return act::elu(x); }},
    {"selu", act::selu},
    {"celu", [](Value x) { return act::celu(x); }},
    {"gelu", [](Value x) { return act::gelu(x); }},
    {"silu", act::silu},
    {"swish", act::silu},
    {"mish", act::mish},
    {"sigmoid", static_cast<Function>(sigmoid)},
    {"tanh", static_cast<Function>(tanh)},
    {"softmax", static_cast<Function>(softmax)},
    {"log_softmax", static_cast<Function>(log_softmax)},
    {"softplus", static_cast<Function>(softplus)},
    {"softsign", act::softsign},
    {"exponential", static_cast<Function>(exp)},
    {"hard_sigmoid", act::hard_sigmoid},
    {"hard_silu", act::hard_silu},
    {"hard_swish", act::hard_silu},
    {"hard_tanh", act::hard_tanh},
    {"log_sigmoid", static_cast<Function>(log_sigmoid)},
    {"squareplus", [](Value x) { return act::squareplus(x); }},
    {"sparse_plus", act::sparse_plus},
    {"sparse_sigmoid", act::sparse_sigmoid},
    {"soft_shrink", [](Value x) { return act::soft_shrink(x); }},
    {"hard_shrink", [](Value x) { return act::hard_shrink(x); }},
    {"sparsemax", act::sparsemax},
    {"tanh_shrink", act::tanh_shrink},
    {"glu", act::glu},
};
}  // namespace

Activation::Activation(std::string_view name) : name_(name) {
  for (const Named& n : named)
    if (n.name == name) {
      call_ = n.function;
      return;
    }
  require(name != "threshold", "the activation 'threshold' needs its numbers: give a function, [](Value x) { return activations::threshold(x, 1, 0); }");
  std::vector<std::string_view> known;
  for (const Named& n : named) known.push_back(n.name);
  throw ArgumentError(text("unknown activation '", printable(name), "'", did_you_mean(name, known)));
}

CORNU_DEFINE_SPECIAL_MEMBERS(Activation)
Activation::Activation() : Activation(std::string_view("linear")) {}
Activation::Activation(std::nullptr_t) : Activation() {}
Activation::Activation(const char* name) : Activation(std::string_view(name)) {}
Activation::Activation(const std::string& name) : Activation(std::string_view(name)) {}
Value Activation::operator()(Value x) const { return call_(x); }

Activation::Activation(Value (*function)(Value)) : call_(function) {
  for (const Named& n : named)
    if (n.function == function) {
      name_ = n.name;
      return;
    }
}

Config to_config(const Activation& activation) {
  require<UnsupportedError>(!activation.name().empty(), "the activation is a function of your own, which cannot be saved; use one of Keras's names, or a layer with CORNU_FIELDS and class_name");
  return activation.name();
}

void from_config(const Config& config, Activation& activation) {
  if (const auto* held = config.held<Activation>()) return void(activation = *held);
  if (config.is_null()) return void(activation = {});
  const ObjectConfig object = read_object(config, "activation");
  activation = value_in_config([&] { return Activation(object.name); });
}

}  // namespace cornu
