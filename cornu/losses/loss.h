// Loss: the handle of whatever says how far predictions are from labels.
#pragma once
#include <array>
#include <concepts>
#include <span>

#include "cornu/graph/op.h"
#include "cornu/nn/choice.h"

namespace cornu {

/// A loss is a struct that is called with (y_true, y_pred) and gives one number for each sample (or for each step of it):
///
///   struct Distance {
///     double power = 2;
///     std::string reduction = "sum_over_batch_size", name = "distance";   // optional
///     CORNU_FIELDS(name, reduction, power)                                // optional: config, files
///     static constexpr std::string_view class_name = "Distance";          // optional: files
///     Value operator()(Value y_true, Value y_pred) const;
///     void check() const;                                                 // optional: throws ArgumentError for options that cannot be
///     Value mask(Value y_true, Value y_pred, Value values) const;         // optional (may give std::optional): which values count
///   };
template <class T>
concept LossFunction = requires(const T& t, Value v) {
  { t(v, v) } -> std::convertible_to<Value>;
};

struct LossInterface : Choosable {
  virtual Value call(Value y_true, Value y_pred) const = 0;
  virtual std::optional<Value> mask(Value y_true, Value y_pred, Value values) const = 0;
  virtual std::string_view name() const = 0;
  virtual std::string_view reduction() const = 0;
};

/// Throws ArgumentError, naming the loss, unless the reduction is one of Keras's.
void check_reduction(std::string_view loss, std::string_view reduction);

/// The object's options as Keras writes them: those that T::unless_default names are left out where they have their default.
template <class T> Config written_fields(const T& object) {
  if constexpr (!HasFields<T>) return Config::dict();
  else if constexpr (!requires { T::unless_default; }) return fields_to_config(object);
  else {
    const Config all = fields_to_config(object), defaults = fields_to_config(T{});
    Config written = Config::dict();
    for (const auto& [key, value] : all.as_dict()) {
      bool left_out = false;
      for (const std::string_view k : T::unless_default) left_out = left_out || (k == key && value == defaults[key]);
      if (!left_out) written.set(key, value);
    }
    return written;
  }
}

template <class T> struct LossHolder final : Chosen<LossInterface, T> {
  explicit LossHolder(T t) : Chosen<LossInterface, T>(std::move(t)) {
    if constexpr (requires(const T& o) { o.check(); }) this->object.check();
    check_reduction(name(), reduction());
  }
  Value call(Value y_true, Value y_pred) const override { return this->object(y_true, y_pred); }
  std::optional<Value> mask([[maybe_unused]] Value y_true, [[maybe_unused]] Value y_pred, [[maybe_unused]] Value values) const override {
    if constexpr (requires(const T& o) { o.mask(y_true, y_pred, values); }) return this->object.mask(y_true, y_pred, values);
    else return {};
  }
  std::string_view name() const override {
    if constexpr (requires(const T& o) { std::string_view(o.name); }) return this->object.name;
    else return "loss";
  }
  std::string_view reduction() const override {
    if constexpr (requires(const T& o) { std::string_view(o.reduction); }) return this->object.reduction;
    else return "sum_over_batch_size";
  }
  Config fields() const override { return written_fields(this->object); }
};

/// Takes the object. cornu's own losses specialize it (CORNU_LOSS): their holders are compiled where they are defined.
template <class T> std::shared_ptr<const LossInterface> loss_holder(T& object) { return std::make_shared<LossHolder<T>>(std::move(object)); }

/// A loss: Keras's name for one ("mse", "sparse_categorical_crossentropy", "SparseCategoricalCrossentropy", and "crossentropy",
/// which looks at the shapes), one of the structs, or a function (y_true, y_pred) -> one Value for each sample.
class Loss : public Choice<LossInterface> {
 public:
  Loss() = default;  // none given
  Loss(std::string_view name);
  Loss(const char* name);
  Loss(const std::string& name);
  template <LossFunction T>
    requires(!std::is_same_v<T, Loss>)
  Loss(T object) : Choice(loss_holder(object)) {}

  /// The name it was chosen by, or its object's, or "loss".
  std::string name() const;
  std::string_view reduction() const;
  /// One number for each sample, or for each step of it; in float32 where y_pred is coarser, as in Keras.
  Value operator()(Value y_true, Value y_pred) const;
  /// Which of those numbers count, for a loss that leaves some out: ignore_class, Circle.
  std::optional<Value> mask(Value y_true, Value y_pred, Value values) const;

  /// The scalar that is trained on: reduce() of the values, with the loss's own mask and `mask` together.
  Value total(Value y_true, Value y_pred, std::optional<Value> weight = {}, std::optional<Value> mask = {}) const;
  /// "sum_over_batch_size" (and "mean") is sum(values * weight) / (number of values): the divisor is not the sum of the weights;
  /// that is "mean_with_sample_weight". Weights are [batch], [batch, 1] or of the values' shape. What a mask (bool, of the
  /// values' shape) leaves out does not count: a mean is one over the others. "none" cannot be reduced: UnsupportedError.
  Value reduce(Value values, std::optional<Value> weight = {}, std::optional<Value> mask = {}) const;

 private:
  friend Config to_config(const Loss& loss);
};

/// As Keras's compile_config: the name where it was chosen by one, else the object's dict; null for none.
Config to_config(const Loss& loss);
void from_config(const Config& config, Loss& loss);

/// What choosing a loss by name or config takes; one for each class, defined in its own file.
struct LossRules {
  std::string_view class_name;
  std::vector<std::string> names;  // class, snake case, aliases
  Loss (*make)(const Config& options);
  Config (*options)();  // all of them, with their defaults
};
/// Declared for every T, defined by CORNU_DEFINE_LOSS in T's file (losses/define_loss.h).
template <class T> const LossRules& loss_rules();
/// All of them, in Keras's order.
std::span<const LossRules* const> all_losses();
/// Null for an unknown name.
const LossRules* find_loss(std::string_view name);

}  // namespace cornu

/// After the struct of a loss, in namespace cornu: its holder is compiled once, in the file that defines it.
#define CORNU_LOSS(T)                                                   \
  template <> std::shared_ptr<const LossInterface> loss_holder(T& object); \
  template <> const LossRules& loss_rules<T>();
