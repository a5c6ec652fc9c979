// What compile asked for, output by output, with the names that logs give it.
#pragma once
#include "cornu/base/config.h"
#include "cornu/callbacks/logs.h"
#include "cornu/train/per_output.h"

namespace cornu {

struct CompileConfig;

/// The loss of an output.
struct Objective {
  size_t output = 0;
  Loss loss;
  std::optional<double> weight = {};
  std::string log = "";  // "label_loss"; empty where it is the model's only loss, which "loss" is about
};

/// A metric of an output.
struct TrackedMetric {
  size_t output = 0;
  Metric metric;
  bool weighted = false;  // by the sample weights
  std::string log = "";   // "label_accuracy"; of a metric that gives several numbers the beginning of their names
};

struct Objectives {
  std::vector<Objective> losses = {};
  std::vector<TrackedMetric> metrics = {};  // the weighted ones last

  /// Which outputs y must have something for: those with a loss.
  std::vector<size_t> outputs_with_loss() const;
  bool metric_of(size_t output) const;
};

/// Throws ArgumentError for losses, weights and metrics that do not fit these outputs. Names are Keras's: of several outputs, each
/// begins with its output's; a second of one name gets _1, a weighted one "weighted_".
Objectives objectives_of(const CompileConfig& config, const std::vector<std::string>& outputs);

/// What a metric has come to: under its name, or as name_0, name_1, ... where it gives several numbers.
void report(Logs& logs, const std::string& name, const Metric& metric, std::span<const Tensor> states);

/// The parts of Keras's compile_config, in the form in which they were given.
Config to_config(const PerOutput<Loss>& loss);
Config to_config(const PerOutput<double>& weights);
Config to_config(const OutputMetrics& metrics);
void from_config(const Config& config, PerOutput<Loss>& loss);
void from_config(const Config& config, PerOutput<double>& weights);
void from_config(const Config& config, OutputMetrics& metrics);

}  // namespace cornu
