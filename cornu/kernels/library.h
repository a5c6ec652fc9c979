// Shared libraries that are loaded when they are first asked for, and may be missing.
#pragma once

namespace cornu {

/// The function called `symbol` in a library, or null where either is missing. The library stays loaded; its symbols
/// are seen by nobody else. Safe to call from several threads.
void* library_function(const char* library, const char* symbol);

template <class Function> bool find_function(Function*& to, const char* library, const char* symbol) {
  to = reinterpret_cast<Function*>(library_function(library, symbol));
  return to != nullptr;
}

}  // namespace cornu
