// What EarlyStopping, ModelCheckpoint and ReduceLROnPlateau share: a watched number, and what counts as better.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "cornu/base/config.h"
#include "cornu/callbacks/training.h"

namespace cornu {

/// True when more is better. `mode` is "auto", "min" or "max"; auto asks the metric (accuracies up, losses down).
/// Throws ArgumentError, naming `callback`, for another mode and for a monitor whose direction nobody knows.
bool more_is_better(std::string_view callback, std::string_view monitor, std::string_view mode, const Training& training);

/// Whether `value` beats `best` by more than `min_delta` (its sign does not matter). No best yet: yes. Compared in
/// float32, as Keras does.
bool is_improvement(double value, std::optional<double> best, bool more_is_better, double min_delta = 0);

/// best, which may be NaN or an infinity, as something that JSON can hold; and back.
Config best_to_config(std::optional<double> best);
std::optional<double> best_from_config(const Config& config);

}  // namespace cornu
