// An accepted archive gives members of the sizes it states.
#include <cstdlib>

#include "cornu/io/zip.h"
#include "targets.h"

using namespace cornu;

int zip_fuzz(const uint8_t* data, size_t size) {
  const ByteView archive = std::as_bytes(std::span(data, size));
  try {
    Budget budget({}, size);
    const ZipReader zip(archive, "fuzz", budget);
    Bytes scratch;
    for (const ZipMember& m : zip.members()) try {
        if (zip.read(m, scratch).size() != m.size) std::abort();
      } catch (const FormatError&) {
      }
  } catch (const FormatError&) {
  } catch (const UnsupportedError&) {
  }
  return 0;
}
