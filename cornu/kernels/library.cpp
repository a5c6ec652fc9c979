#include "cornu/kernels/library.h"

#include <dlfcn.h>

namespace cornu {

void* library_function(const char* library, const char* symbol) {
  // dlopen counts its callers: asking again costs a look-up and loads nothing.
  void* handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  return handle ? dlsym(handle, symbol) : nullptr;
}

}  // namespace cornu
