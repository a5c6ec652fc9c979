// What compile, fit, evaluate and predict take: Keras's names and defaults.
#pragma once
#include <atomic>
#include <map>
#include <optional>

#include "cornu/data/datasets.h"
#include "cornu/data/source.h"
#include "cornu/losses/losses.h"
#include "cornu/metrics/metrics.h"
#include "cornu/optimizers/optimizers.h"
#include "cornu/callbacks/callback.h"
#include "cornu/callbacks/verbose.h"

namespace cornu {

struct CompileConfig {
  Optimizer optimizer = "rmsprop";
  Loss loss = {};
  std::vector<Metric> metrics = {};
  std::vector<Metric> weighted_metrics = {};
  int threads = 0;  // at most this many; 0: the cores that the process may use. The results are the same on any number
};

/// Data to validate on: a Split of a dataset, or x and y, perhaps with a weight for each sample.
struct ValidationData {
  Tensor x, y;
  std::optional<Tensor> sample_weight = {};
  ValidationData(Tensor images, Tensor labels, std::optional<Tensor> weight = {})
      : x(std::move(images)), y(std::move(labels)), sample_weight(std::move(weight)) {}
  ValidationData(const Split& split) : x(split.x), y(split.y) {}
};

struct FitOptions {
  int64_t batch_size = 32;
  int epochs = 1;
  Verbose verbose = {};
  std::vector<Callback> callbacks = {};
  double validation_split = 0;  // the last part of the data, cut off before shuffling
  std::optional<ValidationData> validation_data = {};
  bool shuffle = true;
  std::map<int64_t, double> class_weight = {};  // by label; others weigh 1
  std::optional<Tensor> sample_weight = {};     // [samples]
  int initial_epoch = 0;
  std::optional<int64_t> validation_batch_size = {};
  int validation_freq = 1;
  /// A .keras file that is written after each epoch, with all that it takes to go on from there. With `resume`, training does
  /// go on from it when it is there: the same weights and the same history as if it had never stopped, bit for bit.
  std::string backup = "";
  bool resume = false;
  /// Set from elsewhere (a signal handler), it ends training after the step in progress; the weights are kept.
  const std::atomic<int>* interrupt = nullptr;
};

struct EvaluateOptions {
  int64_t batch_size = 32;
  Verbose verbose = {};
  std::optional<Tensor> sample_weight = {};
  std::vector<Callback> callbacks = {};
};

struct PredictOptions {
  int64_t batch_size = 32;
  Verbose verbose = {};
  std::vector<Callback> callbacks = {};
};

}  // namespace cornu
