// What someone could write into a configuration in place of what a program wrote: every value of it, changed in many ways.
#pragma once
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "cornu/base/config.h"

/// Where a value stands within another: the nth of a list or dict, and so on inwards.
using Place = std::vector<size_t>;

inline void append_places(std::vector<Place>& to, const cornu::Config& c, const Place& at = {}) {
  to.push_back(at);
  const size_t n = c.is_list() ? c.as_list().size() : c.is_dict() ? c.as_dict().size() : 0;
  for (size_t i = 0; i < std::min<size_t>(n, 40); ++i) {
    Place inner = at;
    inner.push_back(i);
    append_places(to, c.is_list() ? c.as_list()[i] : c.as_dict()[i].second, inner);
  }
}

inline cornu::Config changed_at(const cornu::Config& c, const Place& place, const std::function<cornu::Config(const cornu::Config&)>& change, size_t depth = 0) {
  if (depth == place.size()) return change(c);
  const size_t n = place[depth];
  if (c.is_list()) {
    cornu::Config::List list = c.as_list();
    list[n] = changed_at(list[n], place, change, depth + 1);
    return list;
  }
  cornu::Config::Dict dict = c.as_dict();
  dict[n].second = changed_at(dict[n].second, place, change, depth + 1);
  return dict;
}

/// The value, changed in one of so many ways; `whole` is the configuration that it stands in.
inline constexpr size_t ways = 26;
inline cornu::Config changed(const cornu::Config& value, const cornu::Config& whole, size_t way) {
  using cornu::Config;
  switch (way) {
    case 0: return nullptr;
    case 1: return true;
    case 2: return false;
    case 3: return 0;
    case 4: return -1;
    case 5: return 1;
    case 6: return 2;
    case 7: return 1000;
    case 8: return int64_t{1} << 31;
    case 9: return int64_t{1} << 40;
    case 10: return std::numeric_limits<int64_t>::max();
    case 11: return std::numeric_limits<int64_t>::min();
    case 12: return 0.5;
    case 13: return -0.5;
    case 14: return 1e308;
    case 15: return std::numeric_limits<double>::quiet_NaN();
    case 16: return "";
    case 17: return "relu";
    case 18: return std::string(5000, 'a');
    case 19: return Config::List{};
    case 20: return Config::dict();
    case 21: return whole;
    case 22: {  // one less
      if (value.is_list() && !value.as_list().empty()) return Config::List(value.as_list().begin(), value.as_list().end() - 1);
      if (value.is_dict() && !value.as_dict().empty()) return Config::Dict(value.as_dict().begin(), value.as_dict().end() - 1);
      return Config::List{value};
    }
    case 23: {  // one more
      if (value.is_list()) {
        Config::List list = value.as_list();
        list.push_back(list.empty() ? Config(3) : list[0]);
        return list;
      }
      if (!value.is_dict()) return Config::List{value, value};
      Config dict = value;
      return dict.set("unheard_of", 3);
    }
    case 24: {  // the other way round
      if (value.is_int()) return value.as_int() == std::numeric_limits<int64_t>::min() ? 7 : -value.as_int();
      if (!value.is_list()) return Config::List{value, value, value, value};
      return Config::List(value.as_list().rbegin(), value.as_list().rend());
    }
    default: {
      Config deep = value;
      for (int i = 0; i < 100; ++i) deep = Config(Config::List{deep});
      return deep;
    }
  }
}
