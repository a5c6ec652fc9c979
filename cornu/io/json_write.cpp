// Config to JSON text. A Config may come from a program, not only from a file, so this walks an explicit stack too.
#include <charconv>
#include <cmath>

#include "cornu/base/error.h"
#include "cornu/io/json.h"

namespace cornu {
namespace {

void append_escaped(std::string& to, std::string_view s) {
  require(is_utf8(s), "a string is not UTF-8 and cannot be written as JSON: '", printable(s), "'");
  const auto unit = [&](uint32_t code) {
    constexpr char hex[] = "0123456789abcdef";
    to += {'\\', 'u', hex[(code >> 12) & 15], hex[(code >> 8) & 15], hex[(code >> 4) & 15], hex[code & 15]};
  };
  to += '"';
  for (size_t i = 0; i < s.size();) {
    const auto byte = [&](size_t k) { return static_cast<uint32_t>(static_cast<unsigned char>(s[i + k])); };
    const uint32_t first = byte(0);
    constexpr std::string_view special = "\"\\\b\f\n\r\t", names = "\"\\bfnrt";
    if (const size_t k = special.find(s[i]); k != std::string_view::npos) {
      to += {'\\', names[k]};
      ++i;
    } else if (first >= 32 && first < 127) {
      to += s[i++];
    } else if (first < 0x80) {
      unit(first);
      ++i;
    } else if (first < 0xe0) {
      unit((first & 0x1f) << 6 | (byte(1) & 0x3f));
      i += 2;
    } else if (first < 0xf0) {
      unit((first & 0xf) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f));
      i += 3;
    } else {
      const uint32_t code = ((first & 7) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f)) - 0x10000;
      unit(0xd800 + (code >> 10));
      unit(0xdc00 + (code & 0x3ff));
      i += 4;
    }
  }
  to += '"';
}

void append_scalar(std::string& to, const Config& config) {
  if (config.is_null()) to += "null";
  else if (config.is_bool()) to += config.as_bool() ? "true" : "false";
  else if (config.is_int()) to += std::to_string(config.as_int());
  else if (config.is_number()) to += python_float(config.as_double());
  else {
    require<UnsupportedError>(!config.is_object(), "an object that has no description cannot be written to a file; use one of cornu's classes, or a class with get_config()");
    append_escaped(to, config.as_string());
  }
}

/// `indent` < 0: one line.
std::string write(const Config& config, int indent) {
  struct Frame {
    const Config* value;
    size_t next = 0;
  };
  std::vector<Frame> stack;
  std::string s;
  const auto new_line = [&](size_t depth) {
    if (indent >= 0) s.append("\n").append(depth * static_cast<size_t>(indent), ' ');
  };
  const auto open = [&](const Config& value) {
    if (!value.is_list() && !value.is_dict()) return append_scalar(s, value);
    s += value.is_list() ? '[' : '{';
    stack.push_back({&value});
  };
  open(config);
  while (!stack.empty()) {
    Frame& top = stack.back();
    const Config& value = *top.value;
    const size_t size = value.is_list() ? value.as_list().size() : value.as_dict().size();
    const size_t i = top.next++;
    if (i == size) {
      if (size > 0) new_line(stack.size() - 1);
      s += value.is_list() ? ']' : '}';
      stack.pop_back();
      continue;
    }
    if (i > 0) s += indent < 0 ? ", " : ",";
    new_line(stack.size());
    if (value.is_list()) {
      open(value.as_list()[i]);
    } else {
      const auto& [key, item] = value.as_dict()[i];
      append_escaped(s, key);
      s += ": ";
      open(item);
    }
  }
  return s;
}

}  // namespace

std::string python_float(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  // The shortest digits that read back as the same double: d.ddde[+-]xx.
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific).ptr;
  std::string_view s(buffer, static_cast<size_t>(end - buffer));
  const size_t e = s.find('e');
  int exponent = 0;
  std::from_chars(s.data() + e + (s[e + 1] == '+' ? 2 : 1), end, exponent);
  if (exponent < -4 || exponent >= 16) return std::string(s);  // as Python's repr: both write at least two digits
  std::string digits;
  for (const char c : s.substr(0, e))
    if (c >= '0' && c <= '9') digits += c;
  const std::string sign = s[0] == '-' ? "-" : "";
  if (exponent < 0) return sign + "0." + std::string(static_cast<size_t>(-exponent - 1), '0') + digits;
  const auto whole = static_cast<size_t>(exponent) + 1;
  if (digits.size() <= whole) return sign + digits + std::string(whole - digits.size(), '0') + ".0";
  return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

std::string write_json(const Config& config) { return write(config, -1); }
std::string write_json_indented(const Config& config) { return write(config, 2); }

}  // namespace cornu
