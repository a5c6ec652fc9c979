#include "cornu/io/inflate.h"

#include <zlib.h>

#include <algorithm>

namespace cornu {

Bytes inflate(ByteView packed, uint64_t most, int window_bits, Budget& budget) {
  z_stream stream{};
  require<IoError>(inflateInit2(&stream, window_bits) == Z_OK, "zlib cannot start: out of memory");
  struct End {
    z_stream& s;
    ~End() { inflateEnd(&s); }
  } end{stream};
  const uint64_t free_of_ratio = uint64_t{1} << 20;
  Bytes out;
  size_t filled = 0, consumed = 0;
  for (int result = Z_OK; result != Z_STREAM_END;) {
    if (filled == out.size()) {
      require<FormatError>(filled <= most, "compressed data holds more than the ", most, " bytes it should");
      // One byte more than allowed: to tell a stream that ends there from one that goes on.
      const uint64_t next = std::min<uint64_t>(std::max<uint64_t>(2 * filled, 4096), most + 1);
      if (next > free_of_ratio)
        check_limit(filled / std::max<uint64_t>(consumed, 1), budget.limits().compression_ratio, "the ratio of compression", "compression_ratio");
      budget.take_work(next - filled);
      out.resize(static_cast<size_t>(next));
    }
    const size_t in = std::min<size_t>(packed.size() - consumed, size_t{1} << 30), room = std::min<size_t>(out.size() - filled, size_t{1} << 30);
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data() + consumed));
    stream.avail_in = static_cast<uInt>(in);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
    stream.avail_out = static_cast<uInt>(room);
    result = ::inflate(&stream, Z_NO_FLUSH);
    const size_t used = in - stream.avail_in, made = room - stream.avail_out;
    consumed += used;
    filled += made;
    require<FormatError>(result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR, "compressed data is damaged: ",
                         stream.msg ? stream.msg : "zlib cannot read it");
    require<FormatError>(result == Z_STREAM_END || used > 0 || made > 0, "compressed data is cut short after ", consumed, " bytes");
  }
  require<FormatError>(filled <= most, "compressed data holds more than the ", most, " bytes it should");
  require<FormatError>(consumed == packed.size(), "compressed data ends ", packed.size() - consumed, " bytes before its place does");
  out.resize(filled);
  return out;
}

uint32_t crc32(ByteView bytes, uint32_t crc) {
  return static_cast<uint32_t>(crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace cornu
