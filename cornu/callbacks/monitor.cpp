#include "cornu/callbacks/monitor.h"

#include <cmath>
#include <cstdlib>

#include "cornu/base/error.h"
#include "cornu/callbacks/numbers.h"

namespace cornu {

bool more_is_better(std::string_view callback, std::string_view monitor, std::string_view mode, const Training& training) {
  constexpr std::string_view modes[] = {"auto", "min", "max"};
  if (mode == "min") return false;
  if (mode == "max") return true;
  require(mode == "auto", callback, ": mode is '", printable(mode), "'", did_you_mean(mode, modes),
          "; it can be auto, min or max");
  std::string_view metric = monitor;
  if (metric.starts_with("val_")) metric.remove_prefix(4);
  const std::optional<bool> known = metric == "loss" ? false : training.more_is_better(metric);
  require(known.has_value(), callback, " callback received monitor=", printable(monitor),
          ", but it is not known whether that metric should be maximized or minimized. Pass mode = \"max\" in order to monitor "
          "based on "
          "the highest metric value, or pass mode = \"min\" in order to use the lowest value.");
  return *known;
}

bool is_improvement(double value, std::optional<double> best, bool more_is_better, double min_delta) {
  if (!best) return true;
  const double delta = std::abs(min_delta);
  const auto reference = static_cast<float>(*best);
  return more_is_better ? static_cast<float>(value - delta) > reference : static_cast<float>(value + delta) < reference;
}

Config best_to_config(std::optional<double> best) {
  if (!best) return {};
  return std::isfinite(*best) ? Config(*best) : Config(float_repr(*best));
}

std::optional<double> best_from_config(const Config& config) {
  if (config.is_null()) return {};
  return config.is_string() ? std::strtod(config.as_string().c_str(), nullptr) : config.as_double();
}

}  // namespace cornu
