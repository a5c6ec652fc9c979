#include "cornu/optimizers/search.h"

#include <regex>

#include "cornu/base/error.h"

namespace cornu {

bool found_in(const std::string& text, const std::string& expression, std::string_view what) {
  try {
    return std::regex_search(text, std::regex(expression));
  } catch (const std::regex_error& e) {
    throw ArgumentError(cornu::text(what, ": '", printable(expression), "' is no regular expression: ", e.what()));
  }
}

}  // namespace cornu
