// A .keras archive: opened, and every tensor read.
#include "cornu/io/keras_archive.h"
#include "targets.h"

using namespace cornu;

int archive_fuzz(const uint8_t* data, size_t size) {
  const ByteView bytes = std::as_bytes(std::span(data, size));
  try {
    const KerasArchive archive = parse_keras_archive({bytes.begin(), bytes.end()}, "fuzz");
    for (const auto& v : archive.weights.variables()) archive.weights.read(v.path);
  } catch (const FormatError&) {
  } catch (const UnsupportedError&) {
  }
  return 0;
}
