// Every trap gives its own kind of error, and takes no more memory than the promise of SECURITY.md.
#include <doctest/doctest.h>

#include <set>

#include "cornu/io/json.h"
#include "cornu/io/keras_archive.h"
#include "cornu/io/zip.h"
#include "memory.h"
#include "trap.h"

using namespace cornu;

namespace {

void read_all(const SavedWeights& weights) {
  for (const auto& v : weights.variables()) weights.read(v.path);
}

void open(const Trap& trap) {
  switch (trap.format) {
    case Format::json: parse_json(text_of(trap.bytes)); return;
    case Format::keras: read_all(parse_keras_archive(trap.bytes, "trap").weights); return;
    case Format::hdf5: read_all(parse_weights_file(trap.bytes, "trap")); return;
    case Format::zip: break;
  }
  Budget budget({}, trap.bytes.size());
  const ZipReader zip(trap.bytes, "trap", budget);
  Bytes scratch;
  for (const ZipMember& m : zip.members()) zip.read(m, scratch);
}

/// The kind of error that the trap gives, and its text.
std::pair<std::string, std::string> outcome(const Trap& trap) {
  try {
    open(trap);
  } catch (const LimitError& e) {
    return {"limit", e.what()};
  } catch (const UnsafeError& e) {
    return {"unsafe", e.what()};
  } catch (const FormatError& e) {
    return {"format", e.what()};
  } catch (const UnsupportedError& e) {
    return {"unsupported", e.what()};
  }
  return {"accepted", ""};
}

std::string name_of(Expect e) {
  constexpr const char* names[] = {"format", "limit", "unsafe", "unsupported"};
  return names[static_cast<int>(e)];
}

}  // namespace

TEST_CASE("every trap gives its kind of error within the memory that a load may take") {
  size_t count = 0;
  std::set<std::string> names;
  for (const auto& traps : {json_traps(), zip_traps(), hdf5_traps()}) {
    for (const Trap& trap : traps) {
      CAPTURE(trap.name);
      const MemoryWatch watch;
      const auto result = outcome(trap);  // clang 14 cannot capture structured bindings
      const auto& kind = result.first;
      const auto& message = result.second;
      CAPTURE(message);
      CHECK(kind == name_of(trap.expect));
      CHECK(watch.most() <= (64 << 20) + 4 * trap.bytes.size() + 65536);
      CHECK(message.size() < 1000);
      CHECK(names.insert(trap.name).second);
      ++count;
    }
  }
  CHECK(count >= 100);
}
