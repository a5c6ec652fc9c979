// Activation functions, as functions of Values and by name.
#pragma once
#include "cornu/nn/regularizers.h"

namespace cornu {

/// Keras's, with its defaults. The plain ones (relu, sigmoid, tanh, softplus, softmax, ...) are ops: see ops/ops.h.
namespace activations {
Value linear(Value x);
/// x above the threshold, else 0 (or negative_slope times what is missing to it), and no more than max_value.
Value relu(Value x, double negative_slope = 0, std::optional<double> max_value = {}, double threshold = 0);
Value relu6(Value x);                               // min(max(x, 0), 6)
Value leaky_relu(Value x, double negative_slope = 0.2);
Value elu(Value x, double alpha = 1);               // x, or alpha (e^x - 1) below 0
Value selu(Value x);                                // Klambauer et al. 2017
Value celu(Value x, double alpha = 1);              // Barron 2017
Value gelu(Value x, bool approximate = false);      // x P(X <= x); the approximation is by tanh (Hendrycks and Gimpel 2016)
Value silu(Value x);                                // x sigmoid(x), also called swish
Value mish(Value x);                                // x tanh(softplus(x))
Value softsign(Value x);                            // x / (1 + |x|)
Value hard_sigmoid(Value x);                        // relu6(x + 3) / 6
Value hard_silu(Value x);                           // x hard_sigmoid(x)
Value hard_tanh(Value x);                           // clip(x, -1, 1)
Value squareplus(Value x, double b = 4);            // (x + sqrt(x^2 + b)) / 2
Value sparse_plus(Value x);                         // 0, (x + 1)^2 / 4 in [-1, 1], x
Value sparse_sigmoid(Value x);                      // clip((x + 1) / 2, 0, 1)
Value soft_shrink(Value x, double threshold = 0.5); // x moved towards 0 by the threshold
Value hard_shrink(Value x, double threshold = 0.5); // x where |x| > threshold, else 0
Value tanh_shrink(Value x);                         // x - tanh(x)
Value threshold(Value x, double threshold, double default_value);  // x where x > threshold, else the default
/// max(x - t, 0) along the last axis, with t such that it sums to 1: the nearest distribution to x (Martins and Astudillo 2016).
/// Where more than one element is left, Keras 3.15 gives something else, which does not sum to 1.
Value sparsemax(Value x);
Value glu(Value x);                                 // the first half of the last axis times sigmoid of the second
}  // namespace activations

/// An activation: Keras's name for one ("relu"), or a function Value -> Value. Throws ArgumentError for an unknown name.
/// Its config is the name.
class Activation {
 public:
  Activation();
  Activation(std::nullptr_t);
  Activation(std::string_view name);
  Activation(const char* name);
  Activation(const std::string& name);
  /// One of the functions above keeps its name.
  Activation(Value (*function)(Value));
  template <ValueFunction T> Activation(T function) : call_(std::move(function)) {}

  CORNU_SPECIAL_MEMBERS(Activation)

  Value operator()(Value x) const;
  /// Empty for a function of the user's.
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::function<Value(Value)> call_;
};

/// The name. Throws UnsupportedError for a function without one.
Config to_config(const Activation& activation);
void from_config(const Config& config, Activation& activation);

}  // namespace cornu
