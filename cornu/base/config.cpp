#include "cornu/base/config.h"

#include <cmath>

#include "cornu/base/error.h"

namespace cornu {

Config::Config() noexcept = default;
Config::Config(std::nullptr_t) noexcept {}
Config::Config(bool b) : value_(b) {}
Config::Config(int i) : value_(int64_t{i}) {}
Config::Config(int64_t i) : value_(i) {}
Config::Config(double d) : value_(d) {}
Config::Config(const char* s) : value_(std::string(s)) {}
Config::Config(std::string s) : value_(std::move(s)) {}
Config::Config(std::string_view s) : value_(std::string(s)) {}
Config::Config(List list) : value_(std::move(list)) {}
Config::Config(Dict dict) : value_(std::move(dict)) {}
Config::Config(std::shared_ptr<const Object> object) : value_(std::move(object)) {}
Config::Config(const Config& other) = default;
Config::Config(Config&& other) noexcept = default;
Config& Config::operator=(const Config& other) = default;
Config& Config::operator=(Config&& other) noexcept = default;
Config::~Config() = default;
bool Config::is_bool() const { return std::holds_alternative<bool>(value_); }
bool Config::is_int() const { return std::holds_alternative<int64_t>(value_); }
bool Config::is_number() const { return is_int() || std::holds_alternative<double>(value_); }
bool Config::is_string() const { return std::holds_alternative<std::string>(value_); }
bool Config::is_list() const { return std::holds_alternative<List>(value_); }
bool Config::is_dict() const { return std::holds_alternative<Dict>(value_); }
const Config::Object* Config::object() const {
  const auto* held = std::get_if<std::shared_ptr<const Object>>(&value_);
  return held ? held->get() : nullptr;
}
Config Config::dict() { return Config(Dict{}); }
bool Config::operator==(const Config& other) const { return value_ == other.value_; }

std::string_view Config::kind() const {
  constexpr std::string_view names[] = {"null", "a boolean", "an integer", "a number", "a string", "a list", "a dict", "an object"};
  return names[value_.index()];
}

bool Config::as_bool() const {
  require<FormatError>(is_bool(), "expected a boolean, found ", kind());
  return std::get<bool>(value_);
}

int64_t Config::as_int() const {
  if (is_int()) return std::get<int64_t>(value_);
  if (const double* d = std::get_if<double>(&value_); d && std::trunc(*d) == *d && std::abs(*d) < 9e15)
    return static_cast<int64_t>(*d);
  throw FormatError(text("expected an integer, found ", kind()));
}

double Config::as_double() const {
  if (is_int()) return static_cast<double>(std::get<int64_t>(value_));
  require<FormatError>(is_number(), "expected a number, found ", kind());
  return std::get<double>(value_);
}

const std::string& Config::as_string() const {
  require<FormatError>(is_string(), "expected a string, found ", kind());
  return std::get<std::string>(value_);
}

const Config::List& Config::as_list() const {
  require<FormatError>(is_list(), "expected a list, found ", kind());
  return std::get<List>(value_);
}

const Config::Dict& Config::as_dict() const {
  require<FormatError>(is_dict(), "expected a dict, found ", kind());
  return std::get<Dict>(value_);
}

const Config& Config::operator[](std::string_view key) const {
  static const Config null;
  if (is_dict())
    for (const auto& [k, v] : std::get<Dict>(value_))
      if (k == key) return v;
  return null;
}

bool Config::contains(std::string_view key) const {
  if (is_dict())
    for (const auto& entry : std::get<Dict>(value_))
      if (entry.first == key) return true;
  return false;
}

Config& Config::set(std::string key, Config value) {
  if (is_null()) value_ = Dict{};
  for (auto& [k, v] : std::get<Dict>(value_))
    if (k == key) {
      v = std::move(value);
      return *this;
    }
  std::get<Dict>(value_).emplace_back(std::move(key), std::move(value));
  return *this;
}

void Config::push_back(Config value) {
  if (is_null()) value_ = List{};
  std::get<List>(value_).push_back(std::move(value));
}

void append_text(std::string& to, const Config& config) {
  if (config.is_null()) {
    to += "null";
  } else if (config.is_bool()) {
    append_text(to, config.as_bool());
  } else if (config.is_int()) {
    append_text(to, config.as_int());
  } else if (config.is_number()) {
    append_text(to, config.as_double());
  } else if (config.is_string()) {
    append_text(to += '"', config.as_string());
    to += '"';
  } else if (config.is_list()) {
    append_text(to, config.as_list());
  } else if (config.is_object()) {
    to += "<object>";
  } else {
    to += '{';
    bool first = true;
    for (const auto& [key, value] : config.as_dict()) {
      append_text(to += first ? "" : ", ", key);
      append_text(to += ": ", value);
      first = false;
    }
    to += '}';
  }
}

}  // namespace cornu
