// Every allocation of the program is counted, of operator new, of malloc, of libraries: glibc's entry points are replaced. For one
// file of a test program; where a sanitizer has put its own allocator in place, nothing is counted.
#pragma once
#include <cerrno>
#include <cstddef>

#include "tests/allocations.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
__attribute__((visibility("default"))) void* malloc(size_t n) { return ++cornu::testing::allocations, __libc_malloc(n); }
__attribute__((visibility("default"))) void* calloc(size_t n, size_t size) { return ++cornu::testing::allocations, __libc_calloc(n, size); }
__attribute__((visibility("default"))) void* realloc(void* p, size_t n) { return ++cornu::testing::allocations, __libc_realloc(p, n); }
__attribute__((visibility("default"))) void* memalign(size_t to, size_t n) { return ++cornu::testing::allocations, __libc_memalign(to, n); }
__attribute__((visibility("default"))) void* aligned_alloc(size_t to, size_t n) { return ++cornu::testing::allocations, __libc_memalign(to, n); }
__attribute__((visibility("default"))) int posix_memalign(void** p, size_t to, size_t n) {
  ++cornu::testing::allocations;
  *p = __libc_memalign(to, n);
  return *p ? 0 : ENOMEM;
}
}
#endif
