// Training loops of one's own. A step is a function that says what happens in it; it is traced and compiled once for each
// signature of its batch, gradients and optimizer included, and then runs without allocating:
//
//   TrainingStep step([&](StepScope& s, const std::vector<Value>& batch) {
//     const Value loss = mean(square(s.call(model, batch[0]) - batch[1]));
//     s.minimize(loss, Adam{.learning_rate = 0.01});
//     return std::vector{loss};
//   });
//   for (int i = 0; i < 1000; ++i) step({x, y});
//
// Weights are the layers' own: the model in the example has learned when the loop ends. Two steps may train two models by turns,
// as adversarial networks do; each step keeps what its optimizer keeps.
#pragma once
#include "cornu/train/model.h"

namespace cornu {

/// What a step may do while it is traced.
class StepScope {
 public:
  /// A layer or model on values, with its weights, in training mode unless the step's options say otherwise.
  Value call(const Layer& layer, Value x);
  std::vector<Value> call(const Layer& layer, const std::vector<Value>& in);
  /// A tensor that the step keeps under this name, to be trained or changed; it begins as `initial`.
  Value variable(const std::string& name, const Tensor& initial, bool trainable = true);
  /// What a variable is in the next step.
  void set(Value variable, Value next) { scope_.update(variable, next); }
  /// One step of an optimizer down the slopes of a scalar. All trainable weights that the trace has met take part, or those of
  /// `only`: the layers and models that this step is to train. At most once in a step.
  void minimize(Value loss, const Optimizer& optimizer, const std::vector<Layer>& only = {});
  /// The trainable weights that the trace has met, or those of `only`: what gradients() and value_and_grad() are taken of.
  std::vector<Value> trainable_weights(const std::vector<Layer>& only = {}) const;
  /// One step of an optimizer along gradients that are given, Keras's optimizer.apply(gradients, weights): in the place of minimize,
  /// which takes them itself. An optimizer that scales the loss divides them by its scale: Optimizer::scale_loss is the caller's then.
  /// Throws ArgumentError for a Value that is no trainable weight, ShapeError for a gradient of another type.
  void apply(const Optimizer& optimizer, const std::vector<Value>& gradients, const std::vector<Value>& weights);
  /// Reports a metric, accumulated from step to step, under its name: metrics(), reset_metrics(). One that gives several numbers
  /// is reported as name_0, name_1, ...
  void track(const Metric& metric, Value y_true, Value y_pred, std::optional<Value> weight = {});

  /// Weights, modes, random keys, penalties (losses()) and masks, as layers use them.
  Scope& scope() { return scope_; }
  Graph& graph() { return scope_.graph(); }

 private:
  friend class TrainingStep;
  struct Asked;  // of minimize and track
  StepScope(Scope& scope, Asked& asked) : scope_(scope), asked_(asked) {}
  Scope& scope_;
  Asked& asked_;
};

struct TrainingStepOptions {
  uint64_t seed = 0;     // of new weights and of what is random
  bool training = true;  // false: layers do as when they predict
  int threads = 0;       // at most this many; 0: the cores that the process may use
  /// In which numbers it keeps its weights and computes, as Model::set_dtype_policy says. A model of mixed_bfloat16 that it calls
  /// rounds as that model does, whatever this is; one of float64 needs a step of float64.
  std::string dtype_policy = "float32";
};

class TrainingStep {
 public:
  /// Called for each new signature; the values that it returns are outputs of the step.
  using Trace = std::function<std::vector<Value>(StepScope&, const std::vector<Value>& batch)>;
  explicit TrainingStep(Trace trace, TrainingStepOptions options = {});
  ~TrainingStep();
  TrainingStep(TrainingStep&&) noexcept;
  TrainingStep& operator=(TrainingStep&&) noexcept;

  /// One step. Its first output as a number (0 if there is none). Throws what tracing throws. A batch that is kept, as a vector or
  /// a span, costs no allocation; one in braces is copied, handle by handle.
  double operator()(std::span<const Tensor> batch);
  double operator()(std::initializer_list<Tensor> batch);
  /// An output of the last step.
  Tensor output(size_t i) const;

  /// By name, "w" or "dense/kernel": what the step keeps or its layers do, once it has run. Throws ArgumentError, suggesting the
  /// near name; set_variable also ShapeError.
  Tensor variable(std::string_view name) const;
  void set_variable(std::string_view name, const Tensor& value);
  std::vector<std::string> variable_names() const;

  Logs metrics() const;
  void reset_metrics();
  /// Optimizer steps so far.
  int64_t iterations() const;
  double learning_rate() const;
  /// For an optimizer without a schedule, once the step has run.
  void set_learning_rate(double rate);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cornu
