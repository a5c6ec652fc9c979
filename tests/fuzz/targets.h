// The targets: each takes any bytes as a file of its format, and ends. Errors of cornu's are what it expects; all else is a bug.
// replay_test.cpp gives them the corpus; libFuzzer looks for more (see CMakeLists.txt).
#pragma once
#include <cstddef>
#include <cstdint>

int archive_fuzz(const uint8_t* data, size_t size);
int csv_fuzz(const uint8_t* data, size_t size);
int hdf5_fuzz(const uint8_t* data, size_t size);
int idx_fuzz(const uint8_t* data, size_t size);
int json_fuzz(const uint8_t* data, size_t size);
int zip_fuzz(const uint8_t* data, size_t size);

#ifdef CORNU_FUZZ_TARGET  // the one that this program is of
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) { return CORNU_FUZZ_TARGET(data, size); }
#endif
