// Losses: what training makes small.
#pragma once
#include <array>
#include <concepts>

#include "cornu/graph/op.h"
#include "cornu/nn/choice.h"

namespace cornu {

// Each is called with (y_true, y_pred) and gives one number for each sample, the mean (or sum, for a cross entropy) over
// the last axis. Shapes that do not fit throw ShapeError, which says what the loss wants. A y_true of [batch, 1] beside a
// y_pred of [batch], and the other way round, are understood.
//
// A cross entropy whose y_pred is directly a softmax (or sigmoid) is computed from the logits behind it, as tf.keras does:
// exact for any logits. Other probabilities are clipped to [1e-7, 1 - 1e-7] first.

/// -log p[label], for integer labels [batch] or [batch, 1]. Labels equal to ignore_class do not count: their loss is 0 and,
/// unless the reduction is "sum", the others are scaled so that a mean over all of them is a mean over those that count.
struct SparseCategoricalCrossentropy {
  bool from_logits = false;
  std::optional<int64_t> ignore_class = {};
  std::string reduction = "sum_over_batch_size";
  std::string name = "sparse_categorical_crossentropy";
  static constexpr std::string_view class_name = "SparseCategoricalCrossentropy";
  static Config extras() { return Config(Config::Dict{{"axis", -1}, {"dtype", "float32"}}); }
  CORNU_FIELDS(name, reduction, from_logits, ignore_class)
  Value operator()(Value y_true, Value y_pred) const;
  /// 1 for a label that counts, else 0; nothing when all do.
  std::optional<Value> mask(Value y_true, Value y_pred) const;
};
/// -sum(y log p), for one-hot labels or distributions. Smoothing: y (1 - s) + s / classes.
struct CategoricalCrossentropy {
  bool from_logits = false;
  double label_smoothing = 0;
  std::string reduction = "sum_over_batch_size";
  std::string name = "categorical_crossentropy";
  static constexpr std::string_view class_name = "CategoricalCrossentropy";
  static Config extras() { return Config(Config::Dict{{"axis", -1}, {"dtype", "float32"}}); }
  CORNU_FIELDS(name, reduction, from_logits, label_smoothing)
  Value operator()(Value y_true, Value y_pred) const;
};
/// mean(-y log p - (1 - y) log(1 - p)). Smoothing: y (1 - s) + s / 2.
struct BinaryCrossentropy {
  bool from_logits = false;
  double label_smoothing = 0;
  std::string reduction = "sum_over_batch_size";
  std::string name = "binary_crossentropy";
  static constexpr std::string_view class_name = "BinaryCrossentropy";
  static constexpr std::array<std::string_view, 2> aliases = {"bce", "BCE"};
  static Config extras() { return Config(Config::Dict{{"axis", -1}, {"dtype", "float32"}}); }
  CORNU_FIELDS(name, reduction, from_logits, label_smoothing)
  Value operator()(Value y_true, Value y_pred) const;
};
/// mean (y_true - y_pred)^2
struct MeanSquaredError {
  std::string reduction = "sum_over_batch_size";
  std::string name = "mean_squared_error";
  static constexpr std::string_view class_name = "MeanSquaredError";
  static constexpr std::array<std::string_view, 2> aliases = {"mse", "MSE"};
  static Config extras() { return Config(Config::Dict{{"dtype", "float32"}}); }
  CORNU_FIELDS(name, reduction)
  Value operator()(Value y_true, Value y_pred) const;
};
/// mean |y_true - y_pred|
struct MeanAbsoluteError {
  std::string reduction = "sum_over_batch_size";
  std::string name = "mean_absolute_error";
  static constexpr std::string_view class_name = "MeanAbsoluteError";
  static constexpr std::array<std::string_view, 2> aliases = {"mae", "MAE"};
  static Config extras() { return Config(Config::Dict{{"dtype", "float32"}}); }
  CORNU_FIELDS(name, reduction)
  Value operator()(Value y_true, Value y_pred) const;
};
/// mean of e^2 / 2 where |e| <= delta, else delta |e| - delta^2 / 2 (Huber 1964).
struct Huber {
  double delta = 1;
  std::string reduction = "sum_over_batch_size";
  std::string name = "huber_loss";
  static constexpr std::string_view class_name = "Huber";
  static Config extras() { return Config(Config::Dict{{"dtype", "float32"}}); }
  CORNU_FIELDS(name, reduction, delta)
  Value operator()(Value y_true, Value y_pred) const;
};

struct LossInterface : Choosable {
  virtual Value call(Value y_true, Value y_pred) const = 0;
  virtual std::string_view name() const = 0;
  virtual std::string_view reduction() const = 0;
};
template <class T>
concept LossFunction = requires(const T& t, Value v) {
  { t(v, v) } -> std::convertible_to<Value>;
};

/// A loss: Keras's name for one ("mse", "sparse_categorical_crossentropy", "SparseCategoricalCrossentropy", and "crossentropy",
/// which looks at the shapes), one of the structs, or a function (y_true, y_pred) -> one Value for each sample.
class Loss : public Choice<LossInterface> {
 public:
  Loss() = default;  // none given
  Loss(std::string_view name);
  Loss(const char* name) : Loss(std::string_view(name)) {}
  Loss(const std::string& name) : Loss(std::string_view(name)) {}
  template <LossFunction T> Loss(T object) : Choice(std::make_shared<Holder<T>>(std::move(object))) {}

  /// The name it was chosen by, or its object's, or "loss".
  std::string name() const;
  /// One number for each sample.
  Value operator()(Value y_true, Value y_pred) const;
  /// The scalar that is trained on. "sum_over_batch_size" is sum(values * weight) / (number of values): the divisor is not the
  /// sum of the weights. Weights are [batch] or [batch, 1], or of the values' shape.
  Value reduce(Value values, std::optional<Value> weight = {}) const;

 private:
  template <class T> struct Holder final : Chosen<LossInterface, T> {
    using Chosen<LossInterface, T>::Chosen;
    Value call(Value y_true, Value y_pred) const override { return this->object(y_true, y_pred); }
    std::string_view name() const override {
      if constexpr (requires(const T& t) { std::string_view(t.name); }) return this->object.name;
      else return "loss";
    }
    std::string_view reduction() const override {
      if constexpr (requires(const T& t) { std::string_view(t.reduction); }) return this->object.reduction;
      else return "sum_over_batch_size";
    }
  };
  friend Config to_config(const Loss& loss);
};

/// As Keras's compile_config: the name where it was chosen by one, else the object's dict; null for none.
Config to_config(const Loss& loss);
void from_config(const Config& config, Loss& loss);

}  // namespace cornu
