// Zeroed memory for a Program's intermediate values: aligned to cache lines, on huge pages where large.
#pragma once
#include <cstddef>
#include <memory>

namespace cornu {

struct FreeArena {
  size_t bytes = 0;
  void operator()(std::byte* memory) const;
};
using Arena = std::unique_ptr<std::byte[], FreeArena>;

Arena make_arena(size_t bytes);

}  // namespace cornu
