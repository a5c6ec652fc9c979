// A JSON parser with an explicit stack: nesting in the text is never recursion here.
#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>

#include "cornu/base/error.h"
#include "cornu/io/json.h"

namespace cornu {
namespace {

/// A list or dict that is being read.
struct Frame {
  bool is_dict = false;
  std::string key;  // of the value being read
  Config::List list;
  Config::Dict dict;
};

class Parser {
 public:
  Parser(std::string_view json, Budget& budget) : json_(json), budget_(budget) {}

  Config run() {
    const LoadLimits& limits = budget_.limits();
    check_limit(json_.size(), limits.json_bytes, "the size of the JSON", "json_bytes");
    Config value = read_value();
    while (!stack_.empty()) {
      Frame& top = stack_.back();
      if (fresh_) {
        fresh_ = false;
        skip_space();
        if (at_ < json_.size() && json_[at_] == (top.is_dict ? '}' : ']')) {
          value = close();
          continue;
        }
      } else {
        store(std::move(value));
        skip_space();
        const char c = peek("',' or a closing bracket");
        if (c == (top.is_dict ? '}' : ']')) {
          value = close();
          continue;
        }
        if (c != ',') fail("expected ',' or '", top.is_dict ? '}' : ']', "'");
        ++at_;
      }
      if (top.is_dict) read_key();
      value = read_value();
    }
    skip_space();
    if (at_ != json_.size()) fail("text follows the end of the JSON");
    return value;
  }

 private:
  template <class... Parts> [[noreturn]] void fail(const Parts&... what) const {
    throw FormatError(text("JSON, byte ", at_, " (", path(), "): ", text(what...), ", found ",
                           at_ < json_.size() ? "'" + printable(json_.substr(at_, 20)) + "'" : std::string("the end")));
  }

  std::string path() const {
    std::string s = "$";
    for (const Frame& frame : stack_) s += frame.is_dict ? "." + printable(frame.key) : text('[', frame.list.size(), ']');
    return s;
  }

  void skip_space() {
    while (at_ < json_.size() && (json_[at_] == ' ' || json_[at_] == '\n' || json_[at_] == '\t' || json_[at_] == '\r')) ++at_;
  }
  char peek(std::string_view expected) const {
    if (at_ >= json_.size()) fail("expected ", expected);
    return json_[at_];
  }
  bool accept(std::string_view word) {
    if (!json_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  void count_token() {
    check_limit(++tokens_, budget_.limits().json_tokens, "the number of values in the JSON", "json_tokens");
  }

  void store(Config value) {
    Frame& top = stack_.back();
    if (top.is_dict) {
      top.dict.emplace_back(std::move(top.key), std::move(value));
    } else {
      top.list.push_back(std::move(value));
    }
  }

  /// Ends the innermost list or dict and returns it as the value just read.
  Config close() {
    ++at_;
    if (stack_.back().is_dict) check_keys(stack_.back().dict);
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    return frame.is_dict ? Config(std::move(frame.dict)) : Config(std::move(frame.list));
  }

  void check_keys(const Config::Dict& dict) const {
    std::vector<std::string_view> keys;
    keys.reserve(dict.size());
    for (const auto& entry : dict) keys.push_back(entry.first);
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) fail("the key '", printable(*twice), "' is given twice in the dict that ends here");
  }

  void read_key() {
    skip_space();
    if (peek("a key") != '"') fail("expected a key in double quotes");
    std::string key = read_string();
    skip_space();
    if (peek("':'") != ':') fail("expected ':'");
    ++at_;
    stack_.back().key = std::move(key);
    budget_.take_memory(3 * sizeof(Config::Dict::value_type), "a JSON dict");
  }

  /// A scalar, or null with `fresh_` set and a new frame on the stack when a list or dict opens.
  Config read_value() {
    skip_space();
    count_token();
    budget_.take_memory(3 * sizeof(Config), "a JSON value");  // a vector that grows holds the old and, doubled, the new
    const char c = peek("a value");
    if (c == '{' || c == '[') {
      check_limit(stack_.size() + 1, budget_.limits().json_depth, "the depth of the JSON", "json_depth");
      budget_.take_memory(sizeof(Frame), "a JSON level");
      stack_.push_back({c == '{', {}, {}, {}});
      fresh_ = true;
      ++at_;
      return {};
    }
    if (c == '"') return read_string();
    if (accept("true")) return true;
    if (accept("false")) return false;
    if (accept("null")) return nullptr;
    if (accept("NaN")) return std::numeric_limits<double>::quiet_NaN();
    if (accept("Infinity")) return std::numeric_limits<double>::infinity();
    if (accept("-Infinity")) return -std::numeric_limits<double>::infinity();
    return read_number();
  }

  Config read_number() {
    const size_t start = at_;
    size_t i = at_;
    const auto digits = [&] {
      const size_t from = i;
      while (i < json_.size() && json_[i] >= '0' && json_[i] <= '9') ++i;
      return i - from;
    };
    if (i < json_.size() && json_[i] == '-') ++i;
    const size_t whole = i;
    const size_t n = digits();
    if (n == 0) fail("expected a value");
    if (n > 1 && json_[whole] == '0') fail("a number starts with 0");
    bool integer = true;
    if (i < json_.size() && json_[i] == '.') {
      integer = false, ++i;
      if (digits() == 0) fail("a number ends in its point");
    }
    if (i < json_.size() && (json_[i] == 'e' || json_[i] == 'E')) {
      integer = false, ++i;
      if (i < json_.size() && (json_[i] == '+' || json_[i] == '-')) ++i;
      if (digits() == 0) fail("a number ends in its exponent");
    }
    const char* const first = json_.data() + start;
    const char* const last = json_.data() + i;
    const auto result = [&](auto value) {
      if (std::from_chars(first, last, value).ec != std::errc{}) fail("a number does not fit ", integer ? "64 bits" : "a double");
      at_ = i;
      return Config(value);
    };
    return integer ? result(int64_t{}) : result(double{});
  }

  std::string read_string() {
    ++at_;
    std::string s;
    while (true) {
      const size_t start = at_;
      while (at_ < json_.size() && json_[at_] != '"' && json_[at_] != '\\' && static_cast<unsigned char>(json_[at_]) >= 32) ++at_;
      check_limit(s.size() + (at_ - start), budget_.limits().json_string_bytes, "the length of a JSON string", "json_string_bytes");
      budget_.take_memory(3 * (at_ - start), "a JSON string");
      s += json_.substr(start, at_ - start);
      const char c = peek("the end of a string");
      if (c == '"') break;
      if (c != '\\') fail("a control character stands in a string");
      ++at_;
      read_escape(s);
    }
    if (!is_utf8(s)) fail("a string before this is not UTF-8");
    ++at_;
    return s;
  }

  void read_escape(std::string& s) {
    budget_.take_memory(8, "a JSON string");
    const char c = peek("an escape");
    constexpr std::string_view names = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    if (const size_t i = names.find(c); i != std::string_view::npos) {
      ++at_;
      s += meanings[i];
      return;
    }
    if (c != 'u') fail("unknown escape");
    ++at_;
    uint32_t code = read_hex();
    if (code >= 0xdc00 && code < 0xe000) fail("a low surrogate without a high one");
    if (code >= 0xd800 && code < 0xdc00) {
      if (!accept("\\u")) fail("a high surrogate without a low one");
      const uint32_t low = read_hex();
      if (low < 0xdc00 || low >= 0xe000) fail("a high surrogate without a low one");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(s, code);
  }

  uint32_t read_hex() {
    uint32_t code = 0;
    const std::string_view digits = json_.substr(at_, 4);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (error != std::errc{} || digits.size() != 4 || end != digits.data() + 4) fail("expected four hexadecimal digits");
    at_ += 4;
    return code;
  }

  static void append_utf8(std::string& s, uint32_t code) {
    const auto put = [&](uint32_t byte) { s += static_cast<char>(byte); };
    if (code < 0x80) return put(code);
    if (code < 0x800) {
      put(0xc0 | code >> 6);
    } else {
      if (code < 0x10000) {
        put(0xe0 | code >> 12);
      } else {
        put(0xf0 | code >> 18);
        put(0x80 | ((code >> 12) & 0x3f));
      }
      put(0x80 | ((code >> 6) & 0x3f));
    }
    put(0x80 | (code & 0x3f));
  }

  std::string_view json_;
  Budget& budget_;
  size_t at_ = 0;
  uint64_t tokens_ = 0;
  bool fresh_ = false;  // the innermost list or dict has just been opened
  std::vector<Frame> stack_;
};

}  // namespace

bool is_utf8(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size();) {
    const auto at = [&](size_t k) { return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u; };
    const uint32_t first = at(0);
    const size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (length == 0) return false;
    for (size_t k = 1; k < length; ++k)
      if ((at(k) & 0xc0) != 0x80) return false;
    const uint32_t second = at(1);
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) || (first == 0xf0 && second < 0x90) ||
        (first == 0xf4 && second >= 0x90))
      return false;
    i += length;
  }
  return true;
}

Config parse_json(std::string_view json, Budget& budget) { return Parser(json, budget).run(); }

Config parse_json(std::string_view json, const LoadLimits& limits) {
  Budget budget(limits, json.size());
  const Budget::Timed timed(budget);
  return parse_json(json, budget);
}

}  // namespace cornu
