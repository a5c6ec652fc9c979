// Layers, optimizers, losses and metrics as one writes them on a command line: "dense:10:relu", "adam:learning_rate=0.01".
#pragma once
#include <string>
#include <vector>

#include "cornu/nn/layer.h"
#include "cornu/losses/losses.h"
#include "cornu/metrics/metrics.h"
#include "cornu/optimizers/optimizers.h"

namespace cornu::app {

/// Words with spaces between them, each name[:value...][:option=value...]. The name is a layer's class in snake case; values
/// without a name are its options in Keras's order: dense:units:activation, dropout:rate, reshape:28,28,1, rescaling:scale:offset.
/// The samples have shape `sample`; the result begins with an Input: the one that is written ("input:784"), else `sample`, else,
/// where the first dense comes before any flatten or reshape, `sample` as a row.
/// Throws ArgumentError naming the word.
std::vector<Layer> layers_from_text(const std::string& text, const Shape& sample);

/// name[:option=value[,option=value...]]. Each throws ArgumentError naming the option.
Optimizer optimizer_from_text(const std::string& text);
Loss loss_from_text(const std::string& text);
/// Names, separated by commas or in several strings; "none" for no metrics.
std::vector<Metric> metrics_from_text(const std::vector<std::string>& texts);

/// {option: value} from "option=value,option=value". `where` begins the errors.
Config options_from_text(std::string_view where, const std::string& text);
/// The parts between the separators.
std::vector<std::string> split(const std::string& text, char separator);

}  // namespace cornu::app
