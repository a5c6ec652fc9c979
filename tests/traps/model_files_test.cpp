// Models of Keras's whose configuration was changed after they were saved: each loads, or is refused by one of cornu's errors, within
// the memory that its file may take. CORNU_LONG_TESTS=1 tries forty times as many.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "changes.h"
#include "cornu/io/file.h"
#include "cornu/io/json.h"
#include "cornu/io/zip.h"
#include "cornu/train/model.h"
#include "memory.h"
#include "tests/io/failing_io.h"
#include "trap.h"

using namespace cornu;

namespace {

struct SavedModel {
  std::string name;
  Config config;
  std::vector<std::pair<std::string, Bytes>> others;  // the archive's other members
};

SavedModel saved_model(const std::filesystem::path& path) {
  SavedModel saved{.name = path.filename().string()};
  const Bytes archive = read_file(path.string());
  Budget budget({}, archive.size());
  const ZipReader zip(archive, saved.name, budget);
  Bytes scratch;
  for (const ZipMember& m : zip.members()) {
    const ByteView bytes = zip.read(m, scratch);
    if (m.name == "config.json") saved.config = parse_json(text_of(bytes));
    else saved.others.emplace_back(m.name, Bytes(bytes.begin(), bytes.end()));
  }
  return saved;
}

std::vector<SavedModel> saved_models() {
  std::vector<std::filesystem::path> paths;
  for (const char* folder : {"fixtures", "whole_models"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(text(CORNU_SOURCE_DIR, "/tests/golden/", folder)))
      if (entry.path().extension() == ".keras" && entry.file_size() < 100'000) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<SavedModel> models;
  for (const auto& path : paths) models.push_back(saved_model(path));
  return models;
}

Bytes archive_of(const SavedModel& saved, const Config& config) {
  std::vector<ZipInput> members(1);
  members[0].name = "config.json";
  members[0].content.add(bytes_of_text(write_json(config)));
  for (const auto& [name, bytes] : saved.others) {
    members.emplace_back();
    members.back().name = name;
    members.back().content.add_view(bytes);
  }
  return write_zip(std::move(members)).joined();
}

/// What came of loading it, other than an error for whoever wrote the file; empty if all is well.
std::string mistake(const std::string& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  const MemoryWatch watch;
  try {
    const Model model = load_model(path);
    (void)model.summary_text();
  } catch (const InternalError& e) {
    return text("an error of cornu's own: ", e.what());
  } catch (const FormatError&) {
  } catch (const UnsupportedError&) {
  } catch (const std::exception& e) {
    return text("an error of another kind: ", e.what());
  }
  if (watch.most() > (size_t{64} << 20) + 4 * bytes.size()) return text(watch.most(), " bytes of memory");
  return {};
}

}  // namespace

TEST_CASE("a model file whose configuration says something else loads, or is refused for what it says") {
  const size_t each = std::getenv("CORNU_LONG_TESTS") ? 400 : 10;
  const TestFolder folder;
  const std::string path = (folder.path / "model.keras").string();
  std::mt19937 rng(6);
  size_t tried = 0;
  for (const SavedModel& saved : saved_models()) {
    CAPTURE(saved.name);
    CHECK(mistake(path, archive_of(saved, saved.config)) == "");
    std::vector<Place> places;
    append_places(places, saved.config);
    for (const Place& place : places)
      for (size_t way = 0; way < ways; ++way) {
        if (rng() % (places.size() * ways) >= each) continue;
        const Config config = changed_at(saved.config, place, [&](const Config& value) { return changed(value, saved.config, way); });
        const std::string wrong = mistake(path, archive_of(saved, config));
        ++tried;
        if (wrong.empty()) continue;
        CAPTURE(text(place, " changed in way ", way));
        CAPTURE(write_json(config));
        FAIL_CHECK(wrong);
      }
  }
  CHECK(tried > 200);
}
