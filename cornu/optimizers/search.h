// Python's re.search, for options that are regular expressions.
#pragma once
#include <string>
#include <string_view>

namespace cornu {

/// Whether `expression` is found anywhere in `text`. Throws ArgumentError, beginning with `what`, where it is none.
bool found_in(const std::string& text, const std::string& expression, std::string_view what);

}  // namespace cornu
