// How much memory a piece of code takes: operator new is counted in the whole program.
#pragma once
#include <cstddef>

/// From its beginning on; one at a time, in one thread.
class MemoryWatch {
 public:
  MemoryWatch();
  /// The most that was allocated at once since, above what there was at the beginning.
  size_t most() const;

 private:
  size_t before_;
};
