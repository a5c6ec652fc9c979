#include "cornu/runtime/arena.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace cornu {
namespace {
constexpr size_t huge_page = size_t{2} << 20;
constexpr size_t alignment_for(size_t bytes) { return bytes >= 2 * huge_page ? huge_page : 64; }
}  // namespace

void FreeArena::operator()(std::byte* memory) const { ::operator delete(memory, std::align_val_t{alignment_for(bytes)}); }

Arena make_arena(size_t bytes) {
  bytes += 64;  // kernels may read, never write, one line past the end of a buffer
  auto* memory = static_cast<std::byte*>(::operator new(bytes, std::align_val_t{alignment_for(bytes)}));
  if (bytes >= 2 * huge_page) madvise(memory, bytes, MADV_HUGEPAGE);  // before the first touch; a refusal costs only speed
  std::memset(memory, 0, bytes);
  return Arena(memory, FreeArena{bytes});
}

}  // namespace cornu
