// Tables of numbers, with or without a label, from CSV files.
#pragma once
#include <string>
#include <vector>

#include "cornu/data/byte_source.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

struct CsvOptions {
  std::string label_column = "";  ///< its name; empty: every column is a feature
  char delimiter = ',';
  bool header = true;  ///< the first row names the columns; without one they are called "0", "1", ...
  std::vector<std::string> ignore_columns = {};
  DataLimits limits = {};
};

struct Csv {
  Tensor x;  ///< float32 [rows, features]
  /// Of the label column, [rows]: int64 when all are whole numbers, float32 when all are numbers, and otherwise int64 classes,
  /// numbered in the order of class_names. Without a label column: float32 [0].
  Tensor y;
  std::vector<std::string> feature_names;
  std::string label_name;                // empty without a label column
  std::vector<std::string> class_names;  // sorted; empty when labels are numbers
};

/// Reads a CSV file, gzipped or not; see CsvRows for what it may look like. Every feature must be a finite number that float32
/// can hold. Throws IoError; ArgumentError for a column that is not there; FormatError naming file, line and column, what was
/// found and what to do; LimitError.
Csv read_csv(const std::string& path, const CsvOptions& options = {});

}  // namespace cornu
