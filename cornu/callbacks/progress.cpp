#include "cornu/callbacks/progress.h"

#include <algorithm>
#include <cmath>

#include "cornu/base/error.h"
#include "cornu/callbacks/numbers.h"

namespace cornu {
namespace {
constexpr const char *bold = "\x1b[1m", *green = "\x1b[32m", *white = "\x1b[37m", *reset = "\x1b[0m";

std::string repeated(std::string_view s, int64_t times) {
  std::string all;
  for (int64_t i = 0; i < times; ++i) all += s;
  return all;
}

/// "  3/100": `current` as wide as the target is.
std::string count_text(int64_t current, int64_t target) {
  const std::string of = std::to_string(target), at = std::to_string(current);
  return std::string(of.size() > at.size() ? of.size() - at.size() : 0, ' ') + at + "/" + of;
}

std::string eta_text(double seconds) {
  const auto s = static_cast<int64_t>(seconds);
  if (seconds > 3600)
    return formatted("%d:%02d:%02d", static_cast<int>(s / 3600), static_cast<int>(s % 3600 / 60), static_cast<int>(s % 60));
  if (seconds > 60) return formatted("%d:%02d", static_cast<int>(s / 60), static_cast<int>(s % 60));
  return text(s, "s");
}
}  // namespace

std::string metric_text(double value) {
  if (std::isnan(value)) return "nan";  // printf may give it a sign
  return formatted(std::abs(value) > 1e-3 ? "%.4f" : "%.4e", value);
}

std::string step_time_text(double seconds) {
  if (seconds >= 1 || seconds == 0) return formatted(" %.0fs/step", seconds);
  if (seconds >= 1e-3) return formatted(" %.0fms/step", seconds * 1000.0);
  return formatted(" %.0fus/step", seconds * 1000000.0);
}

Progress::Progress(ProgressOptions options, double now)
    : options_(std::move(options)), start_(now), last_update_(now - 2 * options_.interval) {}

std::string Progress::update(int64_t current, const Logs& values, bool final, double now) {
  if (options_.style == BarStyle::line && !final) return "";
  for (const auto& [name, value] : values) values_.set(name, value);
  const double per_step = seconds_per_step(current, now);
  if (options_.style == BarStyle::line) return line(current, now, per_step);
  if (!final && now - last_update_ < options_.interval) return "";
  last_update_ = now;
  return redraw(current, final, now, per_step);
}

// The first step is left out of the average: it pays for compiling.
double Progress::seconds_per_step(int64_t current, double now) {
  if (current <= 0) return 0;
  const double per_step = after_first_step_ && current > 1 ? (now - *after_first_step_) / static_cast<double>(current - 1)
                                                           : (now - start_) / static_cast<double>(current);
  if (current == 1) after_first_step_ = now;
  return per_step;
}

std::string Progress::redraw(int64_t current, bool final, double now, double per_step) {
  const bool known = options_.target && *options_.target > 0;
  const std::string_view dash = options_.utf8 ? "━" : "=";
  std::string drawn = std::string(shown_width_, '\b') + "\r";
  size_t width = 0;  // of what can be seen
  const auto show = [&](std::string_view visible) { drawn += visible, width += visible.size(); };

  if (known) {
    const double done = static_cast<double>(current) / static_cast<double>(*options_.target);
    const int run = static_cast<int>(options_.width * done);
    drawn += bold, show(count_text(current, *options_.target)), drawn += reset, show(" ");
    if (run > 0) drawn += green + repeated(dash, run) + reset;
    drawn += white + repeated(dash, options_.width - run) + reset;
    width += static_cast<size_t>(std::max(run, options_.width));
  } else {
    show(formatted("%7lld/Unknown", static_cast<long long>(current)));
  }
  show(" "), drawn += bold;
  show(known && !final ? eta_text(per_step * static_cast<double>(*options_.target - current)) : formatted("%.0fs", now - start_));
  drawn += reset;
  show(step_time_text(per_step));
  for (const auto& [name, value] : values_) show(text(" - ", name, ": ", metric_text(value)));

  if (shown_width_ > width) drawn.append(shown_width_ - width, ' ');
  if (final) drawn += '\n';
  shown_width_ = width;
  return drawn;
}

std::string Progress::line(int64_t current, double now, double per_step) const {
  if (!options_.target || *options_.target <= 0) return "";
  std::string said =
      text(count_text(current, *options_.target), " - ", formatted("%.0fs", now - start_), " -", step_time_text(per_step));
  for (const auto& [name, value] : values_) {
    const bool exponent = options_.signed_exponent && value < 0;
    said += text(" - ", name, ": ", exponent ? formatted("%.4e", value) : metric_text(value));
  }
  return said + "\n";
}

}  // namespace cornu
