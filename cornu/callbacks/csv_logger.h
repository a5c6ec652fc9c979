// CSVLogger: one line of numbers per epoch in a file.
#pragma once
#include "cornu/callbacks/callback.h"

namespace cornu {

/// Keras's file: "epoch" (from 0) and the logs by name, val_ columns with NA when there is no validation, floats as
/// Python writes them, lines ended by \r\n. Each line is in the file before the next epoch begins. Throws IoError.
struct CSVLogger {
  std::string filename = {};
  std::string separator = ",";  // one character
  bool append = false;          // else the file starts anew

  std::vector<std::string> keys = {};  // the columns after "epoch", from the first epoch on

  void on_train_begin(Logs& logs, Training& training);
  void on_epoch_end(int epoch, Logs& logs, Training& training);
  /// The file's length, so that a resumed run drops lines of an epoch that it will do again.
  Config state() const;
  void set_state(const Config& state);

  int64_t offset = 0;
  bool resumed = false;
  bool header = true;  // still to be written
};

}  // namespace cornu
