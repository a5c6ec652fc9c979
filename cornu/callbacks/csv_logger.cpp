#include "cornu/callbacks/csv_logger.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "cornu/base/error.h"
#include "cornu/base/fields.h"
#include "cornu/callbacks/numbers.h"

namespace cornu {
namespace {

/// csv.QUOTE_MINIMAL.
std::string quoted(const std::string& s, char separator) {
  if (s.find_first_of(std::string("\"\r\n") + separator) == std::string::npos) return s;
  std::string q = "\"";
  for (const char c : s) q += c == '"' ? "\"\"" : std::string(1, c);
  return q + '"';
}

/// Opened for each line and closed again: nothing is left in a buffer, whatever happens to the process.
void write(const std::string& filename, std::ios::openmode mode, const std::string& bytes) {
  errno = 0;
  std::ofstream file(filename, std::ios::binary | mode);
  if (file) file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  require<IoError>(!file.fail(), "CSVLogger cannot write '", filename, "': ", std::strerror(errno ? errno : EIO));
}

bool starts_with_a_line(const std::string& filename) {
  std::ifstream file(filename, std::ios::binary);
  return file.peek() != std::ifstream::traits_type::eof();
}

}  // namespace

void CSVLogger::on_train_begin(Logs&, Training&) {
  require(separator.size() == 1, "CSVLogger: the separator is '", printable(separator), "', but has to be one character");
  if (resumed) {
    resumed = false;
    std::error_code failed;
    const bool there = std::filesystem::exists(filename, failed);
    if (there && static_cast<int64_t>(std::filesystem::file_size(filename, failed)) > offset)
      std::filesystem::resize_file(filename, static_cast<uintmax_t>(offset), failed);
    require<IoError>(!failed, "CSVLogger cannot go on with '", filename, "': ", failed.message());
    if (there) return;
    header = true;  // somebody took the file away: what follows still gets its names
  } else {
    keys.clear();
    header = !(append && starts_with_a_line(filename));
  }
  write(filename, append ? std::ios::app : std::ios::trunc, "");
}

void CSVLogger::on_epoch_end(int epoch, Logs& logs, Training&) {
  if (keys.empty()) {
    for (const auto& [name, value] : logs) keys.push_back(name);
    std::sort(keys.begin(), keys.end());
    const bool validated = std::any_of(keys.begin(), keys.end(), [](const std::string& k) { return k.starts_with("val_"); });
    for (size_t i = 0, n = keys.size(); !validated && i < n; ++i) keys.push_back("val_" + keys[i]);
  }
  std::string lines;
  if (header) {
    lines = "epoch";
    for (const std::string& key : keys) lines += separator + quoted(key, separator[0]);
    lines += "\r\n";
  }
  lines += std::to_string(epoch);
  for (const std::string& key : keys) {
    const double* value = logs.find(key);
    lines += separator + (value ? float_repr(*value) : "NA");
  }
  write(filename, std::ios::app, lines + "\r\n");
  header = false;
  std::error_code ignored;
  offset = static_cast<int64_t>(std::filesystem::file_size(filename, ignored));
}

Config CSVLogger::state() const { return Config::Dict{{"offset", offset}, {"keys", to_config(keys)}, {"header", header}}; }

void CSVLogger::set_state(const Config& state) {
  offset = state["offset"].as_int();
  from_config(state["keys"], keys);
  header = state["header"].as_bool();
  resumed = true;
}

}  // namespace cornu
