#include "cornu/data/text.h"

#include <algorithm>
#include <filesystem>

#include "cornu/base/error.h"

namespace cornu {

Tensor LabelledTexts::targets() const { return Tensor(Shape{static_cast<int64_t>(labels.size())}, labels); }

std::pair<LabelledTexts, LabelledTexts> split_dataset(const LabelledTexts& texts, double left, const SplitOptions& options) {
  require(texts.texts.size() == texts.labels.size(), "split_dataset: ", texts.texts.size(), " texts have ", texts.labels.size(), " labels");
  const auto [first, second] = split_rows(static_cast<int64_t>(texts.size()), left, options);
  const auto part = [&texts](const std::vector<int64_t>& rows) {
    LabelledTexts taken{.class_names = texts.class_names};
    for (const int64_t row : rows) {
      taken.texts.push_back(texts.texts[static_cast<size_t>(row)]);
      taken.labels.push_back(texts.labels[static_cast<size_t>(row)]);
    }
    return taken;
  };
  return {part(first), part(second)};
}

std::string read_text(const std::string& path, const DataLimits& limits) {
  ByteSource file(path, limits);
  std::string contents;
  constexpr size_t block = 1 << 16;
  for (size_t got = block; got == block;) {
    const size_t before = contents.size();
    require<LimitError>(before < file.memory_limit(), "'", printable(path), "' is longer than the limit of ", file.memory_limit(), " bytes (DataLimits::memory_bytes)");
    contents.resize(before + block);
    got = file.read(contents.data() + before, block);
    contents.resize(before + got);
  }
  return contents;
}

bool is_utf8_text(std::string_view s) {
  const auto byte = [&](size_t k) { return k < s.size() ? static_cast<unsigned char>(s[k]) : 0u; };
  for (size_t i = 0; i < s.size();) {
    const unsigned first = byte(i);
    const size_t more = first < 0x80 ? 0 : first >= 0xc2 && first <= 0xdf ? 1 : first >= 0xe0 && first <= 0xef ? 2 : first >= 0xf0 && first <= 0xf4 ? 3 : 9;
    if (more == 9) return false;
    for (size_t k = 1; k <= more; ++k)
      if ((byte(i + k) & 0xc0) != 0x80) return false;
    const unsigned second = byte(i + 1);  // too long a form, a surrogate, beyond U+10FFFF
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) || (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return false;
    i += more + 1;
  }
  return true;
}

LabelledTexts text_dataset_from_directory(const std::string& directory, const DataLimits& limits) {
  namespace fs = std::filesystem;
  LabelledTexts found;
  try {
    std::vector<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(directory))
      if (entry.is_directory() && !entry.is_symlink()) folders.push_back(entry.path());
    std::sort(folders.begin(), folders.end());
    for (const fs::path& folder : folders) {
      std::vector<fs::path> files;
      for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file() && !entry.is_symlink() && entry.path().extension() == ".txt") files.push_back(entry.path());
      std::sort(files.begin(), files.end());
      for (const fs::path& file : files) {
        found.texts.push_back(read_text(file, limits));
        found.labels.push_back(static_cast<int64_t>(found.class_names.size()));
      }
      found.class_names.push_back(folder.filename());
    }
  } catch (const fs::filesystem_error& e) {
    throw IoError(text("cannot read the directory '", printable(directory), "': ", e.code().message()));
  }
  require(!found.texts.empty(), "no .txt files in the folders of '", printable(directory), "'; it should hold one folder for each class");
  return found;
}

}  // namespace cornu
