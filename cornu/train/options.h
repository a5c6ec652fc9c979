// What compile, fit, evaluate and predict take: Keras's names and defaults.
#pragma once
#include <atomic>
#include <map>
#include <optional>

#include "cornu/compiler/memory.h"
#include "cornu/data/datasets.h"
#include "cornu/data/source.h"
#include "cornu/data/tensor_group.h"
#include "cornu/optimizers/optimizers.h"
#include "cornu/train/per_output.h"
#include "cornu/callbacks/callback.h"
#include "cornu/callbacks/verbose.h"

namespace cornu {

struct CompileConfig {
  Optimizer optimizer = "rmsprop";
  PerOutput<Loss> loss = {};             // one, or for each output one or none: see per_output.h
  PerOutput<double> loss_weights = {};   // of each output's loss in the sum that is trained on
  OutputMetrics metrics = {};
  OutputMetrics weighted_metrics = {};   // these heed sample_weight
  int threads = 0;  // at most this many; 0: the cores that the process may use. The results are the same on any number
  /// Time for memory: "less" and "least" compute cheap things, or all things, a second time instead of keeping them for the backward
  /// pass; a number of bytes, as much of that as fits: see memory.h. The results are the same, bit for bit.
  Memory memory = "speed";
  /// Each new step may take 200 ms longer to compile, to try its kernels out; what is found is kept for this user in
  /// $XDG_CACHE_HOME/cornu or ~/.cache/cornu. Results stay the same bits unless `reproducible` is false.
  bool tune = false;
  bool reproducible = true;
};

/// Data to validate on: a Split of a dataset; x and y, perhaps with a weight for each sample; or batches from a generator.
struct ValidationData {
  TensorGroup x = {}, y = {}, sample_weight = {};
  std::optional<Source> source = {};  // in the place of these
  ValidationData(TensorGroup inputs, TensorGroup labels, TensorGroup weight = {});
  ValidationData(const Split& split);
  ValidationData(Source batches);
  CORNU_SPECIAL_MEMBERS(ValidationData)
};

struct FitOptions {
  int64_t batch_size = 32;
  int epochs = 1;
  Verbose verbose = {};
  std::vector<Callback> callbacks = {};
  double validation_split = 0;  // the last part of the data, cut off before shuffling
  std::optional<ValidationData> validation_data = {};
  bool shuffle = true;
  std::map<int64_t, double> class_weight = {};  // by label; others weigh 1. Of a model with one output
  /// A weight for each sample, [samples], or for each of its steps, [samples, time]; one for all outputs, or by output.
  TensorGroup sample_weight = {};
  int initial_epoch = 0;
  /// An epoch is so many batches: the next one goes on where it ended. Default: all the data.
  std::optional<int64_t> steps_per_epoch = {};
  std::optional<int64_t> validation_steps = {};  // only the first batches. Default: all
  std::optional<int64_t> validation_batch_size = {};
  int validation_freq = 1;
  /// A .keras file that is written after each epoch, with all that it takes to go on from there. With `resume`, training does
  /// go on from it when it is there: the same weights and the same history as if it had never stopped, bit for bit.
  std::string backup = "";
  bool resume = false;
  /// Set from elsewhere (a signal handler), it ends training after the step in progress; the weights are kept.
  const std::atomic<int>* interrupt = nullptr;
  Console* console = nullptr;  // where progress goes. Default: standard output
};

struct EvaluateOptions {
  int64_t batch_size = 32;
  Verbose verbose = {};
  TensorGroup sample_weight = {};
  std::vector<Callback> callbacks = {};
  std::optional<int64_t> steps = {};  // only the first batches. Default: all
  Console* console = nullptr;
};

struct PredictOptions {
  int64_t batch_size = 32;
  Verbose verbose = {};
  std::vector<Callback> callbacks = {};
  std::optional<int64_t> steps = {};  // only the first batches. Default: all
  Console* console = nullptr;
};

}  // namespace cornu
