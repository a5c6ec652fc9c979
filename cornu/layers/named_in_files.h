// What a layer or a model of the program's own may say of itself, for files.
#pragma once
#include <optional>

#include "cornu/base/config.h"

namespace cornu {

/// The "module" and "registered_name" of the object dict in which files name its class ("my.module", "package>Scale"). Without it
/// a class is written with no module, and as "Custom>Scale".
struct NamedInFiles {
  struct Names {
    Config module, registered_name;
  };
  virtual ~NamedInFiles() = default;
  virtual std::optional<Names> names_in_files() const = 0;
};

}  // namespace cornu
