#include "cornu/data/manpages.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "cornu/base/error.h"
#include "cornu/data/roff.h"

namespace cornu::datasets {
namespace {

namespace fs = std::filesystem;

/// The pages of one language, by section and name; none where there is no such folder.
std::vector<fs::path> pages_in(const fs::path& folder, size_t most) {
  std::vector<fs::path> pages;
  std::error_code unreadable;  // counts as absent
  for (char section = '1'; section <= '8'; ++section) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder / (std::string("man") + section), unreadable))
      if (entry.is_regular_file(unreadable) && !entry.is_symlink(unreadable)) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    pages.insert(pages.end(), found.begin(), found.end());
  }
  pages.resize(std::min(pages.size(), most));
  return pages;
}

std::string package_of(const std::string& language) {
  if (language == "en") return "manpages";
  std::string package = "manpages-" + language;
  for (char& c : package) c = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return package;
}

}  // namespace

TextDataset manpages(const ManpagesOptions& options) {
  require(!options.languages.empty() && options.test_every > 1, "datasets::manpages takes languages, and a test_every above 1");
  std::string place = options.directory, from = "the directory asked for";
  if (const char* set = std::getenv("CORNU_DATA"); place.empty() && set && *set) place = fs::path(set) / "man", from = "from CORNU_DATA";
  if (place.empty()) place = "/usr/share/man", from = "where Debian's packages put them";
  TextDataset data;
  data.train.class_names = data.test.class_names = options.languages;
  for (size_t label = 0; label < options.languages.size(); ++label) {
    const std::string& language = options.languages[label];
    require(!language.empty() && language.find_first_of("/.") == std::string::npos, "datasets::manpages: '", printable(language), "' is no language");
    const std::vector<fs::path> pages = pages_in(language == "en" ? fs::path(place) : fs::path(place) / language, options.max_pages);
    std::set<std::string> seen;
    for (size_t page = 0; page < pages.size(); ++page) {
      const std::string source = read_text(pages[page]);
      if (!is_utf8_text(source)) continue;
      LabelledTexts& part = page % options.test_every == 0 ? data.test : data.train;
      size_t taken = 0;
      for (std::string& paragraph : roff_paragraphs(source)) {
        if (taken == options.max_paragraphs) break;
        if (paragraph.size() < options.min_bytes || !seen.insert(paragraph).second) continue;
        part.texts.push_back(std::move(paragraph));
        part.labels.push_back(static_cast<int64_t>(label));
        ++taken;
      }
    }
    require<IoError>(!seen.empty(), "manual pages: no text in '", printable(language), "' below '", printable(place), "' (", from, "). Install it with `apt-get install ", package_of(language),
                     "`, or set CORNU_DATA to the directory that holds man/", language == "en" ? "" : language + "/", "man1");
  }
  return data;
}

}  // namespace cornu::datasets
