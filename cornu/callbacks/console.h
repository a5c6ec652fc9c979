// Where progress, messages and tables go: standard output and error, or whatever a caller puts in their place.
#pragma once
#include <string_view>

namespace cornu {

class Console {
 public:
  virtual ~Console() = default;
  /// Writes the bytes as they are and flushes. Output that nobody can take (a closed pipe) is dropped: training goes on.
  virtual void print(std::string_view text) = 0;
  /// A line on standard error, with "warning: " before it.
  virtual void warn(std::string_view text) = 0;
  /// Whether someone watches: bars may be redrawn and colours used.
  virtual bool is_terminal() const = 0;
  /// 0, 16 or 256 colours.
  virtual int colors() const = 0;
  /// Width in characters: of the terminal, else COLUMNS, else 80.
  virtual int columns() const = 0;
  /// Whether the locale can show the bar's and the table's characters; if not, bars are drawn with '='.
  virtual bool is_utf8() const = 0;
  /// Seconds since some fixed moment; never goes back.
  virtual double seconds() const = 0;
};

/// The process's own standard output and error. Has no state: every call asks the system.
Console& standard_console();

/// What a terminal's environment says about colours (rich's rule): COLORTERM, then TERM. Null counts as unset.
int terminal_colors(const char* term, const char* colorterm, const char* no_color);
/// Whether LC_ALL, else LC_CTYPE, else LANG names UTF-8. None, "C" and "POSIX" do (as in Python since 3.7).
bool locale_is_utf8(const char* lc_all, const char* lc_ctype, const char* lang);

}  // namespace cornu
