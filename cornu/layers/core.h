// The layers that most models start with: Input, Dense, an activation as a layer of its own; Identity, and functions as layers.
#pragma once
#include "cornu/nn/activations.h"
#include "cornu/nn/layer.h"

namespace cornu {

/// What one sample looks like: Input{784}, Input{28, 28, 1}. A batch whose samples have as many numbers in another shape
/// is read in this one (a 28 x 28 image as a row of 784).
struct Input {
  Shape shape;  // without the batch axis
  DType dtype = DType::float32;
  std::string name = "";
  std::optional<int64_t> batch_size = {};  // of every batch: of models with stateful layers, and in their files

  Input();
  Input(std::initializer_list<int64_t> sizes, DType type = DType::float32, std::string called = "");
  explicit Input(Shape sizes, DType type = DType::float32, std::string called = "", std::optional<int64_t> batch = {});
  CORNU_SPECIAL_MEMBERS(Input)

  static constexpr std::string_view class_name = "InputLayer";
  static Config extras();
  /// Keras's form of it: batch_shape, with null for what is unknown.
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) {
    auto batch_shape = BatchShape{self.shape, self.batch_size};
    visit("batch_shape", batch_shape);
    if constexpr (!std::is_const_v<Self>) self.shape = batch_shape.sample, self.batch_size = batch_shape.batch_size;
    visit("dtype", self.dtype);
  }
  struct BatchShape {
    Shape sample;
    std::optional<int64_t> batch_size = {};
  };
  Value operator()(Value x, Scope& scope) const;
};
Config to_config(const Input::BatchShape& shape);
void from_config(const Config& config, Input::BatchShape& shape);
CORNU_LAYER(Input)

/// y = activation(x kernel + bias), along the last axis of x[batch, ..., features]. Weights: kernel [features, units], bias [units].
struct Dense {
  int64_t units = 0;
  Activation activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};  // of the output, divided by the batch size
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};

  static constexpr std::string_view class_name = "Dense";
  static Config extras();
  CORNU_FIELDS(units, activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
               activity_regularizer, kernel_constraint, bias_constraint)
  static constexpr bool supports_masking = true;
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(Dense)

namespace layers {

/// activation(x); layers::Activation because cornu::Activation is the function itself.
struct Activation {
  cornu::Activation activation = {};
  static constexpr std::string_view class_name = "Activation";
  static constexpr bool supports_masking = true;
  CORNU_FIELDS(activation)
  Value operator()(Value x, Scope& scope) const;
};

/// Passes on what it is given. layers::Identity because cornu::Identity is the initializer.
struct Identity {
  static constexpr std::string_view class_name = "Identity";
  static constexpr bool supports_masking = true;
  CORNU_FIELDS()
  Value operator()(Value x, Scope&) const { return x; }
};
}  // namespace layers
CORNU_LAYER(layers::Activation)
CORNU_LAYER(layers::Identity)

/// A function of yours as a layer: Lambda([](Value x) { return x * 2; }), or of a Value and a Scope, for weights. With a name it can be
/// saved, as Keras saves a function that is registered under that name: the file has the name, never code.
struct Lambda {
  struct Name {
    std::string text;
  };
  std::function<Value(Value, Scope&)> function;
  Name registered;

  Lambda() = default;
  template <class F>
    requires(std::invocable<F, Value> || std::invocable<F, Value, Scope&>)
  explicit Lambda(F f, std::string registered_name = "") : registered{std::move(registered_name)} {
    if constexpr (std::invocable<F, Value>) function = [f = std::move(f)](Value x, Scope&) -> Value { return f(x); };
    else function = std::move(f);
  }

  static constexpr std::string_view class_name = "Lambda";
  static constexpr std::string_view mask_argument = "mask";
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) { visit("function", self.registered); }
  Value operator()(Value x, Scope& scope) const;
};
/// Throws UnsupportedError for a function without a name.
Config to_config(const Lambda::Name& name);
/// The name of a function; throws UnsafeError for a Python lambda.
void from_config(const Config& config, Lambda::Name& name);
template <> std::unique_ptr<const LayerInterface> layer_holder(Lambda& layer);

namespace layers {
using cornu::Dense;
using cornu::Input;
using cornu::Lambda;
}  // namespace layers

/// x in the dtype that layers compute in.
Value computable(Value x, const Scope& scope);

}  // namespace cornu
