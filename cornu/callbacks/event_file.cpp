// Protocol buffers by hand: a field is its number and wire type, then a varint (0), eight bytes (1), or a length and bytes (2).
// Field numbers: tensorflow/core/util/event.proto, framework/summary.proto, tensor.proto, tensor_shape.proto, types.proto.
#include "cornu/callbacks/event_file.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <vector>

#include "cornu/base/error.h"

namespace cornu {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::array<uint32_t, 256> crc_table = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c >> 1) ^ ((c & 1) != 0 ? 0x82f63b78u : 0);
    table[i] = c;
  }
  return table;
}();

template <class T> std::string bytes_of(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

std::string varint(uint64_t v) {
  std::string out;
  for (; v >= 0x80; v >>= 7) out += static_cast<char>(v | 0x80);
  return out += static_cast<char>(v);
}
std::string number(int field, int64_t v) { return varint(static_cast<uint64_t>(field) << 3) + varint(static_cast<uint64_t>(v)); }
std::string bytes(int field, std::string_view v) { return (varint((static_cast<uint64_t>(field) << 3) | 2) + varint(v.size())).append(v); }

enum class Type { float32 = 1, float64 = 2, string = 7 };
std::string tensor(Type type, std::initializer_list<int64_t> shape) {
  std::string dims;
  for (const int64_t size : shape) dims += bytes(2, number(1, size));
  return number(1, static_cast<int>(type)) + bytes(2, dims);
}

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  uint32_t c = ~0u;
  for (const char b : bytes) c = (c >> 8) ^ crc_table[(c ^ static_cast<unsigned char>(b)) & 0xff];
  return ~c;
}

std::string tfrecord(std::string_view data) {
  const auto masked = [](std::string_view of) { return bytes_of(std::rotr(crc32c(of), 15) + 0xa282ead8u); };
  const std::string length = bytes_of(uint64_t{data.size()});
  return (length + masked(length)).append(data) + masked(data);
}

EventFile::EventFile(const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  require<IoError>(!failed, "cannot create the directory '", folder, "': ", failed.message());
  char host[256] = "localhost";
  gethostname(host, sizeof host - 1);
  for (int n = 0; path_.empty() || std::filesystem::exists(path_); ++n)
    path_ = cornu::text(folder, "/events.out.tfevents.", static_cast<int64_t>(now()), ".", static_cast<const char*>(host), ".", getpid(), ".", n, ".v2");
  file_ = std::make_unique<AppendFile>(path_);
  event(bytes(3, "brain.Event:2") + bytes(10, bytes(1, "cornu")));
  flush();
}

EventFile::~EventFile() {
  try {
    flush();
  } catch (const Error&) {  // whoever wants to know calls flush()
  }
}

void EventFile::flush() {
  if (waiting_.empty()) return;
  file_->append(waiting_);
  waiting_.clear();
}

void EventFile::event(std::string_view fields) {
  waiting_ += tfrecord((varint((1 << 3) | 1) + bytes_of(now())).append(fields));
  if (waiting_.size() > (1 << 16)) flush();
}

void EventFile::write(std::string_view tag, std::string_view plugin, std::string_view plugin_content, std::string_view tensor, int64_t step) {
  const std::string plugin_data = bytes(1, plugin) + (plugin_content.empty() ? "" : bytes(2, plugin_content));
  const std::string value = bytes(1, tag) + bytes(8, tensor) + bytes(9, bytes(1, plugin_data));
  event(number(2, step) + bytes(5, bytes(1, value)));
}

void EventFile::scalar(std::string_view tag, double value, int64_t step) {
  write(tag, "scalars", "", tensor(Type::float32, {}) + bytes(4, bytes_of(static_cast<float>(value))), step);
}

void EventFile::histogram(std::string_view tag, std::span<const double> values, int64_t step) {
  constexpr int buckets = 30;
  double low = 0, high = 0, number_of = 0;
  for (const double v : values) {
    if (!std::isfinite(v)) continue;
    low = number_of == 0 ? v : std::min(low, v);
    high = number_of == 0 ? v : std::max(high, v);
    ++number_of;
  }
  std::array<double, buckets> counts{};
  const double width = (high - low) / buckets;
  for (const double v : values)
    if (std::isfinite(v)) ++counts[width > 0 ? static_cast<size_t>(std::min(std::floor((v - low) / width), buckets - 1.0)) : buckets - 1];
  std::string rows;  // left edge, right edge, count
  for (int i = 0; i < buckets; ++i)
    for (const double x : {low + width * i, i == buckets - 1 ? high : low + width * (i + 1), counts[static_cast<size_t>(i)]}) rows += bytes_of(x);
  write(tag, "histograms", "", tensor(Type::float64, {buckets, 3}) + bytes(4, rows), step);
}

void EventFile::text(std::string_view tag, std::string_view plugin, std::string_view plugin_content, std::string_view content, int64_t step) {
  write(tag, plugin, plugin_content, tensor(Type::string, {}) + bytes(8, content), step);
}

}  // namespace cornu
