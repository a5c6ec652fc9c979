// The parts of `cornu train`.
#pragma once
#include "cornu/app/data.h"

namespace cornu::app {

struct TrainOptions {
  DataOptions data;
  // the model
  std::string model, layers;
  std::optional<uint64_t> seed;
  // compile
  std::string optimizer, loss;
  std::vector<std::string> metrics;
  int threads = 0;
  std::string memory = "speed";
  bool tune = false;
  // fit
  int epochs = 10, initial_epoch = 0;
  int64_t batch_size = 32;
  bool shuffle = true;
  double validation_split = 0;
  std::vector<std::string> validation_data;
  bool validate = false;
  std::string class_weight;
  std::optional<std::string> verbose;
  // callbacks and files
  std::string early_stopping, checkpoint, checkpoint_best, csv_log;
  std::string save;
  bool resume = false;
  bool json = false;

  void declare(Flags& flags);
  /// Throws ArgumentError for options that do not go together.
  void check() const;
};

// ---- train_model.cpp
/// The model to be trained, compiled and built for the data, and what to say about it.
struct TrainedModel {
  Model model = Sequential();
  std::string remarks;     // lines: the layers' input, the loss that was chosen
  int epochs_done = 0;     // of a run that is resumed
  bool resumed = false, stopped = false;
};
TrainedModel make_model(const TrainOptions& options, Data& data);

// ---- train_files.cpp
/// Throws IoError, before hours of training are lost, when a file of `bytes` cannot be written at `path`. Leaves nothing behind.
void check_writable(std::string_view option, const std::string& path, uint64_t bytes);
/// "m.keras" -> "m.interrupted.keras": where the weights go when an epoch was not finished.
std::string interrupted_path(const std::string& path);

// ---- train_callbacks.cpp
struct Callbacks {
  std::vector<Callback> list;
  bool keeps_tensors = false;  // they hold weights, which a backup cannot
};
Callbacks make_callbacks(const TrainOptions& options, bool validated);

}  // namespace cornu::app
