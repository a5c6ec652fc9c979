// Manual pages as a data set: real text in many languages, for which Debian has packages.
#pragma once
#include "cornu/data/text.h"

namespace cornu::datasets {

struct ManpagesOptions {
  /// Folders of /usr/share/man, and "en" for the pages without one: the classes, in this order.
  std::vector<std::string> languages = {"de", "en", "es", "fr", "it", "pl"};
  /// Where man1, de/man1, ... are. Without it, the folder man of the directory that the environment variable CORNU_DATA names, and
  /// without that /usr/share/man.
  std::string directory = "";
  size_t min_bytes = 100;        // of a paragraph; shorter ones are left out
  size_t max_pages = 400;        // of each language, the first by section and name
  size_t max_paragraphs = 20;    // of each page, the first: one long page (bash's, half of it untranslated) is no tenth of a language
  size_t test_every = 5;         // page 0, 5, ... goes to the test set: no page is in both
};

struct TextDataset {
  LabelledTexts train, test;
};

/// Paragraphs of manual pages and the language that each is written in. Pages that are not UTF-8 and those that only point to
/// another (.so) are left out; so are doubles of a paragraph. Throws IoError, naming the package to install, for a language
/// without pages.
TextDataset manpages(const ManpagesOptions& options = {});

}  // namespace cornu::datasets
