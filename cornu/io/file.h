// Files: every call to the system goes through Io, so that tests can make the k-th one fail.
#pragma once
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cornu/io/bytes.h"

namespace cornu {

/// The system calls that cornu's files need, with the system's own meaning: -1 and errno on failure.
struct Io {
  virtual ~Io() = default;
  virtual int open_at(int dir, const char* path, int flags, mode_t mode);
  virtual int close(int fd);
  virtual ssize_t pread(int fd, void* to, size_t n, off_t at);
  virtual ssize_t write(int fd, const void* from, size_t n);
  virtual int fsync(int fd);
  virtual int truncate(int fd, off_t size);
  virtual int stat(int fd, struct stat* to);
  virtual int stat_filesystem(int fd, struct statvfs* to);
  virtual int change_mode(int fd, mode_t mode);
  virtual int change_owner(int fd, uid_t user, gid_t group);
  virtual ssize_t read_link(const char* path, char* to, size_t n);
  virtual int rename_at(int dir, const char* from, const char* to);
  virtual int unlink_at(int dir, const char* path);
};
/// The real ones; has no state.
Io& system_io();

/// Bytes in several pieces, some owned and some viewed, so that a save need not copy its tensors.
class Parts {
 public:
  Parts() = default;
  Parts(Parts&&) = default;
  Parts& operator=(Parts&&) = default;
  Parts(const Parts&) = delete;  // a copy's views would be of the original
  Parts& operator=(const Parts&) = delete;

  void add(Bytes bytes);
  /// The viewed bytes must outlive the Parts, or be kept alive by `owner`.
  void add_view(ByteView bytes, std::shared_ptr<const void> owner = nullptr);
  void add(Parts parts);
  uint64_t size() const { return size_; }
  const std::vector<ByteView>& pieces() const { return pieces_; }
  Bytes joined() const;

 private:
  std::deque<Bytes> owned_;  // a deque never moves what it holds
  std::vector<std::shared_ptr<const void>> owners_;
  std::vector<ByteView> pieces_;
  uint64_t size_ = 0;
};

/// An open file, or directory, that closes itself.
class FileHandle {
 public:
  FileHandle(Io& io, int fd) : io_(io), fd_(fd) {}
  ~FileHandle() { if (fd_ >= 0) io_.close(fd_); }
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  int fd() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  Io& io_;
  int fd_;
};

/// Throws IoError: "cannot `doing` `path`: `errno's text`. `remedy`", from errno as it is now.
[[noreturn]] void throw_io_error(std::string_view doing, const std::string& path, std::string_view remedy = {});

/// The whole of a regular file, read by pread (a file cut short while it is read is an error, not a signal).
/// Throws IoError; LimitError when it is larger than `limit` bytes (0: half of the memory).
Bytes read_file(const std::string& path, uint64_t limit = 0, Io& io = system_io());

/// Replaces or creates `path` with `parts`, so that at every moment, also after a crash or a loss of power, the file is
/// either the old one, whole, or the new one, whole. When this returns, the new one is on the disk.
/// What a process that was killed while it saved left in the directory is removed when it is an hour old.
/// A symbolic link is followed and stays; mode and, where allowed, owner of a replaced file are kept.
/// Throws IoError, with the old file intact and nothing left behind; only when the last step fails (the directory cannot be
/// flushed) is the new file already in place, and the text says so.
void write_file_atomically(const std::string& path, const Parts& parts, Io& io = system_io());
void write_file_atomically(const std::string& path, ByteView bytes, Io& io = system_io());

/// A text file that only grows, such as a CSV log. A checkpoint records its size; resuming truncates to it.
class AppendFile {
 public:
  /// Opens or creates. Throws IoError.
  explicit AppendFile(std::string path, Io& io = system_io());
  uint64_t size() const { return size_; }
  /// All of `text` or, after an IoError, none of it.
  void append(std::string_view text);
  /// Forgets what follows byte `size`. Throws ArgumentError when the file is shorter.
  void truncate(uint64_t size);
  /// Returns once everything appended is on the disk.
  void flush();

 private:
  std::string path_;
  Io& io_;
  FileHandle file_;
  uint64_t size_ = 0;
};

}  // namespace cornu
