#include <algorithm>

#include "cornu/io/inflate.h"
#include "cornu/io/zip.h"
#include "cornu/io/zip_format.h"

namespace cornu {
using namespace zip;
namespace {

struct Written {
  std::string name;
  uint32_t crc;
  uint64_t size, offset;
};

/// The 26 bytes that local and central headers share, from "version needed" to "extra length".
void shared_header(Bytes& to, const Written& m, uint16_t version, uint32_t dos_time, uint64_t size_field, uint16_t extra_size) {
  const bool ascii = std::ranges::all_of(m.name, [](char c) { return static_cast<unsigned char>(c) < 128; });
  store_le<uint16_t>(to, version);
  store_le<uint16_t>(to, ascii ? 0 : flag_utf8);
  store_le<uint16_t>(to, method_stored);
  store_le<uint32_t>(to, dos_time);
  store_le<uint32_t>(to, m.crc);
  store_le<uint32_t>(to, static_cast<uint32_t>(size_field));
  store_le<uint32_t>(to, static_cast<uint32_t>(size_field));
  store_le<uint16_t>(to, static_cast<uint16_t>(m.name.size()));
  store_le<uint16_t>(to, extra_size);
}

void append(Bytes& to, ByteView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

/// The zip64 extra field with these numbers; nothing when there are none.
Bytes zip64_extra(std::initializer_list<uint64_t> numbers, bool wanted) {
  Bytes extra;
  if (!wanted) return extra;
  store_le<uint16_t>(extra, extra_zip64);
  store_le<uint16_t>(extra, static_cast<uint16_t>(8 * numbers.size()));
  for (const uint64_t n : numbers) store_le<uint64_t>(extra, n);
  return extra;
}

Bytes local_header(const Written& m, uint32_t dos_time) {
  const bool wide = m.size >= in_extra32;
  const Bytes extra = zip64_extra({m.size, m.size}, wide);
  Bytes header;
  store_le<uint32_t>(header, local_signature);
  shared_header(header, m, wide ? 45 : 20, dos_time, wide ? in_extra32 : m.size, static_cast<uint16_t>(extra.size()));
  append(header, view_of(m.name));
  append(header, extra);
  return header;
}

void central_header(Bytes& to, const Written& m, uint32_t dos_time) {
  const bool wide = m.size >= in_extra32 || m.offset >= in_extra32;
  const Bytes extra = zip64_extra({m.size, m.size, m.offset}, wide);
  const uint16_t version = wide ? 45 : 20;
  store_le<uint32_t>(to, central_signature);
  store_le<uint16_t>(to, static_cast<uint16_t>(3 << 8 | version));  // 3: unix, so that the attributes are a file mode
  shared_header(to, m, version, dos_time, wide ? in_extra32 : m.size, static_cast<uint16_t>(extra.size()));
  store_le<uint16_t>(to, 0);
  store_le<uint16_t>(to, 0);
  store_le<uint16_t>(to, 0);
  store_le<uint32_t>(to, uint32_t{0600} << 16);
  store_le<uint32_t>(to, wide ? in_extra32 : static_cast<uint32_t>(m.offset));
  append(to, view_of(m.name));
  append(to, extra);
}

void end_records(Bytes& to, uint64_t entries, uint64_t size, uint64_t offset) {
  if (entries >= in_extra16 || size >= in_extra32 || offset >= in_extra32) {
    store_le<uint32_t>(to, end64_signature);
    store_le<uint64_t>(to, end64_bytes - 12);
    store_le<uint16_t>(to, 45);
    store_le<uint16_t>(to, 45);
    store_le<uint64_t>(to, 0);  // both disk numbers
    for (const uint64_t n : {entries, entries, size, offset}) store_le<uint64_t>(to, n);
    store_le<uint32_t>(to, locator64_signature);
    store_le<uint32_t>(to, 0);
    store_le<uint64_t>(to, offset + size);
    store_le<uint32_t>(to, 1);
  }
  const auto narrow = [](uint64_t n, uint64_t most) { return std::min(n, most); };
  store_le<uint32_t>(to, end_signature);
  store_le<uint32_t>(to, 0);
  for (int i = 0; i < 2; ++i) store_le<uint16_t>(to, static_cast<uint16_t>(narrow(entries, in_extra16)));
  store_le<uint32_t>(to, static_cast<uint32_t>(narrow(size, in_extra32)));
  store_le<uint32_t>(to, static_cast<uint32_t>(narrow(offset, in_extra32)));
  store_le<uint16_t>(to, 0);
}

}  // namespace

Parts write_zip(std::vector<ZipInput> members, const ZipTime& time) {
  require(time.year >= 1980 && time.year <= 2107, "a zip cannot say the year ", time.year, "; it can be 1980 to 2107");
  const auto dos_time = static_cast<uint32_t>((time.year - 1980) << 25 | time.month << 21 | time.day << 16 | time.hour << 11 | time.minute << 5 | time.second / 2);
  Parts archive;
  std::vector<Written> written;
  for (ZipInput& member : members) {
    require(!member.name.empty() && member.name.size() < in_extra16, "a zip member's name has ", member.name.size(), " bytes; it can have 1 to 65534");
    uint32_t crc = 0;
    for (const ByteView piece : member.content.pieces()) crc = crc32(piece, crc);
    written.push_back({std::move(member.name), crc, member.content.size(), archive.size()});
    archive.add(local_header(written.back(), dos_time));
    archive.add(std::move(member.content));
  }
  const uint64_t offset = archive.size();
  Bytes directory;
  for (const Written& m : written) central_header(directory, m, dos_time);
  const uint64_t size = directory.size();
  end_records(directory, written.size(), size, offset);
  archive.add(std::move(directory));
  return archive;
}

}  // namespace cornu
