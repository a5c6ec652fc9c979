// The numbers of the zip format (PKWARE's APPNOTE 6.3.10), for reader and writer.
#pragma once
#include <cstdint>

namespace cornu::zip {

inline constexpr uint32_t local_signature = 0x04034b50, central_signature = 0x02014b50, end_signature = 0x06054b50,
                          end64_signature = 0x06064b50, locator64_signature = 0x07064b50;
inline constexpr uint64_t local_bytes = 30, central_bytes = 46, end_bytes = 22, end64_bytes = 56, locator64_bytes = 20;
inline constexpr uint16_t flag_encrypted = 1, flag_descriptor = 8, flag_strong_encryption = 1 << 6, flag_utf8 = 1 << 11,
                          flag_masked = 1 << 13;
inline constexpr uint16_t method_stored = 0, method_deflate = 8;
inline constexpr uint16_t extra_zip64 = 1;
inline constexpr uint32_t in_extra32 = 0xffffffff;  // "see the zip64 extra field"
inline constexpr uint16_t in_extra16 = 0xffff;

}  // namespace cornu::zip
