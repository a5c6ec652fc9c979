#include "cornu/app/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>

#include "cornu/base/error.h"
#include "cornu/io/file.h"
#include "cornu/io/json.h"

namespace cornu::app {
namespace {

/// 0, or the errno.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(descriptor, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    text.remove_prefix(static_cast<size_t>(n));
  }
  return 0;
}

Config finite(const Config& config) {
  if (config.is_list()) {
    Config::List list;
    for (const Config& item : config.as_list()) list.push_back(finite(item));
    return list;
  }
  if (config.is_dict()) {
    Config::Dict dict;
    for (const auto& [key, value] : config.as_dict()) dict.emplace_back(key, finite(value));
    return dict;
  }
  return config.is_number() && !std::isfinite(config.as_double()) ? Config() : config;
}

}  // namespace

void print(std::string_view text) {
  const int error = write_all(STDOUT_FILENO, text);
  if (error == EPIPE) throw ClosedPipe();
  errno = error;
  if (error != 0) throw_io_error("write to", "standard output", "Make room, or send the output elsewhere.");
}

void remark(std::string_view text) { write_all(STDERR_FILENO, cornu::text("cornu: ", text, "\n")); }

std::string json_line(const Config& config) { return write_json(finite(config)) + "\n"; }

OutputToError::OutputToError(bool on) {
  if (!on) return;
  saved_ = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  if (saved_ >= 0) dup2(STDERR_FILENO, STDOUT_FILENO);
}

OutputToError::~OutputToError() {
  if (saved_ < 0) return;
  dup2(saved_, STDOUT_FILENO);
  close(saved_);
}

}  // namespace cornu::app
