// ModelCheckpoint: saves the model as training goes.
#pragma once
#include <variant>

#include "cornu/callbacks/callback.h"

namespace cornu {

/// "epoch", or a number of batches.
class SaveFrequency {
 public:
  SaveFrequency() = default;
  /// Throws ArgumentError unless positive.
  SaveFrequency(int batches);
  /// Throws ArgumentError unless "epoch".
  SaveFrequency(const char* name);
  bool is_epoch() const { return batches_ == 0; }
  int batches() const { return batches_; }

 private:
  int batches_ = 0;
};

/// `filepath` ends in .keras, or with save_weights_only in .weights.h5, and may hold {epoch:02d}, {val_loss:.2f} and the
/// like (path_template.h). Its directories are created. Options are checked in on_train_begin (ArgumentError).
struct ModelCheckpoint {
  std::string filepath = {};
  std::string monitor = "val_loss";
  int verbose = 0;
  bool save_best_only = false;
  bool save_weights_only = false;
  std::string mode = "auto";
  SaveFrequency save_freq = {};
  std::optional<double> initial_value_threshold = {};

  std::optional<double> best = {};  // the value of the model last saved as the best

  void on_train_begin(Logs& logs, Training& training);
  void on_epoch_begin(int epoch, Logs& logs, Training& training);
  void on_train_batch_end(int batch, Logs& logs, Training& training);
  void on_epoch_end(int epoch, Logs& logs, Training& training);
  BatchCalls batch_calls(Mode mode, const Training& training) const;
  Config state() const;
  void set_state(const Config& state);

  int current_epoch = 0;
  int batches_since_save = 0;
  bool begun = false, warned = false;

 private:
  bool should_save(int epoch, const Logs& logs, const std::string& path, Training& training);
  void save(int epoch, std::optional<int> batch, const Logs& logs, Training& training);
};

}  // namespace cornu
