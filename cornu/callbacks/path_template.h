// Python's str.format for paths: "model-{epoch:02d}-{val_loss:.2f}.keras".
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "cornu/callbacks/logs.h"

namespace cornu {

/// Fills {epoch} (counted from 1), {batch} (from 1, when given) and the names of `logs`; {{ and }} are braces.
/// A field may have Python's format: [[fill]align][sign][0][width][,][.precision][d|f|F|e|E|g|G|%].
/// Throws ArgumentError for an unknown name (listing the known ones), an open brace or a format that does not fit.
std::string fill_path(std::string_view path, int epoch, std::optional<int> batch, const Logs& logs);

/// format(value, spec) of one number; `integer` ones print as such unless the spec says otherwise.
std::string format_number(double value, bool integer, std::string_view spec);

}  // namespace cornu
