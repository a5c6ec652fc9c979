// Whatever is read is written and read again, equal.
#include <cstdlib>
#include <cstring>

#include "cornu/io/hdf5_write.h"
#include "cornu/io/keras_archive.h"
#include "targets.h"

using namespace cornu;

int hdf5_fuzz(const uint8_t* data, size_t size) {
  const ByteView bytes = std::as_bytes(std::span(data, size));
  try {
    const SavedWeights first = parse_weights_file({bytes.begin(), bytes.end()}, "fuzz");
    Hdf5Writer writer;
    for (const auto& v : first.variables()) writer.add_dataset(v.path, first.read(v.path));
    const SavedWeights second = parse_weights_file(writer.finish().joined(), "fuzz again", {.memory_bytes = uint64_t{1} << 30});
    if (first.variables().size() != second.variables().size()) std::abort();
    for (const auto& v : first.variables()) {
      const Tensor a = first.read(v.path), b = second.read(v.path);
      if (a.dtype() != b.dtype() || a.shape() != b.shape() || (a.bytes() && std::memcmp(a.data(), b.data(), a.bytes()) != 0)) std::abort();
    }
  } catch (const FormatError&) {
  } catch (const UnsupportedError&) {
  }
  return 0;
}
