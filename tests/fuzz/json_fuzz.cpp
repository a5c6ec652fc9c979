// What parses must be written and parse again to the same text.
#include <cstdlib>

#include "cornu/io/bytes.h"
#include "cornu/io/json.h"
#include "targets.h"

using namespace cornu;

int json_fuzz(const uint8_t* data, size_t size) {
  try {
    const std::string once = write_json(parse_json({reinterpret_cast<const char*>(data), size}));
    if (write_json(parse_json(once)) != once) std::abort();
  } catch (const FormatError&) {
  }
  return 0;
}
