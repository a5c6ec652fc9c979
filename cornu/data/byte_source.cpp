#include "cornu/data/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <vector>

#include "cornu/base/error.h"

namespace cornu {
namespace {

constexpr size_t chunk_bytes = size_t{1} << 18;
constexpr uint64_t deflate_ratio = 1032;  // no deflate stream grows more (zlib's technical notes)

[[noreturn]] void throw_io(const char* doing, const std::string& path) {
  const int why = errno;
  throw IoError(text("cannot ", doing, " '", printable(path), "': ", std::strerror(why)));
}

uint64_t half_of_memory() {
  return static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGE_SIZE)) / 2;
}

}  // namespace

struct ByteSource::State {
  std::string path;
  DataLimits limits;
  int fd = -1;
  uint64_t size = 0;                 // of the file
  uint64_t loaded = 0;               // from the file
  uint64_t given = 0;                // to the reader
  std::vector<unsigned char> chunk;  // [used, filled) is still to be given or inflated
  size_t used = 0, filled = 0;
  bool gzip = false;
  bool inflating = false;
  bool in_member = false;  // between the header and the end of a gzip member
  z_stream stream{};

  ~State() {
    if (inflating) inflateEnd(&stream);
    if (fd >= 0) ::close(fd);
  }

  void open() {
    // Without waiting: a FIFO that nobody writes to would never open.
    do fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    while (fd < 0 && errno == EINTR);
    if (fd < 0) throw_io("open", path);
    struct stat status {};
    if (::fstat(fd, &status) != 0) throw_io("look at", path);
    require<IoError>(S_ISREG(status.st_mode), "cannot read '", printable(path), "': it is ",
                     S_ISDIR(status.st_mode) ? "a directory" : "no regular file");
    size = static_cast<uint64_t>(status.st_size);
    chunk.resize(std::min<size_t>(chunk_bytes, static_cast<size_t>(size) + 1));
    load();
    gzip = filled >= 2 && chunk[0] == 0x1f && chunk[1] == 0x8b;
    if (gzip) {
      require<IoError>(inflateInit2(&stream, 15 + 16) == Z_OK, "no memory to unpack '", printable(path), "'");
      inflating = in_member = true;
    }
  }

  /// Fills an empty chunk; at the end of the file it stays empty. Reads no more than the size that the file had at first.
  void load() {
    used = filled = 0;
    const size_t wanted = static_cast<size_t>(std::min<uint64_t>(chunk.size(), size - loaded));
    while (filled < wanted) {
      const ssize_t n = ::pread(fd, chunk.data() + filled, wanted - filled, static_cast<off_t>(loaded));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw_io("read", path);
      require<FormatError>(n > 0, "'", printable(path), "' became shorter while it was read: ", loaded, " of ", size, " bytes");
      filled += static_cast<size_t>(n);
      loaded += static_cast<uint64_t>(n);
    }
  }

  size_t copy(unsigned char* to, size_t n) {
    size_t done = 0;
    while (done < n) {
      if (used == filled) load();
      if (used == filled) break;
      const size_t some = std::min(n - done, filled - used);
      std::memcpy(to + done, chunk.data() + used, some);
      used += some;
      done += some;
    }
    return done;
  }

  size_t unpack(unsigned char* to, size_t n) {
    size_t done = 0;
    while (done < n) {
      if (used == filled) load();
      if (used == filled) {
        require<FormatError>(!in_member, "'", printable(path), "' ends within its gzip stream, after ", size,
                             " bytes that unpack to ", given + done, ": the copy or download was interrupted? Fetch it again");
        break;
      }
      if (!in_member) {
        inflateReset(&stream);
        in_member = true;
      }
      stream.next_in = chunk.data() + used;
      stream.avail_in = static_cast<uInt>(filled - used);
      stream.next_out = to + done;
      stream.avail_out = static_cast<uInt>(std::min<size_t>(n - done, std::numeric_limits<uInt>::max()));
      const uInt room = stream.avail_out;
      const int status = inflate(&stream, Z_NO_FLUSH);
      used = filled - stream.avail_in;
      done += room - stream.avail_out;
      if (status == Z_STREAM_END)
        in_member = false;
      else
        require<FormatError>(status == Z_OK || (status == Z_BUF_ERROR && used == filled), "'", printable(path),
                             "' is damaged: its gzip stream is wrong near byte ", loaded - stream.avail_in, " (",
                             stream.msg ? stream.msg : "zlib gives no reason", "); fetch it again");
      const uint64_t total = given + done, packed = loaded - stream.avail_in;
      require<LimitError>(total <= uint64_t{1} << 20 || total / limits.compression_ratio <= packed, "'", printable(path),
                          "' unpacks to more than ", limits.compression_ratio, " times its size: ", total, " bytes from ", packed,
                          "; DataLimits::compression_ratio raises the limit");
    }
    return done;
  }
};

ByteSource::ByteSource(std::string path, const DataLimits& limits) : state_(std::make_unique<State>()) {
  state_->path = std::move(path);
  state_->limits = limits;
  if (state_->limits.memory_bytes == 0) state_->limits.memory_bytes = half_of_memory();
  state_->limits.compression_ratio = std::clamp<uint64_t>(limits.compression_ratio, 1, deflate_ratio);
  state_->open();
}
ByteSource::~ByteSource() = default;

const std::string& ByteSource::path() const { return state_->path; }
bool ByteSource::is_gzip() const { return state_->gzip; }
uint64_t ByteSource::file_bytes() const { return state_->size; }
uint64_t ByteSource::memory_limit() const { return state_->limits.memory_bytes; }
uint64_t ByteSource::position() const { return state_->given; }

uint64_t ByteSource::most_bytes() const {
  if (!state_->gzip) return state_->size;
  return std::max(uint64_t{1} << 20, state_->size * state_->limits.compression_ratio);
}

size_t ByteSource::read(void* to, size_t n) {
  auto* bytes = static_cast<unsigned char*>(to);
  const size_t done = state_->gzip ? state_->unpack(bytes, n) : state_->copy(bytes, n);
  state_->given += done;
  return done;
}

}  // namespace cornu
