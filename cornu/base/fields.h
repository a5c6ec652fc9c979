// A struct states its fields once; comparing, printing, saving, loading and Python keywords follow.
//
//   struct Dense {
//     int64_t units = 0;
//     bool use_bias = true;
//     CORNU_FIELDS(units, use_bias)
//   };
#pragma once
#include <optional>
#include <string_view>

#include "cornu/base/config.h"
#include "cornu/base/error.h"

// CORNU_FIELDS(a, b) defines fields(self, visit): visit("a", self.a), visit("b", self.b).
#define CORNU_PARENS ()
#define CORNU_EXPAND(...) CORNU_EXPAND3(CORNU_EXPAND3(CORNU_EXPAND3(CORNU_EXPAND3(__VA_ARGS__))))
#define CORNU_EXPAND3(...) CORNU_EXPAND2(CORNU_EXPAND2(CORNU_EXPAND2(CORNU_EXPAND2(__VA_ARGS__))))
#define CORNU_EXPAND2(...) CORNU_EXPAND1(CORNU_EXPAND1(CORNU_EXPAND1(CORNU_EXPAND1(__VA_ARGS__))))
#define CORNU_EXPAND1(...) __VA_ARGS__
#define CORNU_VISIT_AGAIN() CORNU_VISIT_EACH
#define CORNU_VISIT_EACH(field, ...) \
  visit(#field, self.field);         \
  __VA_OPT__(CORNU_VISIT_AGAIN CORNU_PARENS(__VA_ARGS__))
#define CORNU_FIELDS(...)                                                             \
  template <class Self, class Visit>                                                  \
  static void fields([[maybe_unused]] Self& self, [[maybe_unused]] Visit&& visit) {   \
    __VA_OPT__(CORNU_EXPAND(CORNU_VISIT_EACH(__VA_ARGS__)))                           \
  }

namespace cornu {

template <class T>
concept HasFields = requires(T& t) { T::fields(t, [](const char*, auto&) {}); };

// How one field becomes a Config and is read back. Other types add an overload of both beside themselves.
inline Config to_config(bool v) { return v; }
inline Config to_config(int v) { return int64_t{v}; }
inline Config to_config(int64_t v) { return v; }
inline Config to_config(double v) { return v; }
inline Config to_config(float v) { return double{v}; }
inline Config to_config(const std::string& v) { return v; }
inline void from_config(const Config& c, bool& v) { v = c.as_bool(); }
inline void from_config(const Config& c, int& v) { v = static_cast<int>(c.as_int()); }
inline void from_config(const Config& c, int64_t& v) { v = c.as_int(); }
inline void from_config(const Config& c, double& v) { v = c.as_double(); }
inline void from_config(const Config& c, float& v) { v = static_cast<float>(c.as_double()); }
inline void from_config(const Config& c, std::string& v) { v = c.as_string(); }
template <class T> Config to_config(const std::optional<T>& v) { return v ? to_config(*v) : Config(); }
template <class T> void from_config(const Config& c, std::optional<T>& v) {
  if (c.is_null()) return v.reset();
  from_config(c, v.emplace());
}
template <class T> Config to_config(const std::vector<T>& list) {
  Config::List out;
  for (const T& item : list) out.push_back(to_config(item));
  return out;
}
template <class T> void from_config(const Config& c, std::vector<T>& list) {
  list.clear();
  for (const Config& item : c.as_list()) from_config(item, list.emplace_back());
}

/// {field: value, ...} in the order of CORNU_FIELDS.
template <HasFields T> Config fields_to_config(const T& object) {
  Config config = Config::dict();
  T::fields(object, [&](const char* name, const auto& value) { config.set(name, to_config(value)); });
  return config;
}

template <HasFields T> std::vector<std::string_view> field_names() {
  std::vector<std::string_view> names;
  T object{};
  T::fields(object, [&](const char* name, auto&) { names.push_back(name); });
  return names;
}

/// Sets the fields that `config` names; the others keep their defaults. Keys in `also_known` are left to the caller.
/// Throws FormatError for an unknown key (suggesting the near one) or a value of the wrong kind (naming the field).
template <HasFields T>
void fields_from_config(const Config& config, T& object, std::string_view what, std::span<const std::string_view> also_known = {}) {
  for (const Config::Dict::value_type& entry : config.as_dict()) {
    const std::string& key = entry.first;  // clang 14 cannot capture structured bindings
    const Config& value = entry.second;
    bool known = false;
    for (const std::string_view k : also_known) known = known || k == key;
    T::fields(object, [&](const char* name, auto& field) {
      if (key != name) return;
      known = true;
      try {
        from_config(value, field);
      } catch (const FormatError& e) {
        throw FormatError(text(what, ": '", key, "': ", e.what()));
      }
    });
    require<FormatError>(known, what, " has no option '", printable(key), "'", did_you_mean(key, field_names<T>()));
  }
}

}  // namespace cornu
