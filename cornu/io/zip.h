// Zip archives, as .keras and .npz files are. Members are read in place and never become files.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cornu/io/bytes.h"
#include "cornu/io/file.h"
#include "cornu/io/limits.h"

namespace cornu {

struct ZipMember {
  std::string name;
  uint64_t size = 0;         ///< once inflated
  uint64_t stored_size = 0;
  uint32_t crc = 0;
  uint16_t method = 0;       ///< 0 stored, 8 deflate
  uint64_t data_offset = 0;  ///< from the start of the archive
};

/// Reads an archive whose bytes lie in memory.
class ZipReader {
 public:
  /// Checks the whole directory: both copies of every header agree, members neither overlap nor leave the file, names are
  /// plain relative paths and unique, sizes are within the limits. No member is inflated yet. `name` is the file's, for messages.
  /// Throws FormatError, LimitError, or UnsupportedError (encryption, several disks, methods other than stored and deflate).
  /// `archive` and `budget` must outlive the reader.
  ZipReader(ByteView archive, std::string name, Budget& budget);

  const std::vector<ZipMember>& members() const { return members_; }
  /// Null when there is none.
  const ZipMember* find(std::string_view name) const;
  /// The member's bytes, its checksum verified: a view of the archive when it is stored, else of `scratch`, filled by inflating.
  ByteView read(const ZipMember& member, Bytes& scratch) const;

 private:
  struct Directory;
  Directory find_directory() const;
  ZipMember read_entry(ByteReader& directory) const;
  void check_local_header(ZipMember& member, uint64_t local_offset, uint16_t flags, ByteView name) const;

  ByteView archive_;
  std::string name_;
  Budget& budget_;
  std::vector<ZipMember> members_;
};

/// What a zip calls a date: seconds are even, years 1980 to 2107.
struct ZipTime {
  int year = 1980, month = 1, day = 1, hour = 0, minute = 0, second = 0;
};

struct ZipInput {
  std::string name;
  Parts content;
};
/// An archive of stored members in the order given, laid out as Python's zipfile does. The result views the contents, which
/// it takes over.
Parts write_zip(std::vector<ZipInput> members, const ZipTime& time = {});

}  // namespace cornu
