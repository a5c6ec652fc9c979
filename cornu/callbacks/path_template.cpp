#include "cornu/callbacks/path_template.h"

#include <cctype>
#include <cmath>

#include "cornu/base/error.h"
#include "cornu/callbacks/numbers.h"

namespace cornu {
namespace {

bool is_align(char c) { return c == '<' || c == '>' || c == '^' || c == '='; }

struct Spec {
  char fill = ' ', align = '>', sign = '-', type = 0;
  bool commas = false;
  size_t width = 0;
  int precision = -1;
};

/// Python's "format specification mini-language", the part that concerns numbers.
Spec parse(std::string_view s) {
  const std::string_view all = s;
  Spec spec;
  const auto take = [&] {
    const char c = s.front();
    s.remove_prefix(1);
    return c;
  };
  const auto number = [&] {
    int n = 0;
    while (!s.empty() && std::isdigit(static_cast<unsigned char>(s.front())) && n < 1000) n = n * 10 + (take() - '0');
    return n;
  };
  if (s.size() >= 2 && is_align(s[1])) {
    spec.fill = take(), spec.align = take();
  } else if (!s.empty() && is_align(s.front())) {
    spec.align = take();
  }
  if (!s.empty() && (s.front() == '+' || s.front() == '-' || s.front() == ' ')) spec.sign = take();
  if (!s.empty() && s.front() == '0') take(), spec.fill = '0', spec.align = '=';
  spec.width = static_cast<size_t>(number());
  if (!s.empty() && s.front() == ',') take(), spec.commas = true;
  if (!s.empty() && s.front() == '.') take(), spec.precision = number();
  if (!s.empty()) spec.type = take();
  require(s.empty() && spec.width < 1000 && spec.precision < 1000, "'", printable(all),
          "' is no number format such as 02d, .4f or .2e");
  return spec;
}

std::string magnitude(double size, bool integer, const Spec& spec, std::string_view written) {
  const bool as_integer = spec.type == 'd' || (spec.type == 0 && integer);
  require(spec.type != 'd' || integer, "Format '", printable(written), "' is for whole numbers, but the value is ", size,
          ": use e.g. .4f");
  require(!as_integer || spec.precision < 0, "Format '", printable(written), "': a whole number has no precision; use e.g. 02d");
  if (as_integer) return spec.commas ? with_commas(static_cast<int64_t>(size)) : std::to_string(static_cast<int64_t>(size));
  const int precision = spec.precision < 0 ? 6 : spec.precision;
  switch (spec.type) {
    case 0: {
      if (spec.precision < 0) return float_repr(size);
      const std::string g = formatted("%.*g", precision, size);  // Python's float without a type: g, but never bare digits
      return g.find_first_of(".en") == std::string::npos ? g + ".0" : g;
    }
    case 'f':
      return formatted("%.*f", precision, size);
    case 'F':
      return formatted("%.*F", precision, size);
    case 'e':
      return formatted("%.*e", precision, size);
    case 'E':
      return formatted("%.*E", precision, size);
    case 'g':
      return formatted("%.*g", precision, size);
    case 'G':
      return formatted("%.*G", precision, size);
    case '%':
      return formatted("%.*f%%", precision, size * 100);
    default:
      throw ArgumentError(text("Format '", printable(written), "' ends in '", printable(std::string(1, spec.type)),
                               "'; numbers take d, f, F, e, E, g, G or %"));
  }
}

std::string known_names(std::optional<int> batch, const Logs& logs) {
  return text("epoch", batch ? ", batch" : "", logs.empty() ? "" : ", ", logs.names());
}

}  // namespace

std::string format_number(double value, bool integer, std::string_view written) {
  const Spec spec = parse(written);
  const bool negative = std::signbit(value) && !std::isnan(value);
  std::string digits = magnitude(std::isnan(value) ? value : std::abs(value), integer, spec, written);
  if (digits.starts_with("-")) digits.erase(0, 1);  // printf's nan may have a sign
  const std::string sign = negative ? "-" : spec.sign == '-' ? "" : std::string(1, spec.sign);
  const size_t size = sign.size() + digits.size();
  const size_t pad = spec.width > size ? spec.width - size : 0;
  switch (spec.align) {
    case '<':
      return sign + digits + std::string(pad, spec.fill);
    case '^':
      return std::string(pad / 2, spec.fill) + sign + digits + std::string(pad - pad / 2, spec.fill);
    case '=':
      return sign + std::string(pad, spec.fill) + digits;
    default:
      return std::string(pad, spec.fill) + sign + digits;
  }
}

std::string fill_path(std::string_view path, int epoch, std::optional<int> batch, const Logs& logs) {
  std::string filled;
  for (size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (c != '{' && c != '}') {
      filled += c;
    } else if (i + 1 < path.size() && path[i + 1] == c) {
      filled += c, ++i;
    } else {
      const size_t end = path.find('}', i);
      require(c == '{' && end != std::string_view::npos, "The path '", printable(path),
              "' has a brace without its partner; write {{ or }} for a brace itself");
      const std::string_view field = path.substr(i + 1, end - i - 1);
      const size_t colon = std::min(field.find(':'), field.size());
      const std::string_view name = field.substr(0, colon), spec = field.substr(std::min(colon + 1, field.size()));
      const double* logged = logs.find(name);
      if (name == "epoch")
        filled += format_number(epoch + 1, true, spec);
      else if (logged)
        filled += format_number(*logged, false, spec);
      else if (name == "batch" && batch)
        filled += format_number(*batch + 1, true, spec);
      else
        throw ArgumentError(text("Failed to format this callback filepath: \"", printable(path), "\". Reason: '", printable(name),
                                 "' is not among ", known_names(batch, logs)));
      i = end;
    }
  }
  return filled;
}

}  // namespace cornu
