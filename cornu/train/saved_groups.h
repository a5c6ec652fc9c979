// Where files keep each weight: Keras's groups, named by classes and not by layers. Internal to train/.
#pragma once
#include "cornu/layers/nested.h"

namespace cornu {

/// A group of a weights file, "layers/dense/vars", and what is in it as "0", "1", ...
struct SavedGroup {
  std::string path;
  std::string name;              // the attribute "name"
  std::vector<size_t> variables = {};  // indices
  std::optional<Layer> layer = {};     // whose own group it is
};

/// Of every layer, models in models included, in the order of the layers; layers without weights have empty groups. Every
/// variable is in one group, but what SpectralNormalization normalizes is in two, as Keras keeps it: the last one counts.
std::vector<SavedGroup> saved_groups(const Wiring& wiring, const std::vector<Variable>& variables);

}  // namespace cornu
