// BackupAndRestore: a run that was cut off goes on where it was when it is started again.
#pragma once
#include "cornu/callbacks/callback.h"

namespace cornu {

/// After each epoch fit writes all that it takes to go on (FitOptions::backup, resume) to `backup_dir`/latest.keras, and begins
/// with what it finds there. The file is replaced in one step, so that a whole one is there at any time: Keras's double_checkpoint
/// has nothing to add. When the last epoch is done, or a callback has ended training, the file is deleted, with the folder if
/// nothing else is in it. Throws ArgumentError without a backup_dir; UnsupportedError for a save_freq in batches.
struct BackupAndRestore {
  std::string backup_dir = {};
  std::string save_freq = "epoch";
  bool delete_checkpoint = true;

  /// The file; checks the options.
  std::string path() const;
  void on_train_begin(Logs& logs, Training& training);
  void on_epoch_end(int epoch, Logs& logs, Training& training);
  void on_train_end(Logs& logs, Training& training);

  int epochs_done = 0;
};

}  // namespace cornu
