// Keras's progress bar, as text.
#pragma once
#include <optional>
#include <string>

#include "cornu/callbacks/logs.h"

namespace cornu {

/// How a bar is drawn: `redrawn` in place, with colours, for a terminal (Keras's bytes); `line` says nothing but a final
/// line without any escape, for logs and verbose 2.
enum class BarStyle { redrawn, line };

struct ProgressOptions {
  std::optional<int64_t> target = {};  // steps, if known
  BarStyle style = BarStyle::redrawn;
  int width = 20;          // of the bar, in characters
  double interval = 0.05;  // seconds between two redraws
  bool utf8 = true;        // else '=' for the bar
  /// Keras's verbose 2 prints values of at most 1e-3, so all negative ones, with an exponent; its bar goes by size.
  bool signed_exponent = false;
};

/// keras.utils.Progbar, for values that are shown as they are. It is told the time and returns what is to be written.
class Progress {
 public:
  Progress(ProgressOptions options, double now);

  /// After `current` steps; empty when nothing is due. `final` ends the line and always draws.
  std::string update(int64_t current, const Logs& values, bool final, double now);
  void set_target(int64_t target) { options_.target = target; }

 private:
  double seconds_per_step(int64_t current, double now);
  std::string redraw(int64_t current, bool final, double now, double per_step);
  std::string line(int64_t current, double now, double per_step) const;

  ProgressOptions options_;
  Logs values_;  // in the order in which the names were first seen
  double start_;
  double last_update_;
  std::optional<double> after_first_step_;
  size_t shown_width_ = 0;  // visible characters of the last drawing
};

/// "0.8435", "1.2000e-04", "nan": a value as bars show it.
std::string metric_text(double value);
/// " 15us/step", " 3ms/step", " 2s/step" for a duration in seconds.
std::string step_time_text(double seconds);

}  // namespace cornu
