// Models to files and back: Keras's .keras archives and .weights.h5 files. Internal to train/.
#pragma once
#include "cornu/io/keras_archive.h"
#include "cornu/train/model_state.h"

namespace cornu {

/// Everything, with `progress` (epoch, history, callbacks: what --resume needs) under "cornu" in metadata.json.
void save_model(const Model::State& model, const std::string& path, const Config& progress = {});
void save_model_weights(const Model::State& model, const std::string& path);
void load_model_weights(Model::State& model, const std::string& path);

struct LoadedModel {
  Sequential model;
  Config progress;  // what was saved with it; null for a file of Keras's
};
LoadedModel load_model_and_progress(const std::string& path);

}  // namespace cornu
