// The bytes of a file, in order, unpacked on the way if the file is gzipped.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace cornu {

/// What a data file may ask for; a file beyond these is a LimitError.
struct DataLimits {
  uint64_t memory_bytes = 0;         ///< for all numbers of one file; 0: half of the machine's memory
  uint64_t compression_ratio = 100;  ///< of a gzip file that unpacks to more than 1 MiB
};

class ByteSource {
 public:
  /// Opens a regular file; whether it is gzipped is told by its first bytes, not by its name.
  /// Throws IoError, naming the path.
  explicit ByteSource(std::string path, const DataLimits& limits = {});
  ~ByteSource();

  const std::string& path() const;
  bool is_gzip() const;
  /// Of the file as it lies on the disk.
  uint64_t file_bytes() const;
  uint64_t memory_limit() const;
  /// How many bytes `read` can give at most, from the size of the file: exact unless gzipped.
  uint64_t most_bytes() const;
  /// Bytes given so far.
  uint64_t position() const;

  /// The next bytes: `n` unless the end comes first. Several gzip members one after another are one stream.
  /// Throws IoError; FormatError for a gzip stream that is damaged, cut short or followed by other bytes; LimitError.
  size_t read(void* to, size_t n);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cornu
