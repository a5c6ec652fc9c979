// Writing files so that a crash never costs the old one, and appending to logs.
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>

#include "cornu/io/file.h"

namespace cornu {
namespace {

constexpr std::string_view old_is_intact = "The file that was there before is untouched.";

struct Target {
  std::string directory, name;
};

Target split(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

/// Where `path` leads when symbolic links in its last part are followed.
Target resolve(std::string path, Io& io) {
  const std::string given = path;
  for (int hops = 0; hops < 40; ++hops) {
    const Target target = split(path);
    require<IoError>(!target.name.empty() && target.name != "." && target.name != "..", "cannot write '", given, "': it names a directory");
    char link[4096];
    const ssize_t n = io.read_link(path.c_str(), link, sizeof link);
    if (n < 0 && (errno == EINVAL || errno == ENOENT)) return target;  // not a link, or not there yet
    if (n < 0) throw_io_error("write", given, old_is_intact);
    const std::string to(link, static_cast<size_t>(n));
    path = to.starts_with('/') ? to : target.directory + "/" + to;
  }
  errno = ELOOP;
  throw_io_error("write", given);
}

int open_retrying(Io& io, int dir, const char* name, int flags, mode_t mode) {
  int fd = -1;
  do fd = io.open_at(dir, name, flags, mode);
  while (fd < 0 && errno == EINTR);
  return fd;
}

/// The new file until it takes its place; unlinked when that does not come to pass.
class Temporary {
 public:
  Temporary(Io& io, int dir, const std::string& path) : io_(io), dir_(dir) {
    for (int attempt = 0; attempt < 1000; ++attempt) {
      name_ = text(".cornu-", getpid(), "-", attempt, ".tmp");
      fd_ = open_retrying(io, dir, name_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0666);
      if (fd_ >= 0) return;
      if (errno != EEXIST) break;  // EEXIST: of another thread, or left by a process that was killed
    }
    throw_io_error("create a file beside", path, "Check that its directory exists and may be written to.");
  }
  ~Temporary() {
    if (fd_ >= 0) io_.close(fd_);
    if (!placed_) io_.unlink_at(dir_, name_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  int fd() const { return fd_; }
  void close(const std::string& path) {
    // Linux has closed the file even when it says EINTR, and fsync has already vouched for the data.
    if (io_.close(std::exchange(fd_, -1)) != 0 && errno != EINTR) throw_io_error("close", path, old_is_intact);
  }
  void take_place_of(const std::string& name, const std::string& path) {
    if (io_.rename_at(dir_, name_.c_str(), name.c_str()) != 0) throw_io_error("replace", path, old_is_intact);
    placed_ = true;
  }

 private:
  Io& io_;
  int dir_;
  std::string name_;
  int fd_ = -1;
  bool placed_ = false;
};

/// Removes what processes that were killed while they saved have left in the directory. Best effort, and so apart from Io: a save
/// does not fail because this does. An hour of age spares files of processes that are alive on another machine or in another
/// container, whose numbers mean nothing here.
void remove_leftovers(int dir) {
  const int fd = ::openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* entries = fd < 0 ? nullptr : fdopendir(fd);
  if (!entries) {
    if (fd >= 0) ::close(fd);
    return;
  }
  while (const dirent* entry = readdir(entries)) {
    int process = 0, attempt = 0, length = 0;
    if (std::sscanf(entry->d_name, ".cornu-%d-%d.tmp%n", &process, &attempt, &length) != 2 || length == 0 || entry->d_name[length] != '\0') continue;
    struct stat info {};
    if (process <= 0 || ::kill(process, 0) == 0 || errno != ESRCH) continue;
    if (::fstatat(fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(info.st_mode) || std::time(nullptr) - info.st_mtime < 3600) continue;
    ::unlinkat(fd, entry->d_name, 0);
  }
  closedir(entries);
}

void check_space(Io& io, int dir, uint64_t size, const std::string& path) {
  struct statvfs disk {};
  if (io.stat_filesystem(dir, &disk) != 0) throw_io_error("examine the disk of", path, old_is_intact);
  if (disk.f_blocks == 0) return;  // a file system that does not count
  const double free = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize);
  require<IoError>(free >= 1.1 * static_cast<double>(size), "cannot write '", path, "': it needs ", size, " bytes, and 10% to spare, but the disk has ",
                   static_cast<uint64_t>(free), " free. Free some space or save elsewhere. ", old_is_intact);
}

/// Gives `fd` the mode and, where allowed, the owner of the file that it will replace.
void copy_rights(Io& io, int dir, const Target& target, int fd, const std::string& path) {
  const FileHandle old(io, open_retrying(io, dir, target.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC, 0));
  if (old.fd() < 0 && errno == ENOENT) return;
  struct stat was {}, is {};
  if (old.fd() < 0 || io.stat(old.fd(), &was) != 0 || io.stat(fd, &is) != 0) throw_io_error("examine", path, old_is_intact);
  require<IoError>(S_ISREG(was.st_mode), "cannot write '", path, "': it is ", S_ISDIR(was.st_mode) ? "a directory" : "not a regular file");
  if ((was.st_uid != is.st_uid || was.st_gid != is.st_gid) && io.change_owner(fd, was.st_uid, was.st_gid) != 0 && errno != EPERM)
    throw_io_error("keep the owner of", path, old_is_intact);
  if (io.change_mode(fd, was.st_mode & 07777) != 0) throw_io_error("keep the mode of", path, old_is_intact);
}

void write_all(Io& io, int fd, ByteView bytes, const std::string& path, std::string_view remedy) {
  while (!bytes.empty()) {
    const ssize_t n = io.write(fd, bytes.data(), std::min(bytes.size(), size_t{1} << 30));
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) errno = ENOSPC;  // POSIX names no other reason for a write of nothing
    if (n <= 0) throw_io_error("write", path, remedy);
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
}

}  // namespace

void write_file_atomically(const std::string& path, const Parts& parts, Io& io) {
  const Target target = resolve(path, io);
  const FileHandle dir(io, open_retrying(io, AT_FDCWD, target.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
  if (dir.fd() < 0) throw_io_error("open the directory of", path, "Create it first, or save elsewhere.");
  remove_leftovers(dir.fd());
  check_space(io, dir.fd(), parts.size(), path);
  Temporary file(io, dir.fd(), path);
  for (const ByteView piece : parts.pieces()) write_all(io, file.fd(), piece, path, old_is_intact);
  copy_rights(io, dir.fd(), target, file.fd(), path);
  // After a failed fsync the kernel may have dropped the data: a second one would succeed and prove nothing.
  if (io.fsync(file.fd()) != 0) throw_io_error("flush", path, old_is_intact);
  file.close(path);
  file.take_place_of(target.name, path);
  if (io.fsync(dir.fd()) != 0 && errno != EINVAL && errno != ENOTSUP)  // file systems that cannot flush a directory say so
    throw_io_error("flush the directory of", path, "The new file is in place, but a loss of power now might bring back the old one.");
}

void write_file_atomically(const std::string& path, ByteView bytes, Io& io) {
  Parts parts;
  parts.add_view(bytes);
  write_file_atomically(path, parts, io);
}

AppendFile::AppendFile(std::string path, Io& io)
    : path_(std::move(path)), io_(io), file_(io, open_retrying(io, AT_FDCWD, path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666)) {
  if (file_.fd() < 0) throw_io_error("open", path_);
  struct stat info {};
  if (io_.stat(file_.fd(), &info) != 0) throw_io_error("examine", path_);
  size_ = static_cast<uint64_t>(info.st_size);
}

void AppendFile::append(std::string_view text) {
  try {
    write_all(io_, file_.fd(), view_of(text), path_, "What was appended before is kept.");
  } catch (const IoError&) {
    // Best effort: when even this fails, the next append or truncate meets the same disk and says so.
    io_.truncate(file_.fd(), static_cast<off_t>(size_));
    throw;
  }
  size_ += text.size();
}

void AppendFile::truncate(uint64_t size) {
  require(size <= size_, "'", path_, "' has ", size_, " bytes and cannot be cut back to ", size,
          ". Was it replaced since the checkpoint was made? Move it away to start a new one.");
  if (io_.truncate(file_.fd(), static_cast<off_t>(size)) != 0) throw_io_error("truncate", path_);
  size_ = size;
}

void AppendFile::flush() {
  if (io_.fsync(file_.fd()) != 0) throw_io_error("flush", path_);
}

}  // namespace cornu
