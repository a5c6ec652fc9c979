#include "memory.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<size_t> live{0}, most{0};

void* counted_if_any(void* p) noexcept {
  const size_t now = live += p ? malloc_usable_size(p) : 0;
  if (now > most) most = now;
  return p;
}
void* counted(void* p) {
  if (!p) throw std::bad_alloc();
  return counted_if_any(p);
}
void uncounted(void* p) noexcept {
  if (p) live -= malloc_usable_size(p);
  std::free(p);
}

}  // namespace

void* operator new(size_t n) { return counted(std::malloc(n)); }
void* operator new[](size_t n) { return counted(std::malloc(n)); }
void* operator new(size_t n, std::align_val_t a) { return counted(std::aligned_alloc(static_cast<size_t>(a), (n + static_cast<size_t>(a) - 1) / static_cast<size_t>(a) * static_cast<size_t>(a))); }
void* operator new(size_t n, const std::nothrow_t&) noexcept { return counted_if_any(std::malloc(n)); }
void* operator new[](size_t n, const std::nothrow_t&) noexcept { return counted_if_any(std::malloc(n)); }
void operator delete(void* p) noexcept { uncounted(p); }
void operator delete[](void* p) noexcept { uncounted(p); }
void operator delete(void* p, size_t) noexcept { uncounted(p); }
void operator delete[](void* p, size_t) noexcept { uncounted(p); }
void operator delete(void* p, std::align_val_t) noexcept { uncounted(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { uncounted(p); }

MemoryWatch::MemoryWatch() : before_(live) { ::most = before_; }
size_t MemoryWatch::most() const { return ::most - before_; }
