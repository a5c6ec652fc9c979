// The data that a command is pointed at.
#pragma once
#include "cornu/app/command.h"
#include "cornu/data/datasets.h"
#include "cornu/train/model.h"

namespace cornu::app {

/// The options that say where samples come from.
struct DataOptions {
  std::string data, directory, x, y, csv, label;
  std::vector<std::string> ignore;
  std::optional<double> scale;

  void declare(Flags& flags);
  /// Whether any of them was given.
  bool given() const { return !data.empty() || !x.empty() || !y.empty() || !csv.empty(); }
};

/// Samples with, perhaps, labels.
struct Data {
  Tensor x;
  std::optional<Tensor> y;
  std::vector<std::string> classes;  // what the labels are called; may be empty
  std::string source;                // "fashion-mnist", or the file: for messages
};

enum class Part { train, test };

/// Reads it. Files have no parts: `part` is for --data. Throws ArgumentError for options that do not go together (`labels`: y is
/// wanted), IoError, FormatError.
Data load_data(const DataOptions& options, Part part, bool labels);
/// One CSV file, or an x and a y, as --validation-data names them, read as `options` says.
Data load_files(const std::vector<std::string>& files, const DataOptions& options);

/// Bytes as pixel / 255, unless the model scales by itself (has a Rescaling layer) or --scale says otherwise.
void scale_pixels(Data& data, const DataOptions& options, const std::vector<Layer>& layers);

/// Where the model tells classes apart: true when it ends in a softmax.
bool ends_in(const Model& model, std::string_view activation);

}  // namespace cornu::app
