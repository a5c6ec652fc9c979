// TensorBoard: what happens in training, for TensorBoard to show.
#pragma once
#include "cornu/callbacks/callback.h"

namespace cornu {

class EventFile;  // event_file.h

/// "epoch", "batch", or a number of batches.
class UpdateFrequency {
 public:
  UpdateFrequency() = default;
  /// Throws ArgumentError unless positive.
  UpdateFrequency(int batches);
  /// Throws ArgumentError unless "epoch" or "batch".
  UpdateFrequency(const char* name);
  bool is_epoch() const { return batches_ == 0; }
  int batches() const { return batches_; }

 private:
  int batches_ = 0;
};

/// Keras's files, under log_dir/train and log_dir/validation: epoch_loss, epoch_accuracy and the like by epoch, with
/// epoch_learning_rate; evaluation_loss_vs_iterations by the optimizer's steps; with update_freq batch_loss and the like after every
/// so many batches; with histogram_freq the distribution of each weight ("sequential/dense/kernel/histogram") after every so many
/// epochs; with write_graph the model's layers, as Keras describes them. Keras's write_images, profile_batch and embeddings_freq
/// are not there. Throws IoError, ArgumentError.
struct TensorBoard {
  std::string log_dir = "logs";
  int histogram_freq = 0;
  bool write_graph = true;
  bool write_steps_per_second = false;
  UpdateFrequency update_freq = {};

  void on_train_begin(Logs& logs, Training& training);
  void on_train_end(Logs& logs, Training& training);
  void on_epoch_begin(int epoch, Logs& logs, Training& training);
  void on_epoch_end(int epoch, Logs& logs, Training& training);
  void on_train_batch_begin(int batch, Logs& logs, Training& training);
  void on_train_batch_end(int batch, Logs& logs, Training& training);
  void on_test_end(Logs& logs, Training& training);
  BatchCalls batch_calls(Mode mode, const Training& training) const;

  // Of the run in progress.
  std::shared_ptr<EventFile> train_file = {}, validation_file = {};
  int64_t batches = 0, iterations_before = 0;
  double epoch_began = 0, batch_began = 0;

 private:
  EventFile& train();
  EventFile& validation();
};

}  // namespace cornu
