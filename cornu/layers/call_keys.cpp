#include "cornu/layers/call_keys.h"

#include <algorithm>

namespace cornu {

void check_call(const Scope& scope, std::string_view class_name, std::initializer_list<std::string_view> known) {
  std::vector<std::string_view> all(known);
  all.push_back("training");
  const auto check = [&](std::string_view key) {
    const bool own = key == "args" || key == "flip_outputs";  // constants among what is given in order; see recurrent_rnn.h
    const bool is_known = own || std::find(all.begin(), all.end(), key) != all.end();
    require(is_known, scope.path(), ": a call of ", class_name, " takes no '", printable(key), "'", did_you_mean(key, all), "; it takes ", all);
  };
  for (const auto& [key, values] : scope.call().values) check(key);
  for (const auto& [key, value] : scope.call().options.as_dict()) check(key);
}

}  // namespace cornu
