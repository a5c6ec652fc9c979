// Texts from files, with their classes.
#pragma once
#include <string>

#include "cornu/data/byte_source.h"
#include "cornu/data/sequences.h"

namespace cornu {

/// Text i is of class labels[i], whose name is class_names[labels[i]].
struct LabelledTexts {
  std::vector<std::string> texts;
  std::vector<int64_t> labels;
  std::vector<std::string> class_names;

  size_t size() const { return texts.size(); }
  /// int64 [texts].
  Tensor targets() const;
};
std::pair<LabelledTexts, LabelledTexts> split_dataset(const LabelledTexts& texts, double left, const SplitOptions& options = {});

/// A whole file, unpacked if it is gzipped. Throws as ByteSource does, and LimitError beyond its memory limit.
std::string read_text(const std::string& path, const DataLimits& limits = {});
/// Whether the bytes are text in UTF-8.
bool is_utf8_text(std::string_view bytes);

/// The .txt files in the folders of `directory`, at any depth: a folder is a class, by its name; classes and files in alphabetical
/// order. Files that links point to are left out. Throws IoError when the directory cannot be read; ArgumentError when there
/// is no such file.
LabelledTexts text_dataset_from_directory(const std::string& directory, const DataLimits& limits = {});

}  // namespace cornu
