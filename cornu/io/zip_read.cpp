#include <sys/stat.h>

#include <algorithm>
#include <numeric>

#include "cornu/io/inflate.h"
#include "cornu/io/json.h"
#include "cornu/io/zip.h"
#include "cornu/io/zip_format.h"

namespace cornu {
using namespace zip;

struct ZipReader::Directory {
  uint64_t offset, size, entries;
};

namespace {

/// "m.keras (4,208,706 bytes)"
std::string described(const std::string& name, uint64_t size) {
  std::string digits = std::to_string(size);
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return text(name, " (", digits, " bytes)");
}

/// Where the end-of-directory record stands: the one place where its comment ends with the file.
uint64_t find_end(ByteView archive, const std::string& name) {
  uint64_t found = UINT64_MAX;
  const uint64_t n = archive.size(), furthest = std::min<uint64_t>(n, end_bytes + 0xffff);
  for (uint64_t back = end_bytes; back <= furthest; ++back) {
    const ByteView here = archive.subspan(static_cast<size_t>(n - back));
    if (load_le<uint32_t>(here) != end_signature || load_le<uint16_t>(here.subspan(20)) != back - end_bytes) continue;
    require<FormatError>(found == UINT64_MAX, name, ": two zip end-of-directory records fit; the file may have been made to deceive");
    found = n - back;
  }
  require<FormatError>(found != UINT64_MAX, "no zip end-of-directory in ", described(name, n), "; save was interrupted?");
  return found;
}

void check_name(std::string_view member, const std::string& name, const LoadLimits& limits) {
  check_limit(member.size(), limits.name_bytes, "the length of a zip member's name", "name_bytes");
  const auto refuse = [&](std::string_view why) {
    throw UnsafeError(text(name, ": the member name '", printable(member), "' ", why));
  };
  require<FormatError>(!member.empty() && is_utf8(member), name, ": the member name '", printable(member), "' is empty or not UTF-8");
  for (const char c : member)
    if (static_cast<unsigned char>(c) < 32 || c == 127) refuse("has a control character");
  if (member.find('\\') != std::string_view::npos) refuse("has a backslash");
  if (member[0] == '/' || (member.size() > 1 && member[1] == ':')) refuse("is an absolute path");
  for (size_t start = 0; start <= member.size();) {
    const size_t slash = std::min(member.find('/', start), member.size());
    const std::string_view part = member.substr(start, slash - start);
    if (part == ".." || part == ".") refuse("climbs out of the archive");
    if (part.empty() && start != member.size()) refuse("has an empty part");
    start = slash + 1;
  }
}

/// Replaces each of `fields` that says "see the zip64 extra field" by the number there. They stand in this order.
void read_zip64(ByteView extra, std::initializer_list<uint64_t*> fields) {
  ByteReader reader(extra, "zip extra field");
  bool seen = false;
  while (reader.remaining() >= 4) {
    const uint16_t id = reader.u16();
    ByteReader field(reader.take(reader.u16()), "zip64 extra field");
    if (id != extra_zip64) continue;
    require<FormatError>(!seen, "zip64 extra field: given twice");
    seen = true;
    for (uint64_t* value : fields)
      if (*value == in_extra32) *value = field.u64();
  }
}

}  // namespace

ZipReader::ZipReader(ByteView archive, std::string name, Budget& budget) : archive_(archive), name_(std::move(name)), budget_(budget) {
  const Directory directory = find_directory();
  with_context(name_, [&] {
    check_limit(directory.entries, budget_.limits().zip_members, "the number of zip members", "zip_members");
    ByteReader reader = ByteReader(archive_, "zip").part(directory.offset, directory.size, "zip central directory");
    budget_.take_work(directory.size);
    require<FormatError>(directory.entries <= directory.size / central_bytes, "zip central directory: ", directory.entries, " entries cannot fit in ",
                         directory.size, " bytes");
    for (uint64_t i = 0; i < directory.entries; ++i) members_.push_back(read_entry(reader));
    require<FormatError>(reader.remaining() == 0, "zip central directory: ", reader.remaining(), " bytes follow the last of ",
                         directory.entries, " entries");

    std::vector<size_t> order(members_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return members_[a].name < members_[b].name; });
    for (size_t i = 1; i < order.size(); ++i)
      require<FormatError>(members_[order[i - 1]].name != members_[order[i]].name, "the zip member '", printable(members_[order[i]].name),
                           "' is given twice");
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return members_[a].data_offset < members_[b].data_offset; });
    for (size_t i = 0; i < order.size(); ++i) {
      const ZipMember& m = members_[order[i]];
      // The header before the next member's data, at the least, lies between them.
      const uint64_t end = i + 1 < order.size() ? members_[order[i + 1]].data_offset - local_bytes - members_[order[i + 1]].name.size()
                                                : directory.offset;
      require<FormatError>(m.data_offset <= end && m.stored_size <= end - m.data_offset, "the zip member '", printable(m.name), "' overlaps what follows it");
    }
  });
}

ZipReader::Directory ZipReader::find_directory() const {
  const uint64_t end = find_end(archive_, name_);
  return with_context(name_, [&] {
    ByteReader record = ByteReader(archive_, "zip").part(end, end_bytes, "zip end-of-directory");
    record.skip(4);
    const uint16_t disk = record.u16(), directory_disk = record.u16(), entries_here = record.u16(), entries = record.u16();
    Directory d{0, 0, entries};
    d.size = record.u32();
    d.offset = record.u32();
    uint64_t directory_end = end;
    const bool wide = end >= locator64_bytes && load_le<uint32_t>(archive_.subspan(static_cast<size_t>(end - locator64_bytes))) == locator64_signature;
    if (wide) {
      ByteReader locator = ByteReader(archive_, "zip").part(end - locator64_bytes, locator64_bytes, "zip64 locator");
      locator.skip(4);
      const uint32_t locator_disk = locator.u32();
      directory_end = locator.u64();
      require<UnsupportedError>(locator_disk == 0 && locator.u32() <= 1, "zip archives on several disks are not supported");
      require<FormatError>(directory_end <= end - locator64_bytes && end - locator64_bytes - directory_end == end64_bytes,
                           "zip64 end-of-directory: stands at the wrong place");
      ByteReader record64 = ByteReader(archive_, "zip").part(directory_end, end64_bytes, "zip64 end-of-directory");
      record64.expect("PK\x06\x06");
      require<FormatError>(record64.u64() == end64_bytes - 12, "zip64 end-of-directory: wrong size");
      record64.skip(4);
      require<UnsupportedError>(record64.u32() == 0 && record64.u32() == 0, "zip archives on several disks are not supported");
      const Directory d64{0, 0, record64.u64()};
      require<FormatError>(record64.u64() == d64.entries, "zip64 end-of-directory: the numbers of entries differ");
      const uint64_t size64 = record64.u64(), offset64 = record64.u64();
      const auto agree = [](uint64_t narrow, uint64_t all_ones, uint64_t wide_value) { return narrow == all_ones || narrow == wide_value; };
      require<FormatError>(agree(d.entries, in_extra16, d64.entries) && agree(d.size, in_extra32, size64) && agree(d.offset, in_extra32, offset64),
                           "zip and zip64 end-of-directory contradict each other");
      d = {offset64, size64, d64.entries};
    } else {
      require<UnsupportedError>(disk == 0 && directory_disk == 0, "zip archives on several disks are not supported");
      require<FormatError>(entries_here == entries, "zip end-of-directory: the numbers of entries differ");
    }
    require<FormatError>(checked_add(d.offset, d.size, "zip central directory") == directory_end, "zip central directory: ", d.size, " bytes at ", d.offset,
                         " do not end at byte ", directory_end, " where its end record is");
    return d;
  });
}

ZipMember ZipReader::read_entry(ByteReader& directory) const {
  directory.expect("PK\x01\x02");
  const uint16_t made_by = directory.u16();
  directory.skip(2);
  const uint16_t flags = directory.u16();
  ZipMember m;
  m.method = directory.u16();
  directory.skip(4);
  m.crc = directory.u32();
  m.stored_size = directory.u32();
  m.size = directory.u32();
  const uint16_t name_size = directory.u16(), extra_size = directory.u16(), comment_size = directory.u16();
  const uint16_t disk = directory.u16();
  directory.skip(2);
  const uint32_t attributes = directory.u32();
  uint64_t local_offset = directory.u32();
  const ByteView name = directory.take(name_size);
  read_zip64(directory.take(extra_size), {&m.size, &m.stored_size, &local_offset});
  directory.skip(comment_size);

  const LoadLimits& limits = budget_.limits();
  check_name(text_of(name), name_, limits);
  budget_.take_memory(2 * sizeof(ZipMember) + name_size, "the zip directory");
  m.name = text_of(name);
  const std::string shown = text("the zip member '", printable(m.name), "'");
  require<UnsupportedError>(!(flags & (flag_encrypted | flag_strong_encryption | flag_masked)), shown, " is encrypted. Decrypt the archive first.");
  require<UnsupportedError>(m.method == method_stored || m.method == method_deflate, shown, " is compressed by method ", m.method,
                            "; only stored (0) and deflate (8) are supported. Pack it again with those.");
  require<UnsupportedError>(disk == 0, "zip archives on several disks are not supported");
  require<UnsafeError>(!(made_by >> 8 == 3 && S_ISLNK(attributes >> 16)), shown, " is a symbolic link");
  require<FormatError>(m.method == method_deflate || m.size == m.stored_size, shown, " is stored, but states two sizes: ", m.size, " and ", m.stored_size);
  require<FormatError>(m.size <= checked_mul(m.stored_size, 1032, "a zip member's size") + 1032, shown, " states ", m.size, " bytes from ", m.stored_size,
                       ": more than deflate can hold");
  if (m.size > uint64_t{1} << 20)
    check_limit(m.size / std::max<uint64_t>(m.stored_size, 1), limits.compression_ratio, "the ratio of compression of " + shown, "compression_ratio");
  check_local_header(m, local_offset, flags, name);
  return m;
}

void ZipReader::check_local_header(ZipMember& m, uint64_t local_offset, uint16_t flags, ByteView name) const {
  ByteReader local = ByteReader(archive_, "zip").part(local_offset, local_bytes, "zip local header");
  budget_.take_work(local_bytes + name.size());
  local.expect("PK\x03\x04");
  local.skip(2);
  const uint16_t local_flags = local.u16(), method = local.u16();
  local.skip(4);
  const uint32_t crc = local.u32();
  uint64_t stored_size = local.u32(), size = local.u32();
  const uint16_t name_size = local.u16(), extra_size = local.u16();
  ByteReader rest = ByteReader(archive_, "zip").part(local_offset + local_bytes, uint64_t{name_size} + extra_size, "zip local header");
  const ByteView local_name = rest.take(name_size);
  read_zip64(rest.take(extra_size), {&size, &stored_size});
  m.data_offset = local_offset + local_bytes + name_size + extra_size;
  ByteReader(archive_, "zip").part(m.data_offset, m.stored_size, "a zip member");  // requires it to lie within

  const bool deferred = (flags & flag_descriptor) != 0;
  const auto agrees = [&](uint64_t here, uint64_t there) { return here == there || (deferred && here == 0); };
  require<FormatError>(std::ranges::equal(local_name, name) && method == m.method && local_flags == flags && agrees(crc, m.crc) && agrees(size, m.size) &&
                           agrees(stored_size, m.stored_size),
                       "the two headers of the zip member '", printable(m.name), "' contradict each other");
  if (!deferred) return;
  ByteReader descriptor = ByteReader(archive_, "zip").part(m.data_offset + m.stored_size, 8, "zip data descriptor");
  uint32_t first = descriptor.u32();
  if (first == 0x08074b50) first = descriptor.u32();  // the signature is optional
  require<FormatError>(first == m.crc, "the data descriptor of the zip member '", printable(m.name), "' contradicts its header");
}

const ZipMember* ZipReader::find(std::string_view name) const {
  const auto found = std::ranges::find(members_, name, &ZipMember::name);
  return found == members_.end() ? nullptr : &*found;
}

ByteView ZipReader::read(const ZipMember& member, Bytes& scratch) const {
  return with_context(text(name_, ": ", printable(member.name)), [&] {
    ByteView bytes = archive_.subspan(static_cast<size_t>(member.data_offset), static_cast<size_t>(member.stored_size));
    budget_.take_work(member.stored_size);
    if (member.method == method_deflate) {
      budget_.take_memory(member.size, "an inflated zip member");
      scratch = inflate(bytes, member.size, -15, budget_);
      bytes = scratch;
    }
    require<FormatError>(bytes.size() == member.size, "holds ", bytes.size(), " bytes, but states ", member.size);
    require<FormatError>(crc32(bytes) == member.crc, "the checksum is wrong: the file was damaged after it was saved. Use a backup.");
    return bytes;
  });
}

}  // namespace cornu
