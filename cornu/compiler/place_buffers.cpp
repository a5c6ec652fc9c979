#include <algorithm>
#include <numeric>

#include "cornu/compiler/plan.h"

namespace cornu {

std::vector<size_t> place_buffers(const std::vector<Lifetime>& lives, size_t& total) {
  constexpr size_t line = 64;
  std::vector<size_t> order(lives.size()), offset(lives.size(), 0);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return lives[a].bytes > lives[b].bytes; });
  std::vector<size_t> placed;  // by offset
  total = 0;
  for (const size_t i : order) {
    size_t at = 0;
    const size_t bytes = (lives[i].bytes + line - 1) / line * line;
    for (const size_t j : placed) {
      if (lives[j].first > lives[i].last || lives[i].first > lives[j].last) continue;
      if (at + bytes <= offset[j]) break;
      at = std::max(at, offset[j] + (lives[j].bytes + line - 1) / line * line);
    }
    offset[i] = at;
    total = std::max(total, at + bytes);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), i, [&](size_t a, size_t b) { return offset[a] < offset[b]; }), i);
  }
  return offset;
}

}  // namespace cornu
