// What the command writes: results on standard output, remarks on standard error.
#pragma once
#include <string_view>

#include "cornu/base/config.h"

namespace cornu::app {

/// Thrown when whoever read standard output has gone: there is nobody left to work for.
struct ClosedPipe {};

/// All of `text` on standard output. Throws ClosedPipe; IoError for anything else (a full disk).
void print(std::string_view text);
/// A line on standard error, "cornu: " in front. Never throws.
void remark(std::string_view text);

/// One line of JSON that any reader takes: NaN and infinities, which JSON lacks, become null.
std::string json_line(const Config& config);

/// While it lives, what is written to standard output goes to standard error: --json keeps standard output for its one line.
class OutputToError {
 public:
  explicit OutputToError(bool on);
  ~OutputToError();
  OutputToError(const OutputToError&) = delete;
  OutputToError& operator=(const OutputToError&) = delete;

 private:
  int saved_ = -1;
};

}  // namespace cornu::app
