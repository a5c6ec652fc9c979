// Io's real calls, and reading.
#include "cornu/io/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "cornu/io/limits.h"

namespace cornu {

int Io::open_at(int dir, const char* path, int flags, mode_t mode) { return ::openat(dir, path, flags, mode); }
int Io::close(int fd) { return ::close(fd); }
ssize_t Io::pread(int fd, void* to, size_t n, off_t at) { return ::pread(fd, to, n, at); }
ssize_t Io::write(int fd, const void* from, size_t n) { return ::write(fd, from, n); }
int Io::fsync(int fd) { return ::fsync(fd); }
int Io::truncate(int fd, off_t size) { return ::ftruncate(fd, size); }
int Io::stat(int fd, struct stat* to) { return ::fstat(fd, to); }
int Io::stat_filesystem(int fd, struct statvfs* to) { return ::fstatvfs(fd, to); }
int Io::change_mode(int fd, mode_t mode) { return ::fchmod(fd, mode); }
int Io::change_owner(int fd, uid_t user, gid_t group) { return ::fchown(fd, user, group); }
ssize_t Io::read_link(const char* path, char* to, size_t n) { return ::readlink(path, to, n); }
int Io::rename_at(int dir, const char* from, const char* to) { return ::renameat(dir, from, dir, to); }
int Io::unlink_at(int dir, const char* path) { return ::unlinkat(dir, path, 0); }

Io& system_io() {
  static Io io;
  return io;
}

void Parts::add(Bytes bytes) {
  if (bytes.empty()) return;
  owned_.push_back(std::move(bytes));
  add_view(owned_.back());
}

void Parts::add_view(ByteView bytes, std::shared_ptr<const void> owner) {
  if (bytes.empty()) return;
  if (owner) owners_.push_back(std::move(owner));
  pieces_.push_back(bytes);
  size_ += bytes.size();
}

void Parts::add(Parts parts) {
  // Moving a Bytes keeps its memory where it is, so the views into it stay good.
  for (Bytes& bytes : parts.owned_) owned_.push_back(std::move(bytes));
  owners_.insert(owners_.end(), parts.owners_.begin(), parts.owners_.end());
  for (const ByteView piece : parts.pieces_) add_view(piece);
}

Bytes Parts::joined() const {
  Bytes all;
  all.reserve(static_cast<size_t>(size_));
  for (const ByteView piece : pieces_) all.insert(all.end(), piece.begin(), piece.end());
  return all;
}

void throw_io_error(std::string_view doing, const std::string& path, std::string_view remedy) {
  const int number = errno;
  throw IoError(text("cannot ", doing, " '", path, "': ", std::generic_category().message(number), remedy.empty() ? "" : ". ", remedy));
}

Bytes read_file(const std::string& path, uint64_t limit, Io& io) {
  int fd = -1;
  do {  // O_NONBLOCK: opening a pipe must not wait for its writer
    fd = io.open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) throw_io_error("open", path);
  const FileHandle file(io, fd);
  struct stat info {};
  if (io.stat(fd, &info) != 0) throw_io_error("examine", path);
  require<IoError>(S_ISREG(info.st_mode), "cannot read '", path, "': it is ", S_ISDIR(info.st_mode) ? "a directory" : "not a regular file");
  const auto size = static_cast<uint64_t>(info.st_size);
  check_limit(size, limit ? limit : half_of_memory(), text("the size of '", path, "'"), "file_bytes");
  Bytes bytes(static_cast<size_t>(size));
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t n = io.pread(fd, bytes.data() + done, std::min(bytes.size() - done, size_t{1} << 30), static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_io_error("read", path);
    require<IoError>(n > 0, "cannot read '", path, "': it was cut short to ", done, " bytes while being read");
    done += static_cast<size_t>(n);
  }
  return bytes;
}

}  // namespace cornu
