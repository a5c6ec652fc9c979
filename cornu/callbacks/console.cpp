#include "cornu/callbacks/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <string>

namespace cornu {
namespace {

/// Straight to the descriptor: nothing stays in a buffer when the process is killed.
void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(descriptor, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    text.remove_prefix(static_cast<size_t>(n));
  }
}

struct StandardConsole final : Console {
  void print(std::string_view text) override { write_all(STDOUT_FILENO, text); }
  void warn(std::string_view text) override { write_all(STDERR_FILENO, "warning: " + std::string(text) + "\n"); }
  bool is_terminal() const override { return isatty(STDOUT_FILENO); }
  int colors() const override {
    return is_terminal() ? terminal_colors(std::getenv("TERM"), std::getenv("COLORTERM"), std::getenv("NO_COLOR")) : 0;
  }
  // Python's shutil.get_terminal_size: COLUMNS wins over what the terminal says.
  int columns() const override {
    if (const char* given = std::getenv("COLUMNS"))
      if (const int n = std::atoi(given); n > 0) return n;
    winsize size{};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
  }
  bool is_utf8() const override { return locale_is_utf8(std::getenv("LC_ALL"), std::getenv("LC_CTYPE"), std::getenv("LANG")); }
  double seconds() const override {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }
};

std::string lower(const char* s) {
  std::string l = s ? s : "";
  std::transform(l.begin(), l.end(), l.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return l;
}

}  // namespace

Console& standard_console() {
  static StandardConsole console;
  return console;
}

int terminal_colors(const char* term, const char* colorterm, const char* no_color) {
  if (no_color && *no_color) return 0;
  const std::string t = lower(term), c = lower(colorterm);
  if (t == "dumb" || t == "unknown") return 0;
  if (c == "truecolor" || c == "24bit" || t.ends_with("256color") || t.ends_with("kitty")) return 256;
  return 16;
}

bool locale_is_utf8(const char* lc_all, const char* lc_ctype, const char* lang) {
  for (const char* given : {lc_all, lc_ctype, lang}) {
    const std::string l = lower(given);
    if (l.empty()) continue;
    return l == "c" || l == "posix" || l.find("utf-8") != std::string::npos || l.find("utf8") != std::string::npos;
  }
  return true;
}

}  // namespace cornu
