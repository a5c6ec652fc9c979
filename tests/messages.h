// The text of the error that f throws, or "" when it throws none.
#pragma once
#include <initializer_list>
#include <string>

#include "cornu/base/error.h"

namespace cornu::testing {

template <class F> std::string error_of(F f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

inline bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }
inline bool has(const std::string& text, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts)
    if (!has(text, part)) return false;
  return true;
}

}  // namespace cornu::testing
