#include "cornu/base/error.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <numeric>

namespace cornu {

namespace {
template <class T> void append_number(std::string& to, T number) {
  char digits[32];
  to.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}
}  // namespace

void append_text(std::string& to, double number) { append_number(to, number); }
void append_text(std::string& to, float number) { append_number(to, number); }

namespace {
/// Levenshtein distance, ignoring case.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      const bool same = std::tolower(static_cast<unsigned char>(a[i])) == std::tolower(static_cast<unsigned char>(b[j]));
      const size_t next = std::min({row[j] + 1, row[j + 1] + 1, diagonal + (same ? 0 : 1)});
      diagonal = row[j + 1];
      row[j + 1] = next;
    }
  }
  return row[b.size()];
}
}  // namespace

std::string did_you_mean(std::string_view given, std::span<const std::string_view> known) {
  if (given.size() > 100) return "";
  std::string_view best;
  size_t best_distance = std::max<size_t>(2, given.size() / 3) + 1;
  for (std::string_view k : known)
    if (const size_t d = distance(given, k); d < best_distance) best = k, best_distance = d;
  return best.empty() ? "" : text(" (did you mean '", best, "'?)");
}

std::string printable(std::string_view bytes) {
  std::string s;
  for (const char c : bytes.substr(0, 200)) {
    if (c >= 32 && c < 127) {
      s += c;
    } else {
      constexpr char hex[] = "0123456789abcdef";
      const auto u = static_cast<unsigned char>(c);
      s += {'\\', 'x', hex[u >> 4], hex[u & 15]};
    }
  }
  return bytes.size() > 200 ? s + "..." : s;
}

}  // namespace cornu
