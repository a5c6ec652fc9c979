#include "cornu/compiler/memory.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "cornu/base/error.h"

namespace cornu {

Memory::Memory(std::string_view name) {
  if (int64_t bytes = 0; !name.empty() && std::from_chars(name.data(), name.data() + name.size(), bytes).ptr == name.data() + name.size()) {
    *this = Memory(Kind::bytes, bytes);
    return;
  }
  constexpr std::string_view names[] = {"speed", "less", "least"};
  const auto* const found = std::find(std::begin(names), std::end(names), name);
  require(found != std::end(names), "memory is \"speed\", \"less\", \"least\" or a number of bytes; it was '", printable(name), "'", did_you_mean(name, names));
  kind_ = static_cast<Kind>(found - std::begin(names));
}

Memory::Memory(Kind kind, int64_t bytes) : kind_(kind), bytes_(bytes) {
  require(bytes > 0, "memory is \"speed\", \"less\", \"least\" or a positive number of bytes; it was ", bytes);
}

}  // namespace cornu
