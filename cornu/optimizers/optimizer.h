// Optimizer: the handle of whatever turns gradients into new weights, as part of the graph of a training step.
#pragma once
#include <functional>
#include <map>

#include "cornu/graph/graph.h"
#include "cornu/nn/constraints.h"
#include "cornu/optimizers/optimizer_options.h"

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
  double initial = 0;    // of every element
};

/// What a slot of a weight looks like, where it is not the weight's type and zeros at first.
struct Slot {
  TensorType type;
  double initial = 0;
};

/// One weight's turn: what an optimizer's formula may use.
class WeightUpdate {
 public:
  Value weight, gradient;
  Value learning_rate;   // scalars of the weight's dtype
  Value step;            // 1 in the first step that updates weights
  bool scheduled = false;  // the learning rate is a schedule's
  /// "dense/kernel".
  const std::string& path() const { return path_; }
  /// What is kept for this weight under that name; of the weight's type unless the optimizer's slot() says otherwise.
  Value slot(std::string_view name) const;
  Value slot(std::string_view name, TensorType type) const;
  /// What is kept once for all weights, a float32 scalar named by the optimizer's scalars(): its next value, next(what is kept).
  Value scalar_slot(std::string_view name, const std::function<Value(Value kept)>& next);
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

using WeightTypes = std::vector<std::pair<std::string, TensorType>>;  // each weight's path and type

struct LossScaleOptimizer;  // loss_scale.h

struct OptimizerInterface : Choosable {
  virtual OptimizerOptions options() const = 0;
  virtual std::vector<std::vector<std::string_view>> slots() const = 0;
  virtual std::optional<Slot> slot(std::string_view name, const std::string& path, const TensorType& weight) const = 0;
  virtual std::vector<std::pair<std::string_view, double>> scalars() const = 0;
  virtual std::optional<double> weight_decay(const std::string& path, const TensorType& weight) const = 0;
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
/// groups: files hold the first group for all weights, interleaved, then the next. The struct may also say
///   std::optional<Slot> slot(name, path, weight's type) const;   a slot's type and first value; nothing: this weight has none
///   std::vector<std::pair<std::string_view, double>> scalars() const;   what is kept once for all weights, and its first value
///   std::optional<double> weight_decay_of(path, weight's type) const;   where that is not the same for all weights
/// and have any of the members of CORNU_OPTIMIZER_OPTIONS.
class Optimizer : public Choice<OptimizerInterface> {
 public:
  Optimizer();  // RMSprop, Keras's default
  Optimizer(std::string_view name);
  Optimizer(const char* name);
  Optimizer(const std::string& name);
  Optimizer(LossScaleOptimizer object);
  template <OptimizerObject T> Optimizer(T object) : Choice(std::make_shared<Holder<T>>(std::move(object))) {}

  CORNU_SPECIAL_MEMBERS(Optimizer)

  OptimizerOptions options() const;

  /// Weight decay leaves out weights with one of these paths ("dense/bias") and those in whose name ("bias": the last part of the
  /// path) one of these regular expressions is found. As in Keras it is no part of the config. Throws ArgumentError for an
  /// expression that is none.
  Optimizer& exclude_from_weight_decay(std::vector<std::string> names, std::vector<std::string> paths = {});

  /// What it keeps for weights of these paths and types.
  std::vector<OptimizerVariable> variables(const WeightTypes& weights) const;
  /// What gradients are to be taken of: the loss, scaled if the optimizer says so. step() undoes it.
  Value scale_loss(Value loss) const;
  /// One step, as nodes of the weights' graph: the next values of the weights, the slots and the iteration, for the caller to
  /// assign. A weight's new value is its assignment's; a weight without a gradient is left alone.
  std::vector<Assignment> step(Graph& graph, const std::vector<TrainableWeight>& weights) const;
  /// The number of updates that `counted` steps are, as Keras reports it: fewer where gradients accumulate.
  int64_t iterations(int64_t counted) const;
  /// The weight's moving average among variables(), which fit puts in the weight's place when it ends; empty without use_ema.
  std::string average_path(const std::string& weight) const;
  /// The optimizer inside of one that scales losses, or null. Files hold its variables a second time.
  const Optimizer* inner() const;

  static constexpr const char* iteration_path = "optimizer/iteration";          // int64 scalar: steps done
  static constexpr const char* learning_rate_path = "optimizer/learning_rate";  // float32 scalar

 private:
  template <class T> struct Holder final : Chosen<OptimizerInterface, T> {
    using Chosen<OptimizerInterface, T>::Chosen;
    OptimizerOptions options() const override { return options_of(this->object); }
    std::vector<std::vector<std::string_view>> slots() const override { return this->object.slots(); }
    std::optional<Slot> slot(std::string_view name, const std::string& path, const TensorType& weight) const override {
      if constexpr (requires { this->object.slot(name, path, weight); }) return this->object.slot(name, path, weight);
      else return Slot{weight};
    }
    std::vector<std::pair<std::string_view, double>> scalars() const override {
      if constexpr (requires { this->object.scalars(); }) return this->object.scalars();
      else return {};
    }
    std::optional<double> weight_decay(const std::string& path, const TensorType& weight) const override {
      if constexpr (requires { this->object.weight_decay_of(path, weight); }) return this->object.weight_decay_of(path, weight);
      else return options().weight_decay;
    }
    Value update(WeightUpdate& u) const override { return this->object(u); }
  };
  friend Config to_config(const Optimizer& optimizer);
  bool decays(const std::string& path) const;

  std::vector<std::string> undecayed_names_, undecayed_paths_;
};

/// Keras's object dict.
Config to_config(const Optimizer& optimizer);
void from_config(const Config& config, Optimizer& optimizer);

}  // namespace cornu
