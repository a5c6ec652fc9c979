// Models to files and back: Keras's .keras archives and .weights.h5 files. Internal to train/.
#pragma once
#include "cornu/io/keras_archive.h"
#include "cornu/callbacks/callback_list.h"
#include "cornu/train/model_state.h"

namespace cornu {

/// The tensors of each callback of a run, in order.
using CallbackTensors = std::vector<std::vector<Tensor>>;

/// Everything, with `progress` (epoch, history, callbacks: what --resume needs) under "cornu" in metadata.json, and what callbacks
/// keep as tensors in groups "cornu/callback_0/vars", ... beside the weights. Keras reads neither.
void save_model(const Model::State& model, const std::string& path, const Config& progress = {}, const CallbackTensors& tensors = {});
void save_model_weights(const Model::State& model, const std::string& path);
void load_model_weights(Model::State& model, const std::string& path);

struct LoadedModel {
  Model model;
  Config progress;  // what was saved with it; null for a file of Keras's
  CallbackTensors tensors = {};
};
LoadedModel load_model_and_progress(const std::string& path, const LoadOptions& options = {});

/// From an object dict, where a layer may stand as itself: {"object": Config::holding(layer), ...}. Its weights begin anew.
Model model_from_config(const Config& object);

// ---- how far a run has come, for going on after an interruption
/// {epochs finished, whether callbacks ended the run, the callbacks' state}; their tensors are saved beside it.
Config progress_of(const Model::State& model, const CallbackList& callbacks, int epochs_done, bool stopped);
/// Puts weights, optimizer, randomness and callbacks back; the epoch to go on with. Throws FormatError when the saved model
/// is another.
int restore_progress(Model& model, LoadedModel saved, CallbackList& callbacks);

}  // namespace cornu
