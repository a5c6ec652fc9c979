// From names and configs to objects, given the one list of a family's types. Included by the .cpp file of each family.
#pragma once
#include <tuple>

#include "cornu/nn/choice.h"
#include "cornu/nn/classes.h"

namespace cornu {

/// The list of a family, and how to speak of it.
template <class... Ts> struct Family {
  std::string_view what;                              // "initializer"
  std::span<const std::string_view> refused = {};     // names that Keras has and cornu does not, yet
};

template <class... Ts> std::vector<ClassInfo> classes_of(const Family<Ts...>&) { return {ClassInfo{Ts::class_name, fields_to_config(Ts{})}...}; }

/// Sets the fields that `config` names. A key of T::extras() is one that Keras writes and cornu has no use for: it must
/// have the value given there (or be null), else UnsupportedError says so.
template <class T> void object_from_config(const Config& config, T& object, std::vector<std::string_view> also_known = {}) {
  if constexpr (requires { T::extras(); }) {
    static const Config extras = T::extras();
    for (const auto& [key, only] : extras.as_dict()) {
      require<UnsupportedError>(config[key].is_null() || config[key] == only, T::class_name, ": '", key, "' can only be ", only,
                                " for now, and was given as ", config[key]);
      also_known.push_back(key);
    }
  }
  fields_from_config(config, object, T::class_name, also_known);
}

/// Every name of T: its class's in snake case and as it is, then its aliases; the first near one is suggested.
template <class T> std::vector<std::string> names_of() {
  std::vector<std::string> names = {snake_case(T::class_name), std::string(T::class_name)};
  if constexpr (requires { T::aliases; })
    for (const std::string_view alias : T::aliases) names.emplace_back(alias);
  return names;
}

/// Throws ArgumentError for a name that is not known, UnsupportedError for one that is refused.
[[noreturn]] void refuse_choice(std::string_view what, std::string_view name, const std::vector<std::string>& known, std::span<const std::string_view> refused);

/// Calls make(T) with the object that `name` and `config` describe and returns its result.
template <class Handle, class... Ts>
Handle choose(const Family<Ts...>& family, std::string_view name, const Config& config = Config::dict()) {
  std::vector<std::string> known;
  Handle found = Handle();
  bool done = false;
  const auto attempt = [&]<class T>(T object) {
    if (done) return;
    for (std::string& n : names_of<T>()) {
      if (n == name && !done) {
        object_from_config(config, object);
        found = Handle(std::move(object));
        done = true;
      }
      known.push_back(std::move(n));
    }
  };
  (attempt(Ts{}), ...);
  if (!done) refuse_choice(family.what, name, known, family.refused);
  return found;
}

}  // namespace cornu
