// The corpus goes through the targets, whole and cut short: what fuzzing has found stays found. A target that fails ends the program.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "targets.h"

namespace {

constexpr struct {
  const char* format;
  int (*run)(const uint8_t*, size_t);
} targets[] = {{"archive", &archive_fuzz}, {"csv", &csv_fuzz}, {"hdf5", &hdf5_fuzz}, {"idx", &idx_fuzz}, {"json", &json_fuzz}, {"zip", &zip_fuzz}};

std::vector<uint8_t> bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return {text.begin(), text.end()};
}

}  // namespace

TEST_CASE("the corpus of every fuzz target is taken without harm") {
  for (const auto& target : targets) {
    size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(CORNU_SOURCE_DIR) + "/tests/fuzz/corpus/" + target.format)) {
      CAPTURE(entry.path().string());
      const std::vector<uint8_t> bytes = bytes_of(entry.path());
      CHECK(target.run(bytes.data(), bytes.size()) == 0);
      for (size_t part = 0; part < 32; ++part) {
        const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() * part / 32));  // a copy: reading on is seen
        CHECK(target.run(cut.data(), cut.size()) == 0);
      }
      ++files;
    }
    CAPTURE(target.format);
    CHECK(files > 0);
  }
}
