// Keras's verbose: how much training says.
#pragma once
#include <string_view>

namespace cornu {

/// 0: nothing; 1: a progress bar; 2: one line per epoch; "auto": a progress bar.
class Verbose {
 public:
  Verbose() = default;  // "auto"
  /// Throws ArgumentError unless it is 0, 1 or 2.
  Verbose(int level);
  Verbose(bool bar) : Verbose(bar ? 1 : 0) {}
  /// Throws ArgumentError unless it is "auto", "0", "1" or "2".
  Verbose(std::string_view level);
  Verbose(const char* level) : Verbose(std::string_view(level)) {}

  bool is_auto() const { return level_ < 0; }
  int level() const { return is_auto() ? 1 : level_; }
  bool operator==(const Verbose&) const = default;

 private:
  int level_ = -1;
};

}  // namespace cornu
