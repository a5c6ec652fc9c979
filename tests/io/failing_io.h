// An Io whose k-th call fails, and a folder to try it in.
#pragma once
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include "cornu/io/file.h"

struct FailingIo : cornu::Io {
  int fail_at = -1;  ///< which call fails, from 0; unlink and truncate, which undo, always succeed and are not counted
  int error = EIO;
  int calls = 0;
  int interrupt_every = 0;
  bool short_writes = false;
  long free_bytes = -1;
  std::string failed_call;
  std::vector<std::string> log;  ///< the calls so far

  bool fails(const char* name) {
    const int k = calls++;
    log.push_back(name);
    if (k != fail_at) return false;
    failed_call = name;
    errno = error;
    return true;
  }
  bool interrupted() {
    if (interrupt_every == 0 || ++interruptions_ % interrupt_every != 0) return false;
    errno = EINTR;
    return true;
  }

  int open_at(int dir, const char* path, int flags, mode_t mode) override {
    if (interrupted() || fails("open")) return -1;
    return Io::open_at(dir, path, flags, mode);
  }
  int close(int fd) override {
    const int result = Io::close(fd);  // Linux closes the file even when it reports an error
    return fails("close") ? -1 : result;
  }
  ssize_t pread(int fd, void* to, size_t n, off_t at) override { return interrupted() || fails("pread") ? -1 : Io::pread(fd, to, n, at); }
  ssize_t write(int fd, const void* from, size_t n) override {
    if (interrupted() || fails("write")) return -1;
    return Io::write(fd, from, short_writes ? std::min<size_t>(n, 1 + n / 3) : n);
  }
  int fsync(int fd) override {
    struct stat info {};
    Io::stat(fd, &info);
    return fails(S_ISDIR(info.st_mode) ? "fsync of the directory" : "fsync") ? -1 : Io::fsync(fd);
  }
  int stat(int fd, struct stat* to) override { return fails("stat") ? -1 : Io::stat(fd, to); }
  int stat_filesystem(int fd, struct statvfs* to) override {
    if (fails("statvfs")) return -1;
    const int result = Io::stat_filesystem(fd, to);
    if (free_bytes >= 0) to->f_bavail = static_cast<unsigned long>(free_bytes), to->f_frsize = 1;
    return result;
  }
  int change_mode(int fd, mode_t mode) override { return fails("chmod") ? -1 : Io::change_mode(fd, mode); }
  int change_owner(int fd, uid_t user, gid_t group) override { return fails("chown") ? -1 : Io::change_owner(fd, user, group); }
  ssize_t read_link(const char* path, char* to, size_t n) override { return fails("readlink") ? -1 : Io::read_link(path, to, n); }
  int rename_at(int dir, const char* from, const char* to) override { return fails("rename") ? -1 : Io::rename_at(dir, from, to); }

 private:
  int interruptions_ = 0;
};

/// A new folder that goes away with its content.
struct TestFolder {
  std::filesystem::path path;
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "cornu-test-XXXXXX").string();
    if (!mkdtemp(name.data())) throw cornu::IoError("cannot make a folder for tests");
    path = name;
  }
  ~TestFolder() { std::filesystem::remove_all(path); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(path)) all.push_back(entry.path().filename());
    std::sort(all.begin(), all.end());
    return all;
  }
};

inline size_t open_descriptors() {
  size_t n = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) n += !entry.path().empty();
  return n;
}
