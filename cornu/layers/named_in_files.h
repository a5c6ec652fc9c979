// What a layer or a model of the program's own may say of itself, for files.
#pragma once
#include <optional>

#include "cornu/nn/layer.h"

namespace cornu {

struct NamedInFiles {
  /// The "module" and "registered_name" of the object dict in which files name its class ("my.module", "package>Scale").
  struct Names {
    Config module, registered_name;
  };
  /// A layer that is part of it, and where within its own place files keep what that one holds: "dense", "blocks/dense_1"; "" for
  /// what is its own.
  struct Part {
    std::string place;
    Layer layer;
  };
  virtual ~NamedInFiles() = default;
  /// Nothing: a class is written with no module, and as "Custom>Scale".
  virtual std::optional<Names> names_in_files() const = 0;
  virtual std::vector<Part> parts_in_files() const = 0;
};

}  // namespace cornu
