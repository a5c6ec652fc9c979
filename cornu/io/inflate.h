// Deflated bytes within limits.
#pragma once
#include "cornu/io/bytes.h"
#include "cornu/io/limits.h"

namespace cornu {

/// Inflates `packed` to at most `most` bytes; memory grows with what has been verified to be there. The ratio is held to the
/// limits; the caller has charged `most` bytes to the budget. `window_bits` as zlib's: -15 raw (zip), 15 zlib (HDF5), 31 gzip. Throws FormatError when the stream is damaged, is cut short,
/// gives more than `most`, or is followed by other bytes; LimitError beyond the limits.
Bytes inflate(ByteView packed, uint64_t most, int window_bits, Budget& budget);

/// CRC-32 as zip uses it, continued from `crc`.
uint32_t crc32(ByteView bytes, uint32_t crc = 0);

}  // namespace cornu
