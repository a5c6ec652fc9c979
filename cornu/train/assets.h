// What layers keep beside weights and configs: vocabularies that were learned. In files each is a text of its own, as Keras has it.
// Internal to train/.
#pragma once
#include "cornu/io/keras_archive.h"
#include "cornu/train/saved_groups.h"

namespace cornu {

/// The texts of a model's layers, by their names in the archive.
std::map<std::string, std::string> assets_of(const std::vector<SavedGroup>& groups);
/// What beside its variables stands in the group of a layer: the weights of a lookup's words.
std::vector<std::pair<std::string, Tensor>> named_tensors(const Layer& layer);

/// A model's object dict without what these assets hold.
Config without_assets(const Config& object, const std::map<std::string, std::string>& assets);
/// The dict with what the archive's assets hold, for layers to be made of. Throws FormatError.
Config with_assets(const Config& object, const KerasArchive& archive);

}  // namespace cornu
