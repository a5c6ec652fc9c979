// An IDX file is a tensor of the size that its header says, or an error.
#include "cornu/base/error.h"
#include "cornu/data/idx.h"
#include "memory_file.h"
#include "targets.h"

int idx_fuzz(const uint8_t* data, size_t size) {
  const MemoryFile file(data, size);
  try {
    const cornu::Tensor t = cornu::read_idx(file.path(), {.memory_bytes = 64 << 20});
    for (int64_t i = 0; i < t.size(); i += 97) (void)t.at(i);
  } catch (const cornu::FormatError&) {
  }
  return 0;
}
