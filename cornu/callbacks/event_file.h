// Files that TensorBoard reads: records of TensorFlow's Event messages.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cornu/io/file.h"

namespace cornu {

/// Castagnoli's CRC-32, as iSCSI has it (RFC 3720, B.4).
uint32_t crc32c(std::string_view bytes);

/// A record of a TFRecord file: length (8 bytes), its masked CRC (4), the data, its masked CRC (4); little endian. The mask keeps
/// CRCs of data that hold CRCs apart: rotate right by 15, add 0xa282ead8.
std::string tfrecord(std::string_view data);

/// One file of events. What is written reaches the file by flush(), or when much has gathered.
class EventFile {
 public:
  /// Creates `folder`, and in it a file of a new name, as TensorFlow names them:
  /// "events.out.tfevents.<seconds>.<host>.<process>.<number>.v2". Throws IoError.
  explicit EventFile(const std::string& folder);
  EventFile(const EventFile&) = delete;
  ~EventFile();

  void scalar(std::string_view tag, double value, int64_t step);
  /// Of the values' distribution over 30 buckets of equal width between the least and the largest; all in the last bucket where
  /// these are one. Values that are no finite numbers are left out.
  void histogram(std::string_view tag, std::span<const double> values, int64_t step);
  /// A text for the plugin of that name.
  void text(std::string_view tag, std::string_view plugin, std::string_view plugin_content, std::string_view content, int64_t step);
  void flush();
  const std::string& path() const { return path_; }

 private:
  void write(std::string_view tag, std::string_view plugin, std::string_view plugin_content, std::string_view tensor, int64_t step);
  void event(std::string_view fields);

  std::string path_, waiting_;
  std::unique_ptr<AppendFile> file_;
};

}  // namespace cornu
