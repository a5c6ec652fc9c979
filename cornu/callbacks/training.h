// What a callback may see of the run in progress, and do to it. The trainer implements it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cornu/tensor/tensor.h"
#include "cornu/callbacks/console.h"
#include "cornu/callbacks/verbose.h"

namespace cornu {

/// Keras's `params` of a callback.
struct TrainingParams {
  int epochs = 1;
  std::optional<int64_t> steps = {};  // per epoch; unknown for a generator in its first epoch
  Verbose verbose = {};
};

class Training {
 public:
  virtual ~Training() = default;

  virtual const TrainingParams& params() const = 0;
  virtual Console& console() const = 0;

  /// As Keras orders them: layer by layer, kernel before bias.
  virtual std::vector<Tensor> get_weights() const = 0;
  virtual void set_weights(const std::vector<Tensor>& weights) = 0;
  /// A .keras file, with the optimizer's state. Throws IoError.
  virtual void save(const std::string& path) = 0;
  /// A .weights.h5 file. Throws IoError.
  virtual void save_weights(const std::string& path) = 0;

  virtual double learning_rate() const = 0;
  virtual void set_learning_rate(double rate) = 0;
  /// Optimizer steps so far.
  virtual int64_t iterations() const = 0;
  virtual std::string optimizer_name() const = 0;
  /// Whether the optimizer keeps moving averages of the weights (use_ema).
  virtual bool has_weight_averages() const { return false; }
  /// Each trainable weight and its moving average change places. Nothing where there are none.
  virtual void swap_weight_averages() {}
  /// Each moving average becomes what its weight is.
  virtual void set_averages_to_weights() {}
  /// Names for get_weights(), unique: "sequential/dense/kernel".
  virtual std::vector<std::string> weight_names() const { return {}; }
  /// Keras's description of the model. Throws UnsupportedError for what has no config.
  virtual std::string model_json() const { return "{}"; }
  /// Whether more is better: true for accuracies, false for losses, empty for what is unknown. `metric` comes without
  /// its "val_". The default knows Keras's metrics and losses by name; a trainer with metrics of other names says more.
  virtual std::optional<bool> more_is_better(std::string_view metric) const;

  /// Set by a callback: the run ends after this epoch, or after this batch when set in a batch hook.
  bool stop_training = false;
};

}  // namespace cornu
