// Optimizers: from gradients to new weights, as part of the graph of a training step.
#pragma once
#include <functional>
#include <map>

#include "cornu/graph/graph.h"
#include "cornu/nn/constraints.h"
#include "cornu/optimizers/schedules.h"

namespace cornu {

/// A weight to train, as the trainer hands it over.
struct TrainableWeight {
  std::string path;      // "dense/kernel"
  Value weight, gradient;
  Constraint constraint = {};
};

/// What an optimizer keeps, in the order of Keras's files: iteration, learning_rate (unless scheduled), then the slots.
struct OptimizerVariable {
  std::string path;      // "optimizer/dense/kernel/momentum": the graph's state of that name
  TensorType type;
  double initial = 0;
};

/// One weight's turn: what an optimizer's formula may use.
class WeightUpdate {
 public:
  Value weight, gradient;
  Value learning_rate;   // scalars of the weight's dtype
  Value step;            // 1 in the first step
  /// What is kept for this weight under that name; it starts from zeros.
  Value slot(std::string_view name) const;
  /// The slot's next value.
  void set(Value slot, Value next);
  /// A scalar that does not depend on the weight: computed once for all weights of a dtype.
  Value once(const std::string& name, const std::function<Value()>& compute);

 private:
  friend class Optimizer;
  std::string path_;
  std::vector<Assignment>* assignments_ = nullptr;
  std::map<std::string, Value>* shared_ = nullptr;
};

// Options that all of them share. Gradients are clipped first, by at most one of: clipnorm (each weight's gradient to that
// norm), global_clipnorm (all together), clipvalue (each number). weight_decay takes weight_decay * learning_rate * w off each
// weight before the update.
#define CORNU_OPTIMIZER_OPTIONS               \
  std::optional<double> clipnorm = {};        \
  std::optional<double> clipvalue = {};       \
  std::optional<double> global_clipnorm = {};
#define CORNU_OPTIMIZER_FIELDS name, learning_rate, weight_decay, clipnorm, global_clipnorm, clipvalue

/// Keys that Keras writes for every optimizer and cornu does not have yet, with the only values that it accepts.
Config unsupported_optimizer_options();

/// w -= lr g. With momentum: m = momentum m - lr g, then w += m, or with nesterov w += momentum m - lr g (Sutskever 2013).
struct SGD {
  LearningRate learning_rate = 0.01;
  double momentum = 0;
  bool nesterov = false;
  std::optional<double> weight_decay = {};
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "sgd";
  static constexpr std::string_view class_name = "SGD";
  static Config extras() { return unsupported_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, momentum, nesterov)
  std::vector<std::vector<std::string_view>> slots() const;
  Value operator()(WeightUpdate& u) const;
};

/// Kingma and Ba 2014, with epsilon outside the bias correction as in Keras:
///   alpha = lr sqrt(1 - beta_2^t) / (1 - beta_1^t);  m += (g - m)(1 - beta_1);  v += (g^2 - v)(1 - beta_2);
///   w -= alpha m / (sqrt(v) + epsilon).  amsgrad: the largest v so far stands in v's place (Reddi et al. 2018).
struct Adam {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
  bool amsgrad = false;
  std::optional<double> weight_decay = {};
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "adam";
  static constexpr std::string_view class_name = "Adam";
  static Config extras() { return unsupported_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, beta_1, beta_2, epsilon, amsgrad)
  std::vector<std::vector<std::string_view>> slots() const;
  Value operator()(WeightUpdate& u) const;
};

/// Adam with weight decay (Loshchilov and Hutter 2019).
struct AdamW {
  LearningRate learning_rate = 0.001;
  std::optional<double> weight_decay = 0.004;
  double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
  bool amsgrad = false;
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "adamw";
  static constexpr std::string_view class_name = "AdamW";
  static constexpr std::array<std::string_view, 1> aliases = {"adamw"};
  static Config extras() { return unsupported_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, beta_1, beta_2, epsilon, amsgrad)
  std::vector<std::vector<std::string_view>> slots() const;
  Value operator()(WeightUpdate& u) const;
};

/// Tieleman and Hinton 2012, with epsilon inside the root as in Keras:
///   v = rho v + (1 - rho) g^2;  w -= lr g / sqrt(v + epsilon).  centered: v - (mean g)^2 in v's place. With momentum the
///   step is accumulated: m = momentum m + step, w -= m.
struct RMSprop {
  LearningRate learning_rate = 0.001;
  double rho = 0.9, momentum = 0, epsilon = 1e-7;
  bool centered = false;
  std::optional<double> weight_decay = {};
  CORNU_OPTIMIZER_OPTIONS
  std::string name = "rmsprop";
  static constexpr std::string_view class_name = "RMSprop";
  static constexpr std::array<std::string_view, 1> aliases = {"rmsprop"};
  static Config extras() { return unsupported_optimizer_options(); }
  CORNU_FIELDS(CORNU_OPTIMIZER_FIELDS, rho, momentum, epsilon, centered)
  std::vector<std::vector<std::string_view>> slots() const;
  Value operator()(WeightUpdate& u) const;
};
#undef CORNU_OPTIMIZER_OPTIONS
#undef CORNU_OPTIMIZER_FIELDS

/// What every optimizer has, read from its struct.
struct OptimizerOptions {
  LearningRate learning_rate;
  std::string name;
  std::optional<double> weight_decay, clipnorm, clipvalue, global_clipnorm;
};

struct OptimizerInterface : Choosable {
  virtual OptimizerOptions options() const = 0;
  virtual std::vector<std::vector<std::string_view>> slots() const = 0;
  virtual Value update(WeightUpdate& u) const = 0;
};
template <class T>
concept OptimizerObject = requires(const T& t, WeightUpdate& u) {
  { t(u) } -> std::convertible_to<Value>;
  { t.slots() } -> std::convertible_to<std::vector<std::vector<std::string_view>>>;
  { t.learning_rate } -> std::convertible_to<LearningRate>;
};

/// An optimizer: Keras's name for one, whatever its case ("adam"), one of the structs, or a struct of the user's with a
/// learning_rate, slots() and operator()(WeightUpdate&) -> the new weight. slots() names what is kept for each weight, in
/// groups: files hold the first group for all weights, interleaved, then the next.
class Optimizer : public Choice<OptimizerInterface> {
 public:
  Optimizer() : Optimizer(RMSprop{}) {}  // Keras's default
  Optimizer(std::string_view name);
  Optimizer(const char* name) : Optimizer(std::string_view(name)) {}
  Optimizer(const std::string& name) : Optimizer(std::string_view(name)) {}
  template <OptimizerObject T> Optimizer(T object) : Choice(std::make_shared<Holder<T>>(std::move(object))) {}

  OptimizerOptions options() const { return self_->options(); }

  /// What it keeps for weights of these paths and types.
  std::vector<OptimizerVariable> variables(const std::vector<std::pair<std::string, TensorType>>& weights) const;
  /// One step, as nodes of the weights' graph: the next values of the weights, the slots and the iteration, for the caller to
  /// assign. A weight's new value is its assignment's; a weight without a gradient is left alone.
  std::vector<Assignment> step(Graph& graph, const std::vector<TrainableWeight>& weights) const;

  static constexpr const char* iteration_path = "optimizer/iteration";          // int64 scalar
  static constexpr const char* learning_rate_path = "optimizer/learning_rate";  // float32 scalar

 private:
  template <class T> struct Holder final : Chosen<OptimizerInterface, T> {
    using Chosen<OptimizerInterface, T>::Chosen;
    OptimizerOptions options() const override {
      const T& o = this->object;
      OptimizerOptions all{o.learning_rate, "", {}, {}, {}, {}};
      if constexpr (requires { o.name; }) all.name = o.name;
      if constexpr (requires { o.weight_decay; }) all.weight_decay = o.weight_decay;
      if constexpr (requires { o.clipnorm; }) all.clipnorm = o.clipnorm;
      if constexpr (requires { o.clipvalue; }) all.clipvalue = o.clipvalue;
      if constexpr (requires { o.global_clipnorm; }) all.global_clipnorm = o.global_clipnorm;
      return all;
    }
    std::vector<std::vector<std::string_view>> slots() const override { return this->object.slots(); }
    Value update(WeightUpdate& u) const override { return this->object(u); }
  };
  friend Config to_config(const Optimizer& optimizer);
};

/// Keras's object dict.
Config to_config(const Optimizer& optimizer);
void from_config(const Config& config, Optimizer& optimizer);

}  // namespace cornu
