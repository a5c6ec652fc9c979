#include "cornu/callbacks/backup_and_restore.h"

#include <filesystem>

#include "cornu/base/error.h"

namespace cornu {

std::string BackupAndRestore::path() const {
  require(!backup_dir.empty(), "BackupAndRestore: empty `backup_dir` argument passed; it is the folder for the backup");
  require<UnsupportedError>(save_freq == "epoch", "BackupAndRestore: save_freq is '", printable(save_freq), "'; backups are made after each epoch: leave it \"epoch\"");
  return (std::filesystem::path(backup_dir) / "latest.keras").string();
}

void BackupAndRestore::on_train_begin(Logs&, Training&) {
  path();
  std::error_code failed;
  std::filesystem::create_directories(backup_dir, failed);
  require<IoError>(!failed, "BackupAndRestore cannot create the directory '", backup_dir, "': ", failed.message());
  epochs_done = 0;
}

void BackupAndRestore::on_epoch_end(int epoch, Logs&, Training&) { epochs_done = epoch + 1; }

void BackupAndRestore::on_train_end(Logs&, Training& training) {
  if (!delete_checkpoint || (epochs_done < training.params().epochs && !training.stop_training)) return;
  std::error_code ignored;  // a backup that stays costs nothing but space
  std::filesystem::remove(path(), ignored);
  std::filesystem::remove(backup_dir, ignored);  // only if it is empty
}

}  // namespace cornu
