// JSON text and Config, as Python's json module reads and writes them.
#pragma once
#include <string>
#include <string_view>

#include "cornu/base/config.h"
#include "cornu/io/limits.h"

namespace cornu {

/// Reads JSON, UTF-8, with NaN, Infinity and -Infinity as Python writes them. Numbers without fraction or exponent become
/// integers. Throws FormatError with the byte offset and the path to the value ("$.config.layers[3]") for anything else,
/// for a key given twice in one dict, for a number that its type cannot hold and for text that is not UTF-8;
/// LimitError beyond the limits.
Config parse_json(std::string_view json, const LoadLimits& limits = {});
/// The same within the budget of a larger load.
Config parse_json(std::string_view json, Budget& budget);

/// One line as json.dumps writes it: ", " and ": ", other than ASCII escaped, floats as Python's repr.
std::string write_json(const Config& config);
/// Indented by two spaces, for people.
std::string write_json_indented(const Config& config);

/// A float as Python's repr writes it: 1.0, 0.001, 1e-07, 1e+16, and NaN, Infinity as json does.
std::string python_float(double number);

/// Whether `bytes` are UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);

}  // namespace cornu
