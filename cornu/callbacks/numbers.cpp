#include "cornu/callbacks/numbers.h"

#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <iterator>

#include "cornu/io/json.h"

namespace cornu {

std::string formatted(const char* format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  const int size = std::vsnprintf(nullptr, 0, format, arguments);
  va_end(arguments);
  std::string s(static_cast<size_t>(size > 0 ? size : 0), '\0');
  std::vsnprintf(s.data(), s.size() + 1, format, again);
  va_end(again);
  return s;
}

std::string float_repr(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  return python_float(value);
}

std::string with_commas(int64_t n) {
  std::string s = std::to_string(n);
  const size_t first = n < 0 ? 1 : 0;
  for (size_t at = s.size(); at > first + 3;) s.insert(at -= 3, ",");
  return s;
}

std::string readable_size(double bytes) {
  const char* const units[] = {"B", "KB", "MB", "GB", "TB", "PB"};
  size_t unit = 0;
  while (unit + 1 < std::size(units) && bytes >= 1024) bytes /= 1024, ++unit;
  return formatted("%.2f %s", bytes, units[unit]);
}

}  // namespace cornu
